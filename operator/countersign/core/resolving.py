"""A call whose result nobody recorded: the operator was killed, or the answer was lost. Asks the other side what became of it.

Comes before everything else in a run: what happened is done, what did not may be tried again, and as long as nobody can tell, the
action is `unknown` and nothing is repeated. Takes candidates of `running`, gives what is known by now, or doubts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from countersign.core import journal
from countersign.core.absorbing import absorb, with_entry
from countersign.core.attempting import Candidate
from countersign.core.calls import call_key
from countersign.core.moments import moment
from countersign.core.questions import AskObject, AskOutcome
from countersign.core.snapshot import Snapshot
from countersign.core.steps import Failure, Look, Note
from countersign.model import instant
from countersign.model.effect import Call
from countersign.model.facts import CannotTell, Happened, NotHappened, Unavailable

_FIRST_PAUSE = timedelta(seconds=2)
_LONGEST_PAUSE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Nobody knows yet. It is asked again at `until`; `passing`: then it will be known, if anybody can tell."""

    item: Candidate
    reason: str
    message: str
    until: datetime
    passing: bool = False


def resolve(snapshot: Snapshot, unresolved: Sequence[Candidate]) -> Look | Note | tuple[Snapshot, tuple[Doubt, ...]]:
    """Asks about all of them, goes on with what is known, and at the end gives what nobody knows."""
    asked = tuple(dict.fromkeys(question for item in unresolved for question in _open(snapshot, item)))
    if asked:
        return Look(asked)
    doubts: list[Doubt] = []
    for item in unresolved:
        found = _resolve(snapshot, item)
        if isinstance(found, Snapshot):
            return Note(found)
        doubts.append(found)
    for doubt in doubts:
        snapshot = _noted(snapshot, doubt)
    return snapshot, tuple(doubts)


def _open(snapshot: Snapshot, item: Candidate) -> tuple[AskObject | AskOutcome, ...]:
    """An action may have to see its world before it can say whom it called."""
    question = _question(snapshot, item)
    if question is not None and question not in snapshot.answers:
        return (question,)
    return item.projected.unknown


def _resolve(snapshot: Snapshot, item: Candidate) -> Snapshot | Doubt:
    """What is known goes into the journal. Everything was answered."""
    question = _question(snapshot, item)
    if question is None:
        why = "what the action looks at cannot be read, so nobody can be asked whether its call happened"
        return _doubt(snapshot, item, "OutcomeUnavailable", why)
    answer = snapshot.outcome(question)
    assert answer is not None  # noqa: S101  # `_open` has been asked
    match answer:
        case Happened():
            return with_entry(snapshot, item.index, journal.partly(item.entry, question.place + 1))
        case NotHappened() if question.late:
            return _undone(snapshot, item, question.call)
        case NotHappened():
            ends = _late(snapshot, item)
            message = f"{question.call.target} has not happened so far, but a request may still be under way until {instant.show(ends)}"
            return Doubt(item, "OutcomeAwaited", message, until=ends, passing=True)
        case CannotTell(message=why):
            message = (
                f"nobody can tell whether {question.call.target} happened: {why}; find out there, or set spec.cancel"
            )
            return _doubt(snapshot, item, "OutcomeUnknown", message)
        case Unavailable(message=why):
            message = f"whether {question.call.target} happened could not be asked and will be asked again: {why}"
            return _doubt(snapshot, item, "OutcomeUnavailable", message)
    assert_never(answer)


def _noted(snapshot: Snapshot, doubt: Doubt) -> Snapshot:
    entry = journal.unsure(doubt.item.entry, reason=doubt.reason, message=doubt.message)
    return with_entry(snapshot, doubt.item.index, entry)


def _question(snapshot: Snapshot, item: Candidate) -> AskOutcome | None:
    """None when the action has no effects at the moment, or is not one that made a call there."""
    intent = item.entry.intent
    if intent is None or intent.effect >= len(item.previews):
        return None
    preview = item.previews[intent.effect]
    if not isinstance(preview.effect, Call):
        return None
    key = call_key(preview.tracking, intent.effect)
    late = snapshot.now >= _late(snapshot, item)
    return AskOutcome(item.account, preview.effect, key, place=intent.effect, late=late)


def _late(snapshot: Snapshot, item: Candidate) -> datetime:
    """When no request can be under way any more: after the time that the attempt had, and as much again for the other side."""
    begin = _begin(snapshot, item)
    return begin + 2 * item.timeout


def _begin(snapshot: Snapshot, item: Candidate) -> datetime:
    intent = item.entry.intent
    return (intent and moment(intent.at)) or snapshot.now


def _undone(snapshot: Snapshot, item: Candidate, call: Call) -> Snapshot:
    """It counts as a failed attempt, whether the operator was killed or the request was lost."""
    failure = Failure("NotCarriedOut", f"{call.target} did not happen", passing=True)
    return absorb(snapshot, item.attempt(), failure)


def _doubt(snapshot: Snapshot, item: Candidate, reason: str, message: str) -> Doubt:
    """Asked again after a pause that grows with the time that it is unknown already."""
    passed = snapshot.now - _begin(snapshot, item)
    pause = min(_LONGEST_PAUSE, max(_FIRST_PAUSE, passed)) * (0.5 + snapshot.jitter)
    return Doubt(item, reason, message, until=snapshot.now + pause)
