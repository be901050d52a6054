"""The journal of a run: one entry per action, and the few ways in which an entry changes.

`running` moves entries while the plan runs, `finishing` closes what is left.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from countersign.api.plan_status import ActionError, ActionStatus, Intent, PlanStatus
from countersign.core.moments import moment
from countersign.core.tally import touched
from countersign.core.wording import one_line
from countersign.model import instant

ON_THE_WAY = ("pending", "running", "waiting", "unknown")
NOT_RUN = {
    "NotReached": "An earlier action failed, so this one was not reached",
    "Cancelled": "The plan was cancelled before this action",
    "DependencyFailed": "An action that it depends on failed",
}
"""Reasons of entries that were skipped because the run ended before them."""

INCOMPLETE = "Incomplete"
"""Reason of an entry that failed because the run ended when a part of it was done."""
_CUT_OFF = {
    "NotReached": "another action failed before the rest",
    "Cancelled": "the plan was cancelled before the rest",
    "DependencyFailed": "an action that it depends on failed before the rest",
}

UNRESOLVED = "OutcomeUnknown"
"""Reason of an entry whose run ended before anybody could tell whether a call happened."""
PARTLY = "Partly"
"""Reason of an entry of which the next effects can begin, within the same attempt."""
SETTLING = "Settling"
"""Reason of an entry whose objects are written but not ready yet."""

_FIRST_PAUSE = timedelta(seconds=1)
_LONGEST_PAUSE = timedelta(minutes=1)


def progress(entries: Sequence[ActionStatus]) -> str:
    """How many of the actions are through; those that the run never came to are not."""
    return f"{sum(map(_through, entries))}/{len(entries)}"


def _through(entry: ActionStatus) -> bool:
    return entry.status in ("applied", "failed") or (entry.status == "skipped" and entry.reason not in NOT_RUN)


def with_entry(status: PlanStatus, index: int, entry: ActionStatus) -> PlanStatus:
    entries = [*status.actions[:index], entry, *status.actions[index + 1 :]]
    return status.but(actions=entries, progress=progress(entries))


def begun(entry: ActionStatus, *, now: datetime, call: int | None = None) -> ActionStatus:
    """`call` is the place of the call that is about to be made. The next part of an attempt is no attempt of its own."""
    attempts = entry.attempts + (entry.reason != PARTLY)
    return so_far(entry, call or 0).but(
        status="running",
        reason="",
        message="",
        attempts=attempts,
        intent=None if call is None else Intent(effect=call, attempt=attempts, at=instant.show(now)),
        started_at=entry.started_at or instant.show(now),
    )


def partly(entry: ActionStatus, done: int) -> ActionStatus:
    """So many of its effects are in place, and the next one can begin."""
    message = f"{done} of {len(entry.resource_refs)} effects are done"
    return so_far(entry, done).but(status="running", reason=PARTLY, message=message, intent=None)


def unsure(entry: ActionStatus, *, reason: str, message: str) -> ActionStatus:
    """Nobody knows whether the call that was intended happened."""
    return entry.but(status="unknown", reason=reason, message=one_line(message, limit=512))


def waiting(entry: ActionStatus, *, reason: str, message: str) -> ActionStatus:
    return entry.but(status="waiting", reason=reason, message=one_line(message, limit=512), intent=None)


def settling(entry: ActionStatus, *, message: str, now: datetime) -> ActionStatus:
    """Everything is written, by this turn or by an interrupted one, and not everything is ready."""
    return entry.but(
        status="waiting",
        reason=SETTLING,
        intent=None,
        message=one_line(message, limit=512),
        attempts=max(entry.attempts, 1),
        started_at=entry.started_at or instant.show(now),
    )


def patience(entry: ActionStatus, *, timeout: timedelta) -> datetime | None:
    """When what was written should be ready at the latest: after as much time as its attempts may have taken together."""
    begin = moment(entry.started_at)
    pauses = sum((_base(attempt) for attempt in range(entry.attempts)), timedelta())
    return begin and begin + timeout * entry.attempts + pauses


def so_far(entry: ActionStatus, done: int) -> ActionStatus:
    """At least so many of its effects are in place; what was done once stays counted."""
    return entry.but(effects_done=max(entry.effects_done or 0, done) or None)


def applied(entry: ActionStatus, *, now: datetime) -> ActionStatus:
    shown = instant.show(now)
    return entry.but(
        status="applied",
        reason="",
        message="",
        error=None,
        effects_done=None,
        intent=None,
        started_at=entry.started_at or shown,
        finished_at=shown,
    )


def failed(entry: ActionStatus, *, reason: str, message: str, now: datetime) -> ActionStatus:
    shown = instant.show(now)
    return entry.but(
        status="failed",
        reason=reason,
        message=one_line(message, limit=512),
        intent=None,
        error=ActionError(type=reason, message=one_line(message, limit=1024)),
        started_at=entry.started_at or shown,
        finished_at=shown,
    )


def closed(entry: ActionStatus, *, reason: str, now: datetime) -> ActionStatus:
    """An action that the run does not come to any more; what is through stays as it is, and half done is not undone."""
    if entry.status not in ON_THE_WAY:
        return entry
    if entry.intent is not None:
        return unsure(entry, reason=UNRESOLVED, message=_unresolved(entry, entry.intent))
    if touched(entry):
        so_many = f"{entry.effects_done} of {len(entry.resource_refs)} effects are done and stay"
        return failed(entry, reason=INCOMPLETE, message=f"{so_many}: {_CUT_OFF[reason]}", now=now)
    return entry.but(status="skipped", reason=reason, message=NOT_RUN[reason])


def _unresolved(entry: ActionStatus, intent: Intent) -> str:
    return (
        f"nobody could tell whether effect {intent.effect + 1} of {len(entry.resource_refs)} happened when the run ended: "
        "look there before anybody does it again"
    )


def pause(entry: ActionStatus, *, jitter: float) -> timedelta:
    """How long to wait after a failed attempt: twice as long each time, and not all at once."""
    return _base(entry.attempts - 1) * (0.5 + jitter)


def due(entry: ActionStatus) -> datetime | None:
    """Before this the next attempt would come too early, whatever woke the operator up; None: at any time.

    It follows from when the first attempt began, so that no event and no restart cuts the pauses short.
    """
    begin = moment(entry.started_at)
    if entry.status != "waiting" or entry.reason == SETTLING or begin is None:
        return None
    pauses = sum((_base(attempt) for attempt in range(min(entry.attempts, 20))), timedelta())
    return begin + pauses / 2


def _base(attempt: int) -> timedelta:
    pause: timedelta = _FIRST_PAUSE * 2 ** min(attempt, 10)
    return min(_LONGEST_PAUSE, pause)
