"""Whether what was done may have been done, decided without a line of the operator's code.

A `Book` is what people did to one plan, as the API server accepted it, and which digest of it they were shown. An `Effect` is a
write of the executor that the audit log knows of. `grants` says what a book allows an effect to be, if it allows it at all.
Whenever a request was on its way the book believes what speaks for the operator, so what it does not allow is wrong for certain.
"""

from dataclasses import dataclass, field
from typing import Any

Spec = dict[str, Any]
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
    """The plan's content as somebody left it."""

    at: float
    who: str
    spec: Spec


@dataclass(frozen=True, kw_only=True)
class Effect:
    at: float
    action: str
    resource: str
    name: str


@dataclass
class Book:
    """`required` people have to agree; with an action of an id in `closed` a plan does nothing, whoever agrees."""

    required: int
    closed: frozenset[str] = frozenset()
    shown: list[Shown] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    written: list[Written] = field(default_factory=list)
    idle: list[tuple[float, str]] = field(default_factory=list)
    """When it was seen that nothing had started under which digest."""

    def wrote(self, who: str, spec: Spec, *, at: float) -> None:
        """What only says when a plan may run is nobody's content."""
        content = covered(spec)
        if not self.written or self.written[-1].spec != content:
            self.written.append(Written(at=at, who=who, spec=content))

    def saw(self, digest: str, spec: Spec, *, at: float) -> None:
        if not self.shown or self.shown[-1].digest != digest:
            self.shown.append(Shown(at=at, digest=digest, spec=covered(spec)))

    def say(self, who: str, outcome: str, digest: str, *, sent: float, answered: float) -> None:
        self.said.append(Said(sent=sent, answered=answered, who=who, outcome=outcome, digest=digest))


def covered(spec: Spec) -> Spec:
    """What an approval is about."""
    return {key: value for key, value in spec.items() if key not in _FREE}


def grants(book: Book, effect: Effect) -> str | None:
    """The idempotency key under which the effect was approved; None if nobody approved it."""
    shown = next((one for one in reversed(book.shown) if one.at <= effect.at), None)
    if shown is None or _content(book, effect.at) != shown.spec:
        return None
    action = next((one for one in shown.spec["actions"] if one["id"] == effect.action), None)
    if action is None or action["params"]["name"] != effect.name:
        return None
    if any(one["id"] in book.closed for one in shown.spec["actions"]):
        return None
    return action["idempotencyKey"] if _agreed(book, shown, effect.at) else None


def _content(book: Book, moment: float) -> Spec | None:
    return next((one.spec for one in reversed(book.written) if one.at <= moment), None)


def _agreed(book: Book, shown: Shown, moment: float) -> bool:
    """Somewhen between the last look at which nothing had started and the effect, enough people stood behind it."""
    words = [word for word in book.said if word.digest == shown.digest]
    since = max((at for at, digest in book.idle if digest == shown.digest and at <= moment), default=shown.at)
    moments = [since, *(word.since for word in words if since < word.since <= moment)]
    return any(_stands(book, words, at) for at in moments)


def _stands(book: Book, words: list[Said], moment: float) -> bool:
    last: dict[str, str] = {}
    for word in words:
        # Who holds a plan up goes on doing so until taking that back, whatever else is said.
        if word.since <= moment and (last.get(word.who) not in ("reject", "revise") or word.outcome != "approve"):
            last[word.who] = word.outcome
    authors = {one.who for one in book.written if one.at <= moment}
    behind = {who for who, outcome in last.items() if outcome == "approve"} - authors
    return len(behind) >= book.required and not {"reject", "revise"} & set(last.values())
