"""Which line of which policy decided what is asked of approvers. Takes the combined policies and what came of it, gives names.

For people who ask why: nothing is decided by it, and no part of it is in the digest.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from countersign.core.policies.policy import Policy
from countersign.model import duration
from countersign.model.risk import Level

DEFAULT = "default"
"""The line where no policy has one."""
Asks = Literal["gate", "quorum", "expiry", "breakGlass"]


@dataclass(frozen=True, slots=True)
class Line:
    """`line` is a path below the spec of the policy."""

    asks: Asks
    policy: str
    line: str


def gate_lines(policies: Sequence[Policy], level: Level, gate: str) -> Iterator[Line]:
    """A level that is left out is blocked, and each is at least as closed as those below it."""
    for policy in policies:
        by_risk = policy.spec.by_risk
        found = next((name for name in _down_from(level) if (getattr(by_risk, name) or "blocked") == gate), None)
        if found is not None:
            left_out = "" if getattr(by_risk, found) else " (left out)"
            yield Line("gate", policy.name, f"byRisk.{found}{left_out}")


def quorum_lines(policies: Sequence[Policy], level: Level, required: int) -> Iterator[Line]:
    found = [
        Line("quorum", policy.name, f"quorum.{name}")
        for policy in policies
        for name in [name for name in _down_from(level) if getattr(policy.spec.quorum, name) == required][:1]
    ]
    yield from found or [Line("quorum", "", DEFAULT)]


def expiry_lines(policies: Sequence[Policy], seconds: float) -> Iterator[Line]:
    found = [
        Line("expiry", policy.name, "expiresAfter")
        for policy in policies
        if policy.spec.expires_after and duration.parse(policy.spec.expires_after).total_seconds() == seconds
    ]
    yield from found or [Line("expiry", "", DEFAULT)]


def _down_from(level: Level) -> Iterator[str]:
    return (lower.value for lower in sorted(Level, reverse=True) if lower <= level)
