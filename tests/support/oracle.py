"""Whether what was done may have been done, decided without a line of the operator's code.

A `Book` (tests/support/book.py) is what people did to one plan and what they were shown of it, an `Effect` a write of the executor
that the audit log knows of. `grants` says what a book allows an effect to be, if it allows it at all. Somewhen between the last
look at which nothing had started and the effect there must have been a moment at which the plan was allowed to start.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.support.book import Book, Said, Shown, Spec
from tests.support.may_write import may_write

_UNDER_WAY = 2.0
"""Seconds for which an operator may not have heard yet that a plan is gone."""


@dataclass(frozen=True, kw_only=True)
class Effect:
    at: float
    action: str
    resource: str
    name: str


def grants(book: Book, effect: Effect) -> str | None:
    """The idempotency key under which the effect was approved; None if nobody approved it."""
    if effect.at > book.gone + _UNDER_WAY:
        return None
    for spec in book.contents(effect.at):
        action = next((one for one in spec["actions"] if one["id"] == effect.action), None)
        if action and may_write(action, effect.resource, effect.name) and _may_run(book, spec, effect.at):
            return str(action["idempotencyKey"])
    return None


def _may_run(book: Book, spec: Spec, moment: float) -> bool:
    ids = {one["id"] for one in spec["actions"]}
    if ids & book.closed:
        return False
    shown = next((one for one in reversed(book.shown) if one.at <= moment), None)
    agreed = shown is not None and shown.spec == spec and _agreed(book, shown, moment)
    return agreed or (ids <= book.free and _by_itself(book, spec, moment))


def _agreed(book: Book, shown: Shown, moment: float) -> bool:
    """Enough people stood behind this digest when it could start."""
    idle = [at for at, digest in book.idle if at <= moment and digest == shown.digest]
    words = [word for word in book.said if word.digest == shown.digest]
    moments = _moments(book, max([shown.at, *idle]), moment, [word.since for word in words])
    return any(_in_time(book, shown, at) and _stands(book, words, at) for at in moments)


def _by_itself(book: Book, spec: Spec, moment: float) -> bool:
    """What needs nobody could start."""
    idle = [at for at, _ in book.idle if at <= moment]
    return any(True for _ in _moments(book, max([book.said_so_since(spec, moment), *idle]), moment))


def _moments(book: Book, since: float, until: float, said: Iterable[float] = ()) -> Iterator[float]:
    """At which it may have started: what shuts is over at the first of them, or at one at which something opened."""
    opened = (*said, *book.resumed(), *(ends for _, ends in book.lapses))
    return (at for at in (since, *opened) if since <= at <= until and book.could_start(at))


def _in_time(book: Book, shown: Shown, moment: float) -> bool:
    """It was published at the latest when it could be read."""
    return book.lasts is None or moment <= shown.at + book.lasts


def _stands(book: Book, words: list[Said], moment: float) -> bool:
    last: dict[str, str] = {}
    for word in words:
        # Who holds a plan up goes on doing so until taking that back, whatever else is said.
        if word.since <= moment and (last.get(word.who) not in ("reject", "revise") or word.outcome != "approve"):
            last[word.who] = word.outcome
    authors = {one.who for one in book.written if one.answered <= moment}
    behind = {who for who, outcome in last.items() if outcome == "approve"} - authors
    return len(behind) >= book.required and not {"reject", "revise"} & set(last.values())
