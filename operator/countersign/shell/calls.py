"""Calls to the world outside of the cluster: who makes them is put in from outside, by the kind of call.

`act` lets them be made and `look` asks what became of them. No action type of the registry makes calls yet, so the operator knows
no caller, and an effect that needs one is refused at its preview.
"""

from dataclasses import dataclass
from typing import Protocol

from countersign.core.steps import Done, Failure, Unsure
from countersign.model.effect import Call, ResourceKind, Target
from countersign.model.facts import Occurrence

_OK = range(200, 300)
_REFUSED = range(300, 500)
_NOT_NOW = (429, 503)
_NOT_KNOWN = (408,)


@dataclass(frozen=True, slots=True)
class Request:
    """`account` is the executor it is made for. `key` names the call; whoever is called should do nothing twice for one key."""

    account: str
    call: Call
    key: str


class Caller(Protocol):
    """Makes calls of one kind. Both raise nothing that they foresee: what cannot be known is an answer, too."""

    async def call(self, request: Request) -> Done | Failure | Unsure:
        """Once. A failure says that nothing happened."""

    async def outcome(self, request: Request) -> Occurrence:
        """Whether the call with this key happened; `request` is what would have been sent."""


@dataclass(frozen=True, slots=True)
class Callers:
    """Who makes the calls of each kind."""

    known: tuple[tuple[ResourceKind, Caller], ...] = ()

    def find(self, kind: ResourceKind) -> Caller | None:
        return dict(self.known).get(kind)


NOBODY = Callers()


def nobody(target: Target) -> str:
    return f"nobody here makes calls of kind {target.kind.kind}: have the platform team register a caller for it"


def answered(target: Target, code: int) -> Done | Failure | Unsure:
    """What an HTTP status says about a request that changes something."""
    message = f"{target} was answered with {code}"
    if code in _OK:
        return Done()
    if code in _NOT_NOW:
        return Failure("Unavailable", message, passing=True)
    if code in _REFUSED and code not in _NOT_KNOWN:
        return Failure("Refused", message, passing=False)
    return Unsure("OutcomeUnknown", f"{message}, which does not say whether it happened")
