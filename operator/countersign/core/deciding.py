"""Deciding: a valid plan and the digest it is published under. Whoever stands in the way keeps it waiting; nobody: it starts.

Takes the review and the status from `judging`, gives Start or Rest. Start is only an offer while the place in line is not known.
"""

from datetime import datetime

from countersign.api.names import UNKNOWN_AUTHOR
from countersign.api.plan_status import Execution, PlanStatus
from countersign.core import sentences
from countersign.core.decisions import full, unrecorded
from countersign.core.gate import Gate, Requirements
from countersign.core.journal import progress
from countersign.core.openness import Opening, opening
from countersign.core.pacing import revalidation
from countersign.core.queueing import place_question
from countersign.core.review import Review
from countersign.core.situation import Situation, situate
from countersign.core.snapshot import Snapshot
from countersign.core.standing import Standing, standing
from countersign.core.steps import Rest, Start
from countersign.model import instant
from countersign.model.facts import InLine


def decide(found: Review, status: PlanStatus, asked: Requirements, ends: datetime) -> Start | Rest:
    """Who stands in the way, in the order in which it matters; nobody: start."""
    snapshot, approval = found.snapshot, status.approval
    voices = standing(status)
    if UNKNOWN_AUTHOR in approval.authors:
        return Rest(situate(snapshot, status, Situation.GUARD_MISSING, sentences.unknown_author()))
    way = opening(found, asked, voices)
    if full(approval) and (unrecorded(snapshot.plan) or way.missing or way.blocked):
        return Rest(situate(snapshot, status, Situation.TOO_MANY_DECISIONS, sentences.too_many_decisions()))
    if voices.rejected_by:
        return _held(snapshot, status, Situation.REJECTED, "reject", voices)
    if voices.revision_by:
        return _held(snapshot, status, Situation.REVISION_REQUESTED, "revise", voices)
    if asked.gate is not Gate.AUTO and snapshot.now >= ends:
        return Rest(situate(snapshot, status, Situation.EXPIRED, sentences.expired(snapshot.plan, status)))
    until = revalidation(snapshot) if asked.gate is Gate.AUTO else min(ends, revalidation(snapshot))
    if not way.is_open:
        return _shut(found, status, way, until)
    if snapshot.plan.spec.get("suspend") is True:
        message = "Approved, and suspended: it starts when spec.suspend is false again"
        return Rest(situate(snapshot, status, Situation.SUSPENDED, message), until=until)
    return _in_line(found, status, until)


def _in_line(found: Review, status: PlanStatus, until: datetime) -> Start | Rest:
    place = found.snapshot.place(place_question(found.snapshot))
    if isinstance(place, InLine):
        return Rest(situate(found.snapshot, status, Situation.QUEUED, sentences.queued(place)), until=until)
    return _start(found, status)


def _shut(found: Review, status: PlanStatus, way: Opening, until: datetime) -> Rest:
    """Blocked, frozen, or not approved by enough people; time may change each of these."""
    snapshot = found.snapshot
    if way.blocked:
        message = sentences.blocked(snapshot.plan, status, broken=len(way.seats.glass))
        return Rest(situate(snapshot, status, Situation.BLOCKED_BUT_OPENABLE, message), until=until)
    if way.frozen is not None:
        situation = Situation.FROZEN_UNAPPROVED if way.missing else Situation.FROZEN
        message = sentences.frozen(snapshot.plan, status, way.frozen, broken=len(way.seats.glass))
        return Rest(situate(snapshot, status, situation, message), until=min(until, way.frozen.until))
    return _await(found, status, until)


def _held(snapshot: Snapshot, status: PlanStatus, situation: Situation, verb: str, voices: Standing) -> Rest:
    who = voices.rejected_by if verb == "reject" else voices.revision_by
    return Rest(situate(snapshot, status, situation, sentences.held(verb, who, voices)), until=revalidation(snapshot))


def _await(found: Review, status: PlanStatus, until: datetime) -> Rest:
    snapshot = found.snapshot
    changed = _world_changed(snapshot.plan.status, status)
    situation = Situation.PREVIEW_CHANGED if changed else Situation.AWAITING_APPROVAL
    message = sentences.awaiting(snapshot.plan, status, changed=changed)
    return Rest(situate(snapshot, status, situation, message), until=until)


def _world_changed(before: PlanStatus, status: PlanStatus) -> bool:
    """The same spec has got another digest, so what it would do has changed under the approvers' eyes."""
    if before.publication == status.publication:
        return before.reason == Situation.PREVIEW_CHANGED.reason
    interrupted = bool(before.history) and before.history[-1].result == "Interrupted"
    return before.spec_digest == status.spec_digest and (before.digest is not None or interrupted)


def _start(found: Review, status: PlanStatus) -> Start:
    """Written with the resourceVersion of the plan that was judged, so it happens once and to nothing else."""
    snapshot = found.snapshot
    now = instant.show(snapshot.now)
    execution = Execution(
        generation=snapshot.plan.generation,
        publication=status.publication,
        digest=status.digest or "",
        started_at=now,
    )
    actions = [
        action.but(
            status="skipped", reason="AlreadyApplied", message="This intent was carried out before and nothing differs"
        )
        if item.already_applied
        else action
        for action, item in zip(status.actions, found.actions, strict=True)
    ]
    status = status.but(
        execution=execution,
        actions=actions,
        progress=progress(actions),
        outcome=None,
        approval=status.approval.but(consumed_at=now),
    )
    return Start(situate(snapshot, status, Situation.RUNNING, "The actions are being carried out"))
