"""Running: a plan whose approval was consumed. Takes the journal, gives the next action, checked against what was approved.

Nothing here recomputes what may be done: each effect must still have the digest that the start recorded. After a crash the
same question finds the effect already in place and moves on.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from countersign.api.plan_status import ActionStatus, PlanStatus
from countersign.core import journal
from countersign.core.decisions import record
from countersign.core.draft import Draft, DraftAction, parse
from countersign.core.effects import Weighed, weigh, written_by
from countersign.core.finishing import finish, reopen
from countersign.core.review import preview_questions
from countersign.core.situation import Situation, situate
from countersign.core.snapshot import AskPreview, Snapshot
from countersign.core.steps import Act, Changed, Done, Failure, Look, Rest, Result, Step, Write
from countersign.model import duration
from countersign.model.facts import Preview, Previewed, Refused, Unavailable

Answered = list[tuple[AskPreview, Preview]]


@dataclass(frozen=True, slots=True)
class Current:
    """The action that is due, in the plan and in the journal, and what has to be asked about it."""

    index: int
    action: DraftAction
    entry: ActionStatus
    questions: tuple[AskPreview, ...]


def run(snapshot: Snapshot) -> Step:
    """Also records decisions that come too late to matter, so that the record is complete."""
    snapshot = snapshot.with_status(record(snapshot))
    draft = parse(snapshot.plan)
    if draft.spec is None or not _goes_on(draft, snapshot.plan.status):
        return finish(snapshot, Situation.ACTION_FAILED, left="NotReached")
    current = _current(snapshot, draft)
    if current is None:
        return finish(snapshot, Situation.SUCCEEDED)
    if draft.spec.cancel:
        return _stop(snapshot, current, finish(snapshot, Situation.CANCELLED, left="Cancelled"))
    if not draft.spec.continue_on_error and any(entry.status == "failed" for entry in snapshot.plan.status.actions):
        return finish(snapshot, Situation.ACTION_FAILED, left="NotReached")
    if draft.spec.suspend:
        message = "Suspended before the next action: it goes on when spec.suspend is false again"
        return _stop(snapshot, current, Rest(situate(snapshot, snapshot.plan.status, Situation.HALTED, message)))
    due = journal.due(current.entry)
    if due is not None and snapshot.now < due:
        return _wait(snapshot, current.entry, until=due)
    return _take(snapshot, current)


def _goes_on(draft: Draft, status: PlanStatus) -> bool:
    """Whether the journal is that of this plan, and the operator understands all of it.

    The API server refuses edits of a running plan, so only an operator that lost an action type finds otherwise.
    """
    same = [action.id for action in draft.actions] == [entry.id for entry in status.actions]
    return draft.complete and same and status.execution is not None and status.execution.digest == status.digest


def _current(snapshot: Snapshot, draft: Draft) -> Current | None:
    for index, (action, entry) in enumerate(zip(draft.actions, snapshot.plan.status.actions, strict=True)):
        if entry.status in journal.ON_THE_WAY:
            return Current(index, action, entry, preview_questions(snapshot, draft, action))
    return None


def _stop(snapshot: Snapshot, current: Current, stopped: Rest) -> Step:
    """What an interrupted turn wrote is in place, whatever the journal says; the record must not call it undone."""
    answered = _answered(snapshot, current)
    if isinstance(answered, Look):
        return answered
    if all(_in_place(snapshot, question, preview) for question, preview in answered):
        return absorb(snapshot, current.action.id, Done())
    return stopped


def _in_place(snapshot: Snapshot, question: AskPreview, preview: Preview) -> bool:
    if not isinstance(preview, Previewed) or not written_by(preview.live, question.tracking):
        return False
    return not weigh(question.effect, preview, key=snapshot.rules.key).changes


def _take(snapshot: Snapshot, current: Current) -> Step:
    """Compare each effect with what was approved; write those that still have to be written."""
    answered = _answered(snapshot, current)
    if isinstance(answered, Look):
        return answered
    verdicts = _verdicts(snapshot, current, answered)
    wrong = next((verdict for verdict in verdicts if isinstance(verdict, Changed | Failure)), None)
    status = journal.with_entry(snapshot.plan.status, current.index, journal.begun(current.entry, now=snapshot.now))
    if wrong is not None:
        return absorb(snapshot.with_status(status), current.action.id, wrong)
    writes = tuple(verdict for verdict in verdicts if isinstance(verdict, Write))
    if not writes:
        return absorb(snapshot, current.action.id, Done())
    return Act(
        action=current.action.id,
        account=current.questions[0].account,
        writes=writes,
        timeout=duration.parse(current.action.timeout),
        status=situate(snapshot, status, Situation.RUNNING, f"Carrying out {current.action.id}"),
        before=snapshot.plan.status,
    )


def _answered(snapshot: Snapshot, current: Current) -> Look | Answered:
    """All answers about the action, or the questions that are still open."""
    found = [(question, snapshot.preview(question)) for question in current.questions]
    still_open = tuple(question for question, preview in found if preview is None)
    if still_open:
        return Look(still_open, before=snapshot.plan.status)
    return [(question, preview) for question, preview in found if preview is not None]


def _verdicts(snapshot: Snapshot, current: Current, answered: Answered) -> list[Write | Done | Changed | Failure]:
    approved = current.entry.effect_digests
    if len(approved) != len(answered):
        return [Changed(f"{current.action.id} has other effects than the approvers saw")]
    return [
        _compare(snapshot, question, preview, digest)
        for (question, preview), digest in zip(answered, approved, strict=True)
    ]


def _compare(
    snapshot: Snapshot, question: AskPreview, preview: Preview, approved: str
) -> Write | Done | Changed | Failure:
    match preview:
        case Previewed():
            return _due(question, weigh(question.effect, preview, key=snapshot.rules.key), approved)
        case Refused(refusal=refusal, message=message):
            return Failure(refusal.value, f"{question.effect.target}: {message}", passing=False)
        case Unavailable(message=message):
            return Failure("Unavailable", f"{question.effect.target}: {message}", passing=True)
    assert_never(preview)


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
    if isinstance(result, Changed):
        return reopen(snapshot, result="Interrupted", why=result.message)
    if isinstance(result, Failure) and result.passing and entry.attempts <= parse(snapshot.plan).actions[index].retries:
        return _pause(snapshot, index, result)
    entry = _through(entry, result, now=snapshot.now)
    return run(snapshot.with_status(journal.with_entry(status, index, entry)))


def _through(entry: ActionStatus, result: Done | Failure, *, now: datetime) -> ActionStatus:
    if isinstance(result, Failure):
        return journal.failed(entry, reason=result.reason, message=result.message, now=now)
    return journal.applied(entry, now=now)


def _pause(snapshot: Snapshot, index: int, failure: Failure) -> Rest:
    entry = snapshot.plan.status.actions[index]
    message = f"attempt {entry.attempts} failed and will be repeated: {failure.message}"
    entry = journal.waiting(entry, reason=failure.reason, message=message)
    paused = snapshot.with_status(journal.with_entry(snapshot.plan.status, index, entry))
    return _wait(paused, entry, until=snapshot.now + journal.pause(entry, jitter=snapshot.jitter))


def _wait(snapshot: Snapshot, entry: ActionStatus, *, until: datetime) -> Rest:
    message = f"{entry.id}: {entry.message}"
    return Rest(situate(snapshot, snapshot.plan.status, Situation.WAITING, message), until=until)
