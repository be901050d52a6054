"""What a status write tells: pure comparisons of the status before and after, in one place for events and metrics.

Nothing is remembered, so whatever happened is told exactly when it is recorded, by whichever replica records it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from countersign.api.approval_status import Decision
from countersign.api.plan_status import ActionStatus, PlanStatus
from countersign.core.moments import latest, moment

ENDED = ("applied", "failed", "skipped", "invalid")
_REFUSED = ("Invalid", "Blocked", "Oversized")


@dataclass(frozen=True, slots=True)
class News:
    """One event about a plan. `action` is what the operator was doing, `reason` what came of it; both are CamelCase."""

    type: Literal["Normal", "Warning"]
    reason: str
    action: str
    note: str


def news(before: PlanStatus, after: PlanStatus) -> tuple[News, ...]:
    """In the order in which it happened."""
    return tuple(item for told in _TELLERS for item in told(before, after))


def decided(before: PlanStatus, after: PlanStatus) -> tuple[Decision, ...]:
    """The decisions that were recorded."""
    return tuple(after.approval.decisions[len(before.approval.decisions) :])


def ended(before: PlanStatus, after: PlanStatus) -> tuple[ActionStatus, ...]:
    """The actions of a run that came to their end."""
    if after.execution is None:
        return ()
    known = {entry.id: entry.status for entry in before.actions}
    return tuple(entry for entry in after.actions if entry.status in ENDED and known.get(entry.id) != entry.status)


def lasted(entry: ActionStatus) -> timedelta | None:
    """From the first attempt to the end; None for what never began."""
    began, finished = moment(entry.started_at), moment(entry.finished_at)
    return finished - began if began and finished else None


def waited(before: PlanStatus, after: PlanStatus) -> timedelta | None:
    """How long people took: from the moment the plan came to wait for them until enough had approved."""
    if before.reason not in ("AwaitingApproval", "PreviewChanged") or _truth(after, "Approved") != "True":
        return None
    began, approved = _latest(before), _latest(after)
    return approved - began if began and approved else None


def _validated(before: PlanStatus, after: PlanStatus) -> Iterator[News]:
    if _is_valid(after) and (not _is_valid(before) or before.spec_digest != after.spec_digest):
        yield News("Normal", "Validated", "Validate", f"The plan is valid, its risk is {after.max_risk or 'not known'}")
    if after.reason in _REFUSED and (before.reason != after.reason or before.message != after.message):
        yield News("Warning", "Invalid", "Validate", after.message)


def _published(before: PlanStatus, after: PlanStatus) -> Iterator[News]:
    if before.digest == after.digest and before.reason in (after.reason, "AwaitingApproval", "PreviewChanged"):
        return
    if after.reason == "PreviewChanged":
        yield News("Warning", "PreviewChanged", "Preview", after.message)
    elif after.reason == "AwaitingApproval":
        yield News("Normal", "ApprovalRequired", "Preview", after.message)


def _recorded(before: PlanStatus, after: PlanStatus) -> Iterator[News]:
    for decision in decided(before, after):
        if decision.counts:
            yield News("Normal", "DecisionRecorded", "Record", f"{decision.by}: {decision.outcome}")
        else:
            note = f"{decision.by}: {decision.outcome} does not count: {decision.why}"
            yield News("Warning", "DecisionIgnored", "Record", note)


def _broke_glass(before: PlanStatus, after: PlanStatus) -> Iterator[News]:
    """Told when the plan starts: until then the words may be taken back."""
    if _starts(before, after) and after.approval.broken_by:
        yield News("Warning", "BreakGlass", "Execute", f"The glass was broken by {', '.join(after.approval.broken_by)}")


def _ran(before: PlanStatus, after: PlanStatus) -> Iterator[News]:
    if after.execution is not None and _starts(before, after):
        yield News("Normal", "Started", "Execute", f"Publication {after.execution.publication} has started")
    for entry in ended(before, after):
        if entry.status == "failed":
            why = entry.error.message if entry.error else entry.message
            yield News("Warning", "ActionFailed", "Execute", f"{entry.id}: {why}")
    if before.phase == after.phase:
        return
    if after.phase == "Executed":
        yield News("Normal", "Executed", "Execute", after.message)
    elif after.phase == "Failed":
        yield News("Warning", "Failed", "Execute", after.message)


def _guarded(before: PlanStatus, after: PlanStatus) -> Iterator[News]:
    lost, was_lost = after.reason == "GuardMissing", before.reason == "GuardMissing"
    if lost and not was_lost:
        yield News("Warning", "GuardLost", "Guard", after.message)
    if was_lost and not lost:
        yield News("Normal", "GuardRestored", "Guard", "The admission policies are trusted again for this plan")


_TELLERS: tuple[Callable[[PlanStatus, PlanStatus], Iterator[News]], ...] = (
    _guarded,
    _validated,
    _recorded,
    _published,
    _broke_glass,
    _ran,
)


def _starts(before: PlanStatus, after: PlanStatus) -> bool:
    started, running = before.execution, after.execution
    return running is not None and (started is None or started.digest != running.digest)


def _is_valid(status: PlanStatus) -> bool:
    return status.validation is not None and status.validation.valid


def _truth(status: PlanStatus, kind: str) -> str:
    return next((condition.status for condition in status.conditions if condition.type == kind), "")


def _latest(status: PlanStatus) -> datetime | None:
    """When the truth of a condition changed for the last time."""
    return latest(item.last_transition_time for item in status.conditions)
