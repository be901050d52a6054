"""The end of a run: what came of it, what is remembered of it, and how a finished plan opens again."""

from datetime import datetime

from countersign.api.names import RETRY
from countersign.api.plan_spec import PlanSpec
from countersign.api.plan_status import MAX_HISTORY, MAX_LEDGER, ActionStatus, LedgerEntry, Outcome, PastRun, PlanStatus
from countersign.core import sentences, tally
from countersign.core.decisions import record
from countersign.core.draft import parse
from countersign.core.fitting import fit
from countersign.core.journal import NOT_RUN, closed, progress
from countersign.core.moments import later, latest, moment
from countersign.core.publication import unpublished
from countersign.core.situation import Situation, situate
from countersign.core.snapshot import Snapshot
from countersign.core.steps import Remove, Rest, Step
from countersign.model import duration, instant
from countersign.model.digest import sha256


def finish(snapshot: Snapshot, situation: Situation, *, left: str = "") -> Rest:
    """`left` is the reason of the actions that did not run."""
    status = snapshot.plan.status
    entries = [closed(entry, reason=left, now=snapshot.now) for entry in status.actions]
    if situation is Situation.SUCCEEDED and any(entry.status == "failed" for entry in entries):
        situation = Situation.ACTION_FAILED
    status = status.but(
        actions=entries,
        execution=status.execution.but(finished_at=instant.show(snapshot.now)) if status.execution else None,
        outcome=_outcome(entries),
        ledger=_ledger(status),
        progress=progress(entries),
    )
    status = situate(snapshot, status, situation, sentences.finished(status, snapshot.plan, situation.reason))
    return Rest(status, until=_end_of_life(snapshot, status))


def withdraw(snapshot: Snapshot) -> Rest:
    """Cancelled before it ran: nothing was done and nothing will be."""
    status = snapshot.plan.status
    skipped = [
        action.but(status="skipped", reason="Cancelled", message="The plan was cancelled before it ran")
        for action in status.actions
    ]
    status = unpublished(status).but(actions=skipped, progress=status.progress and progress(skipped))
    message = "Cancelled before it ran; nothing was changed. Submit another plan to try again"
    status = situate(snapshot, status, Situation.WITHDRAWN, message)
    return Rest(status, until=_end_of_life(snapshot, status))


def rest(snapshot: Snapshot) -> Step:
    """A finished plan: nothing to do but to remember late decisions, and to go when its time has come."""
    plan = snapshot.plan
    until = _end_of_life(snapshot, plan.status)
    if until is not None and snapshot.now >= until:
        return Remove("spec.ttlAfterFinished has passed")
    return Rest(_observed(snapshot), until=until)


def _observed(snapshot: Snapshot) -> PlanStatus:
    """Late decisions are recorded, and a change that matters no more is acknowledged."""
    generation = snapshot.plan.generation
    status = record(snapshot)
    conditions = [condition.but(observed_generation=generation) for condition in status.conditions]
    return fit(status.but(observed_generation=generation, conditions=conditions))


def reopened(snapshot: Snapshot) -> bool:
    """An edit of what was approved, or a retry that names this publication, opens the next publication.

    Not if nobody knows whether a call happened: whoever found out says by another plan what is left to be done.
    """
    plan = snapshot.plan
    if plan.status.reason == "Cancelled" or any(entry.status == "unknown" for entry in plan.status.actions):
        return False
    if plan.status.phase == "Failed" and plan.annotations.get(RETRY) == str(plan.status.publication):
        return True
    if plan.generation == plan.status.observed_generation:
        return False
    return sha256(parse(plan).approved_spec()) != plan.status.spec_digest


def reopen(snapshot: Snapshot, *, result: str, why: str = "") -> Rest:
    """Back to Draft without a digest; the finished run goes to the history and is never lost."""
    status = snapshot.plan.status
    past = _past_run(status, result=result, why=why, now=instant.show(snapshot.now))
    status = unpublished(status).but(
        validation=None,
        risks=[],
        max_risk=None,
        actions=[],
        progress="",
        execution=None,
        outcome=None,
        ledger=_ledger(status),
        history=[*status.history, past][-MAX_HISTORY:],
    )
    message = why or "The plan changed and is being validated again"
    return Rest(situate(snapshot, status, Situation.VALIDATING, message), until=snapshot.now)


def _past_run(status: PlanStatus, *, result: str, why: str, now: str) -> PastRun:
    execution = status.execution
    return PastRun(
        publication=execution.publication if execution else status.publication,
        digest=(execution.digest if execution else status.digest) or "unknown",
        started_at=execution.started_at if execution else now,
        finished_at=(execution.finished_at if execution else None) or now,
        result=result,
        summary=_told(status, why)[:1024],
    )


def _told(status: PlanStatus, why: str) -> str:
    """A run that was interrupted has no outcome, but it may have changed something."""
    if status.outcome is not None:
        return why or status.outcome.summary
    counted = _outcome(status.actions)
    return f"{why}; {counted.summary}" if counted.entities_affected else why


def _outcome(actions: list[ActionStatus]) -> Outcome:
    """In the shape of seed 001: what was really touched, one sentence, and the objects by what happened to them.

    All of them are counted; of each sort as many are listed as find room.
    """
    done = _done(actions)
    details: dict[str, list[str]] = {"created": [], "configured": [], "unchanged": []}
    for name, what in done.items():
        details.setdefault(what, []).append(name)
    details["failed"] = [entry.id for entry in actions if entry.status == "failed"]
    unknown = [entry.id for entry in actions if entry.status == "unknown"]
    details |= {"unknown": unknown} if unknown else {}
    touched = sum(what != "unchanged" for what in done.values())
    counts = [f"{len(names)} {what}" for what, names in details.items() if names]
    skipped = sum(entry.reason in NOT_RUN for entry in actions)
    if skipped:
        counts.append(f"{skipped} not run")
    listed = {what: names[:MAX_LEDGER] for what, names in details.items()}
    return Outcome(entities_affected=touched, summary=", ".join(counts) or "nothing to do", details=listed)


def _done(actions: list[ActionStatus]) -> dict[str, str]:
    """What happened to each object; one that several actions worked on counts once, as what the first change made of it."""
    done: dict[str, str] = {}
    for name, what in (found for entry in actions for found in tally.done(entry)):
        if done.get(name, "unchanged") == "unchanged":
            done[name] = what
    return done


def _ledger(status: PlanStatus) -> list[LedgerEntry]:
    """With the intents that were carried out since; stage 6 made sure that all of the plan find room."""
    known = {"", *tally.carried_out(status.ledger)}
    new = [
        LedgerEntry(
            key=entry.idempotency_key,
            params_digest=entry.params_digest,
            publication=status.publication,
            effects_done=None if entry.status == "applied" else entry.effects_done,
        )
        for entry in status.actions
        if entry.idempotency_key not in known and (entry.status == "applied" or tally.called(entry))
    ]
    noted = {(entry.key, entry.effects_done) for entry in status.ledger}
    return [*status.ledger, *(entry for entry in new if (entry.key, entry.effects_done) not in noted)]


def _end_of_life(snapshot: Snapshot, status: PlanStatus) -> datetime | None:
    """None: the plan stays."""
    ttl = snapshot.plan.spec.get(PlanSpec.model_fields["ttl_after_finished"].alias or "")
    ended = _ended(status)
    return later(ended, duration.parse(ttl)) if ended and isinstance(ttl, str) and duration.is_duration(ttl) else None


def _ended(status: PlanStatus) -> datetime | None:
    """A plan that was cancelled before it ran has no run; it ended when its conditions changed for the last time."""
    if status.execution is not None:
        return moment(status.execution.finished_at)
    return latest(condition.last_transition_time for condition in status.conditions)
