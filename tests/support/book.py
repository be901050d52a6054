"""What people did to one plan, as the API server accepted it, and which digest of it they were shown: what the oracle goes by.

Whenever a request was on its way the book believes what speaks for the operator, so what the oracle does not allow is wrong
for certain: what opens counts from when it was sent, what shuts from when it was answered.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf
from typing import Any

Spec = dict[str, Any]
Span = tuple[float, float]
_FREE = ("suspend", "cancel")


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A digest that could be read, with the plan that it stood for."""

    at: float
    digest: str
    spec: Spec


@dataclass(frozen=True, kw_only=True)
class Said:
    """A decision that the API server admitted: it counts for a plan from when it was sent, against it from when it was answered."""

    sent: float
    answered: float
    who: str
    outcome: str
    digest: str

    @property
    def since(self) -> float:
        return self.sent if self.outcome == "approve" else self.answered


@dataclass(frozen=True, kw_only=True)
class Written:
    """The plan's content as somebody left it, and whether it was told not to start."""

    sent: float
    answered: float
    who: str
    spec: Spec
    held: bool

    @property
    def since(self) -> float:
        return self.answered if self.held else self.sent


@dataclass
class Book:
    """`required` people have to agree; with an action of an id in `closed` a plan does nothing, whoever agrees.

    A plan of nothing but actions in `free` needs nobody. An approval is good for `lasts` seconds from when its digest was shown.
    In `lapses` the admission policies were certainly not whole.
    """

    required: int
    closed: frozenset[str] = frozenset()
    free: frozenset[str] = frozenset()
    lasts: float | None = None
    lapses: list[Span] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    written: list[Written] = field(default_factory=list)
    idle: list[tuple[float, str]] = field(default_factory=list)
    """When it was seen that nothing had started under which digest."""
    tainted: float = inf
    """When its content was changed during a lapse, so that nobody knows by whom."""
    gone: float = inf

    def wrote(self, who: str, spec: Spec, *, sent: float, answered: float) -> bool:
        """Whether it is another content. What only says when a plan may run is nobody's content, and has no author."""
        held = any(spec.get(name, False) for name in _FREE)
        last = self.written[-1] if self.written else None
        content = covered(spec)
        changed = last is None or last.spec != content
        author = who if changed or last is None else last.who
        self.written.append(Written(sent=sent, answered=answered, who=author, spec=content, held=held))
        return changed

    def saw(self, digest: str, spec: Spec, *, at: float) -> None:
        if not self.shown or self.shown[-1].digest != digest:
            self.shown.append(Shown(at=at, digest=digest, spec=covered(spec)))

    def say(self, who: str, outcome: str, digest: str, *, sent: float, answered: float) -> None:
        self.said.append(Said(sent=sent, answered=answered, who=who, outcome=outcome, digest=digest))

    def contents(self, moment: float) -> Iterator[Spec]:
        """What the plan said then: what was accepted last, or what was just on its way."""
        before = [one for one in self.written if one.answered <= moment]
        yield from (one.spec for one in before[-1:])
        yield from (one.spec for one in self.written if one.sent <= moment < one.answered)

    def said_so_since(self, spec: Spec, moment: float) -> float:
        """When somebody wrote this content, which nobody changed until then."""
        since = moment
        for one in reversed([one for one in self.written if one.sent <= moment]):
            if one.spec == spec:
                since = one.sent
            elif since < moment:
                break
        return since

    def resumed(self) -> Iterator[float]:
        """When somebody let it start."""
        return (one.since for one in self.written if not one.held)

    def could_start(self, moment: float) -> bool:
        """As far as it is not a matter of agreement."""
        held = next((one.held for one in reversed(self.written) if one.since <= moment), False)
        lapsed = any(begin < moment < end for begin, end in self.lapses)
        return not held and not lapsed and moment < self.tainted


def covered(spec: Spec) -> Spec:
    """What an approval is about."""
    return {key: value for key, value in spec.items() if key not in _FREE}
