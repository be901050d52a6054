"""The end of a run: what came of it, what is remembered of it, and how a finished plan opens again."""

from datetime import datetime

from countersign.api.names import RETRY
from countersign.api.plan_spec import PlanSpec
from countersign.api.plan_status import (
    MAX_HISTORY,
    MAX_LEDGER,
    ActionStatus,
    LedgerEntry,
    Outcome,
    PastRun,
    PlanStatus,
)
from countersign.core import sentences
from countersign.core.decisions import record
from countersign.core.draft import parse
from countersign.core.situation import Situation, situate
from countersign.core.snapshot import Snapshot
from countersign.core.steps import Remove, Rest, Step
from countersign.model import duration, instant
from countersign.model.digest import sha256

_ON_THE_WAY = ("pending", "running", "waiting", "unknown")
_LEFT = {
    "NotReached": "An earlier action failed, so this one was not reached",
    "Cancelled": "The plan was cancelled before this action",
}


def finish(snapshot: Snapshot, situation: Situation, *, left: str = "") -> Rest:
    """`left` is the reason of the actions that did not run."""
    now = instant.show(snapshot.now)
    status = snapshot.plan.status
    actions = [_closed(entry, left) for entry in status.actions]
    if situation is Situation.SUCCEEDED and any(entry.status == "failed" for entry in actions):
        situation = Situation.ACTION_FAILED
    through = len(actions) - sum(entry.reason in _LEFT for entry in actions)
    execution = status.execution.but(finished_at=now) if status.execution else None
    status = status.but(
        actions=actions,
        execution=execution,
        outcome=_outcome(actions),
        ledger=_ledger(status, actions),
        progress=f"{through}/{len(actions)}",
    )
    status = status.but(phase=situation.phase)
    message = sentences.finished(status, snapshot.plan)
    status = situate(status, situation, message=message, generation=snapshot.plan.generation, now=snapshot.now)
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
    return status.but(observed_generation=generation, conditions=conditions)


def reopened(snapshot: Snapshot) -> bool:
    """An edit of what was approved, or a retry that names this publication, opens the next publication."""
    plan = snapshot.plan
    if plan.status.reason == "Cancelled":
        return False
    if plan.annotations.get(RETRY) == str(plan.status.publication):
        return plan.status.phase == "Failed"
    if plan.generation == plan.status.observed_generation:
        return False
    return sha256(parse(plan).approved_spec()) != plan.status.spec_digest


def reopen(snapshot: Snapshot, *, result: str, why: str = "") -> Rest:
    """Back to Draft without a digest; the finished run goes to the history and is never lost."""
    status = snapshot.plan.status
    now = instant.show(snapshot.now)
    past = _past_run(status, result=result, why=why, now=now)
    approval = status.approval.but(approved=0, counted=[], progress="")
    status = status.but(
        digest=None,
        preview=None,
        execution=None,
        outcome=None,
        ledger=_ledger(status, status.actions),
        history=[*status.history, past][-MAX_HISTORY:],
        approval=approval,
    )
    status = situate(
        status,
        Situation.VALIDATING,
        message=why or "The plan changed and is being validated again",
        generation=snapshot.plan.generation,
        now=snapshot.now,
    )
    return Rest(status, until=snapshot.now)


def _past_run(status: PlanStatus, *, result: str, why: str, now: str) -> PastRun:
    execution = status.execution
    return PastRun(
        publication=execution.publication if execution else status.publication,
        digest=execution.digest if execution else "",
        started_at=execution.started_at if execution else now,
        finished_at=(execution.finished_at if execution else None) or now,
        result=result,
        summary=(why or (status.outcome.summary if status.outcome else ""))[:1024],
    )


def _closed(entry: ActionStatus, left: str) -> ActionStatus:
    if entry.status not in _ON_THE_WAY:
        return entry
    return entry.but(status="skipped", reason=left, message=_LEFT[left])


def _outcome(actions: list[ActionStatus]) -> Outcome:
    """In the shape of seed 001: what was really touched, one sentence, and the objects by what happened to them."""
    details: dict[str, list[str]] = {"created": [], "configured": [], "unchanged": [], "failed": []}
    for entry in actions:
        if entry.status == "failed":
            details["failed"].append(entry.id)
        elif entry.status == "applied" or entry.reason == "AlreadyApplied":
            done = "unchanged" if entry.reason == "AlreadyApplied" else entry.operation or "unchanged"
            details.setdefault(done, []).extend(entry.resource_refs)
    touched = len(details["created"]) + len(details["configured"])
    counts = [f"{len(names)} {what}" for what, names in details.items() if names]
    skipped = sum(entry.reason in _LEFT for entry in actions)
    if skipped:
        counts.append(f"{skipped} not run")
    return Outcome(entities_affected=touched, summary=", ".join(counts) or "nothing to do", details=details)


def _ledger(status: PlanStatus, actions: list[ActionStatus]) -> list[LedgerEntry]:
    known = {entry.key for entry in status.ledger}
    carried_out = [
        LedgerEntry(key=entry.idempotency_key, params_digest=entry.params_digest, publication=status.publication)
        for entry in actions
        if entry.status == "applied" and entry.idempotency_key not in known
    ]
    return [*status.ledger, *carried_out][:MAX_LEDGER]


def _end_of_life(snapshot: Snapshot, status: PlanStatus) -> datetime | None:
    ttl = snapshot.plan.spec.get(PlanSpec.model_fields["ttl_after_finished"].alias or "")
    if not isinstance(ttl, str) or status.execution is None or status.execution.finished_at is None:
        return None
    return instant.parse(status.execution.finished_at) + duration.parse(ttl)
