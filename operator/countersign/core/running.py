"""Running: a plan whose approval was consumed. Takes the journal, gives what may be done next.

Actions run one after another, or as their dependencies allow. What is in flight is never called back: whoever stops a run
waits for it first, so that the record says exactly what was made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from countersign.actions.base import Pending
from countersign.api.plan_status import PlanStatus
from countersign.core import journal
from countersign.core.absorbing import absorb, with_entry
from countersign.core.attempting import Candidate, candidate, follows, in_place, judge_attempt, unanswered
from countersign.core.decisions import record
from countersign.core.draft import Draft, parse
from countersign.core.finishing import finish, reopen
from countersign.core.frontier import bereft, frontier
from countersign.core.resolving import Doubt, resolve
from countersign.core.sentences import carrying_out
from countersign.core.situation import Situation, situate
from countersign.core.snapshot import Snapshot
from countersign.core.steps import Act, Attempt, Await, Changed, Done, Failure, Look, Note, Rest, Step, Write
from countersign.core.tally import touched

_READY_AGAIN = timedelta(seconds=2)
"""How often what was written is asked whether it is ready."""


def run(snapshot: Snapshot) -> Step:
    """Also records decisions that come too late to matter, so that the record is complete."""
    snapshot = snapshot.with_status(record(snapshot))
    draft = parse(snapshot.plan)
    if draft.spec is None or not _goes_on(draft, snapshot.plan.status):
        return finish(snapshot, Situation.ACTION_FAILED, left="NotReached")
    if draft.spec.continue_on_error:
        snapshot = snapshot.with_status(bereft(snapshot.plan.status, draft.graph, now=snapshot.now))
    reached = [candidate(snapshot, draft, index) for index in _reached(snapshot, draft)]
    known = resolve(snapshot, [item for item in reached if item.entry.intent is not None])
    if isinstance(known, Look | Note):
        return known
    snapshot, doubts = known
    if snapshot.interrupted and not draft.spec.cancel:
        opened = reopen(snapshot, result="Interrupted", why=snapshot.interrupted)
        return _doubting(snapshot, doubts) if doubts else _when_landed(snapshot, opened)
    if not reached and not snapshot.in_flight:
        return _over(snapshot)
    return _choose(snapshot, draft, [item for item in reached if item.entry.intent is None], doubts)


def _reached(snapshot: Snapshot, draft: Draft) -> tuple[int, ...]:
    return frontier(draft.graph, snapshot.plan.status.actions, in_flight=snapshot.in_flight)


def _goes_on(draft: Draft, status: PlanStatus) -> bool:
    """Whether the journal is that of this plan, and the operator understands all of it.

    The API server refuses edits of a running plan, so only an operator that lost an action type finds otherwise.
    """
    same = [action.id for action in draft.actions] == [entry.id for entry in status.actions]
    return draft.complete and same and status.execution is not None and status.execution.digest == status.digest


def _over(snapshot: Snapshot) -> Rest:
    left = any(entry.status in journal.ON_THE_WAY for entry in snapshot.plan.status.actions)
    return finish(snapshot, Situation.ACTION_FAILED if left else Situation.SUCCEEDED, left="NotReached")


def _choose(snapshot: Snapshot, draft: Draft, reached: list[Candidate], doubts: tuple[Doubt, ...]) -> Step:
    """Whoever stops the run comes first; what is written already and only has to get ready is waited for all the same."""
    assert draft.spec is not None  # noqa: S101  # `run` has made sure
    status = snapshot.plan.status
    if draft.spec.cancel:
        passing = tuple(doubt for doubt in doubts if doubt.passing)
        ended = finish(snapshot, Situation.CANCELLED, left="Cancelled")
        return _stop(snapshot, reached, _doubting(snapshot, passing) if passing else ended)
    if not draft.spec.continue_on_error and any(entry.status == "failed" for entry in status.actions):
        settling = [item for item in reached if item.settling]
        if settling or doubts:
            return _advance(snapshot, settling, doubts, slots=0)
        return _stop(snapshot, reached, finish(snapshot, Situation.ACTION_FAILED, left="NotReached"))
    if draft.spec.suspend:
        message = "Suspended before the next action: it goes on when spec.suspend is false again"
        until = min((doubt.until for doubt in doubts), default=None)
        stopped = Rest(situate(snapshot, status, Situation.HALTED, message), until=until)
        return _stop(snapshot, [item for item in reached if not item.settling], stopped)
    limit = 1 if draft.graph.ordered else draft.spec.max_parallel
    return _advance(snapshot, reached, doubts, slots=limit - len(snapshot.in_flight))


def _stop(snapshot: Snapshot, reached: Sequence[Candidate], stopped: Await | Rest) -> Step:
    """What an interrupted turn wrote is in place, whatever the journal says; the record must not call it undone."""
    asked = unanswered(snapshot, [item for item in reached if not item.settling])
    if asked:
        return Look(asked)
    for item in reached:
        if item.settling:
            return Note(_written(snapshot, item))
        found = journal.so_far(item.entry, in_place(snapshot, item))
        if touched(found) and found.effects_done == len(found.resource_refs):
            return Note(_written(snapshot, item))
        if found != item.entry:
            return Note(with_entry(snapshot, item.index, found))
    return _when_landed(snapshot, stopped)


def _written(snapshot: Snapshot, item: Candidate) -> Snapshot:
    return absorb(snapshot, replace(item.attempt(), awaits=False), Done())


def _when_landed(snapshot: Snapshot, then: Step) -> Step:
    return Await(underway(snapshot)) if snapshot.in_flight else then


def _advance(snapshot: Snapshot, reached: Sequence[Candidate], doubts: Sequence[Doubt], *, slots: int) -> Step:
    """As many as there are slots; what only has to get ready takes none."""
    due = [item for item in reached if item.due is None or item.due <= snapshot.now]
    # What an interrupted turn began goes first, so that the journal never shows more at once than may run.
    due.sort(key=lambda item: item.entry.status != "running")
    picked = [*(item for item in due if item.settling), *[item for item in due if not item.settling][: max(slots, 0)]]
    asked = unanswered(snapshot, picked)
    if asked:
        return Look(asked)
    verdicts = [(item, judge_attempt(snapshot, item)) for item in picked]
    for item, verdict in verdicts:
        if isinstance(verdict, Done):
            return Note(absorb(snapshot, item.attempt(), verdict))
        if isinstance(verdict, Changed | Failure):
            return Note(absorb(_begun(snapshot, item), item.attempt(), verdict))
    attempts = [(item, verdict) for item, verdict in verdicts if isinstance(verdict, Attempt)]
    if attempts:
        return _act(snapshot, attempts)
    pauses = [item.due for item in reached if item.due is not None and item.due > snapshot.now]
    pauses += [doubt.until for doubt in doubts]
    return _wait(snapshot, {item.index: verdict for item, verdict in verdicts if isinstance(verdict, Pending)}, pauses)


def _doubting(snapshot: Snapshot, doubts: Sequence[Doubt]) -> Await | Rest:
    """Nothing else goes on before it is known what became of these."""
    return _wait(snapshot, {}, [doubt.until for doubt in doubts])


def _wait(snapshot: Snapshot, pending: Mapping[int, Pending], pauses: Sequence[datetime]) -> Await | Rest:
    for index, progress in pending.items():
        entry = snapshot.plan.status.actions[index]
        settling = journal.settling(entry, message=progress.message, now=snapshot.now)
        snapshot = with_entry(snapshot, index, settling)
    polls = [snapshot.now + _READY_AGAIN] if pending else []
    until = min((*pauses, *polls), default=None)
    if snapshot.in_flight:
        return Await(underway(snapshot), until)
    waiting = [entry for entry in snapshot.plan.status.actions if entry.status in ("waiting", "unknown")]
    contended = any(entry.reason == "Contended" for entry in waiting)
    message = "; ".join(f"{entry.id}: {entry.message}" for entry in waiting[:3])
    situation = Situation.CONTENDED if contended else Situation.WAITING
    return Rest(situate(snapshot, snapshot.plan.status, situation, message), until=until)


def _act(snapshot: Snapshot, attempts: Sequence[tuple[Candidate, Attempt]]) -> Act:
    durable = any(follows(snapshot, item) or attempt.call for item, attempt in attempts)
    for item, attempt in attempts:
        snapshot = _begun(snapshot, item, call=attempt.call)
    return Act(tuple(attempt for _, attempt in attempts), underway(snapshot), durable)


def underway(snapshot: Snapshot) -> PlanStatus:
    status = snapshot.plan.status
    running = [entry.id for entry in status.actions if entry.status == "running"]
    return situate(snapshot, status, Situation.RUNNING, carrying_out(running))


def _begun(snapshot: Snapshot, item: Candidate, call: Write | None = None) -> Snapshot:
    place = None if call is None else call.place
    entry = item.entry if item.settling else journal.begun(item.entry, now=snapshot.now, call=place)
    return with_entry(snapshot, item.index, entry)
