"""Running: a plan whose approval was consumed. Takes the journal, gives the next action, checked against what was approved.

Nothing here recomputes what may be done: each effect must still have the digest that the start recorded. After a crash the
same question finds the effect already in place and moves on.
"""

from dataclasses import dataclass
from datetime import timedelta

from countersign.api.plan_status import ActionError, ActionStatus, PlanStatus
from countersign.core.decisions import record
from countersign.core.draft import Draft, DraftAction, parse
from countersign.core.effects import Weighed, weigh, written_by
from countersign.core.finishing import finish, reopen
from countersign.core.review import preview_questions
from countersign.core.situation import Situation, situate
from countersign.core.snapshot import AskPreview, Snapshot
from countersign.core.steps import Act, Changed, Done, Failure, Look, Rest, Result, Step, Write
from countersign.model import duration, instant
from countersign.model.facts import Previewed, Refused, Unavailable

_ON_THE_WAY = ("pending", "running", "waiting", "unknown")
_FIRST_PAUSE = timedelta(seconds=1)
_LONGEST_PAUSE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Current:
    """The action that is due, in the plan and in the journal."""

    index: int
    action: DraftAction
    entry: ActionStatus


def run(snapshot: Snapshot) -> Step:
    """Also records decisions that come too late to matter, so that the record is complete."""
    snapshot = snapshot.with_status(record(snapshot))
    draft = parse(snapshot.plan)
    if draft.spec is None or not draft.complete:
        # The API server refuses edits of a running plan, so only an operator that lost an action type comes here.
        return finish(snapshot, Situation.ACTION_FAILED, left="NotReached")
    if draft.spec.cancel:
        return finish(snapshot, Situation.CANCELLED, left="Cancelled")
    current = _current(snapshot, draft)
    if current is None:
        return finish(snapshot, Situation.SUCCEEDED)
    if _stopped_by_failure(snapshot.plan.status, draft):
        return finish(snapshot, Situation.ACTION_FAILED, left="NotReached")
    if draft.spec.suspend:
        message = "Suspended before the next action: it goes on when spec.suspend is false again"
        return Rest(_situate(snapshot, snapshot.plan.status, Situation.HALTED, message))
    return _take(snapshot, draft, current)


def _current(snapshot: Snapshot, draft: Draft) -> Current | None:
    pairs = zip(draft.actions, snapshot.plan.status.actions, strict=True)
    return next(
        (Current(index, action, entry) for index, (action, entry) in enumerate(pairs) if entry.status in _ON_THE_WAY),
        None,
    )


def _stopped_by_failure(status: PlanStatus, draft: Draft) -> bool:
    go_on = draft.spec is not None and draft.spec.continue_on_error
    return not go_on and any(entry.status == "failed" for entry in status.actions)


def _take(snapshot: Snapshot, draft: Draft, current: Current) -> Step:
    """Compare each effect with what was approved; write those that still have to be written."""
    questions = preview_questions(snapshot, draft, current.action)
    unanswered = tuple(question for question in questions if snapshot.preview(question) is None)
    if unanswered:
        return Look(unanswered)
    writes: list[Write] = []
    for question, approved in zip(questions, current.entry.effect_digests, strict=True):
        verdict = _compare(snapshot, question, approved)
        match verdict:
            case Write():
                writes.append(verdict)
            case Done():
                continue
            case Changed() | Failure():
                tried = _with_entry(snapshot.plan.status, current.index, _begun(current.entry, snapshot))
                return absorb(snapshot.with_status(tried), current.action.id, verdict)
    if not writes:
        return absorb(snapshot, current.action.id, Done())
    status = _with_entry(snapshot.plan.status, current.index, _begun(current.entry, snapshot))
    return Act(
        action=current.action.id,
        account=questions[0].account,
        writes=tuple(writes),
        timeout=duration.parse(current.action.timeout),
        status=_situate(snapshot, status, Situation.RUNNING, f"Carrying out {current.action.id}"),
    )


def _compare(snapshot: Snapshot, question: AskPreview, approved: str) -> Write | Done | Changed | Failure:
    match snapshot.preview(question):
        case Previewed() as previewed:
            weighed = weigh(question.effect, previewed, key=snapshot.rules.key)
            return _due(question, weighed, approved)
        case Refused(refusal=refusal, message=message):
            return Failure(refusal.value, f"{question.effect.target}: {message}", passing=False)
        case Unavailable(message=message):
            return Failure("Unavailable", f"{question.effect.target}: {message}", passing=True)
        case None:
            raise AssertionError("asked before")


def _due(question: AskPreview, weighed: Weighed, approved: str) -> Write | Done | Changed:
    if weighed.digest == approved:
        if not weighed.changes and weighed.previewed.live is not None:
            return Done()
        return Write(weighed.effect, question.tracking, weighed.previewed.base, approved)
    if not weighed.changes and written_by(weighed.previewed.live, question.tracking):
        # An earlier turn wrote it and was interrupted before it could say so.
        return Done()
    return Changed(f"{weighed.effect.target} is no longer what the approvers saw")


def absorb(snapshot: Snapshot, action: str, result: Result) -> Step:
    """The journal with the result of an action; the caller asks for the next step with it."""
    status = snapshot.plan.status
    index = next(index for index, entry in enumerate(status.actions) if entry.id == action)
    entry = status.actions[index]
    match result:
        case Done():
            entry = _applied(entry, snapshot)
        case Changed(message=message):
            return reopen(snapshot, result="Interrupted", why=message)
        case Failure(passing=True) if entry.attempts <= _retries(snapshot, index):
            return _pause(snapshot, index, result)
        case Failure(reason=reason, message=message):
            entry = _failed(entry, snapshot, reason, message)
    return run(snapshot.with_status(_progressed(_with_entry(status, index, entry))))


def _pause(snapshot: Snapshot, index: int, failure: Failure) -> Rest:
    entry = snapshot.plan.status.actions[index]
    pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** (entry.attempts - 1)) * (0.5 + snapshot.jitter)
    message = f"attempt {entry.attempts} failed and will be repeated: {failure.message}"
    waiting = entry.but(status="waiting", reason=failure.reason, message=message[:512], attempts=entry.attempts)
    status = _with_entry(snapshot.plan.status, index, waiting)
    return Rest(_situate(snapshot, status, Situation.WAITING, f"{entry.id}: {message}"), until=snapshot.now + pause)


def _retries(snapshot: Snapshot, index: int) -> int:
    return parse(snapshot.plan).actions[index].retries


def _begun(entry: ActionStatus, snapshot: Snapshot) -> ActionStatus:
    return entry.but(
        status="running",
        reason="",
        message="",
        attempts=entry.attempts + 1,
        started_at=entry.started_at or instant.show(snapshot.now),
    )


def _applied(entry: ActionStatus, snapshot: Snapshot) -> ActionStatus:
    now = instant.show(snapshot.now)
    return entry.but(
        status="applied", reason="", message="", error=None, started_at=entry.started_at or now, finished_at=now
    )


def _failed(entry: ActionStatus, snapshot: Snapshot, reason: str, message: str) -> ActionStatus:
    now = instant.show(snapshot.now)
    return entry.but(
        status="failed",
        reason=reason,
        message=message[:512],
        error=ActionError(type=reason, message=message[:1024]),
        started_at=entry.started_at or now,
        finished_at=now,
    )


def _with_entry(status: PlanStatus, index: int, entry: ActionStatus) -> PlanStatus:
    return status.but(actions=[*status.actions[:index], entry, *status.actions[index + 1 :]])


def _progressed(status: PlanStatus) -> PlanStatus:
    through = sum(entry.status not in _ON_THE_WAY for entry in status.actions)
    return status.but(progress=f"{through}/{len(status.actions)}")


def _situate(snapshot: Snapshot, status: PlanStatus, situation: Situation, message: str) -> PlanStatus:
    return situate(status, situation, message=message, generation=snapshot.plan.generation, now=snapshot.now)
