"""What an attempt came to, written into the journal."""

from dataclasses import replace
from typing import assert_never

from countersign.api.plan_status import ActionStatus
from countersign.core import journal
from countersign.core.draft import parse
from countersign.core.snapshot import Snapshot
from countersign.core.steps import Attempt, Changed, Done, Failure, Result, Unsure


def absorb(snapshot: Snapshot, attempt: Attempt, result: Result) -> Snapshot:
    """The attempt is over: what was known about the objects it wrote is known no more."""
    snapshot = replace(snapshot, in_flight=snapshot.in_flight - {attempt.action}).forgetting(attempt.targets)
    actions = snapshot.plan.status.actions
    index = next(index for index, entry in enumerate(actions) if entry.id == attempt.action)
    if isinstance(result, Changed):
        found = with_entry(snapshot, index, journal.so_far(actions[index], result.done))
        return replace(found, interrupted=snapshot.interrupted or result.message)
    entry = _after(snapshot, index, attempt, result)
    if entry.status == "waiting" and entry.reason != journal.SETTLING:
        until = snapshot.now + journal.pause(entry, jitter=snapshot.jitter)
        snapshot = replace(snapshot, pauses={**snapshot.pauses, entry.id: until})
    return with_entry(snapshot, index, entry)


def with_entry(snapshot: Snapshot, index: int, entry: ActionStatus) -> Snapshot:
    return snapshot.with_status(journal.with_entry(snapshot.plan.status, index, entry))


def _after(snapshot: Snapshot, index: int, attempt: Attempt, result: Done | Failure | Unsure) -> ActionStatus:
    entry = snapshot.plan.status.actions[index]
    match result:
        case Done():
            return _done(snapshot, entry, attempt)
        case Unsure(reason=reason, message=message):
            return journal.unsure(entry, reason=reason, message=message)
        case Failure():
            return _failed(snapshot, index, result)
    assert_never(result)


def _done(snapshot: Snapshot, entry: ActionStatus, attempt: Attempt) -> ActionStatus:
    if attempt.more:
        return journal.partly(entry, attempt.writes[-1].place + 1)
    if attempt.awaits:
        return journal.settling(entry, message="written, and waiting until it is ready", now=snapshot.now)
    return journal.applied(entry, now=snapshot.now)


def _failed(snapshot: Snapshot, index: int, result: Failure) -> ActionStatus:
    entry = snapshot.plan.status.actions[index]
    entry = journal.so_far(entry, result.done)
    if result.passing and entry.attempts <= parse(snapshot.plan).actions[index].retries:
        message = f"attempt {entry.attempts} failed and will be repeated: {result.message}"
        return journal.waiting(entry, reason=result.reason, message=message)
    return journal.failed(entry, reason=result.reason, message=result.message, now=snapshot.now)
