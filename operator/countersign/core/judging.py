"""Judging: a plan that does not run yet. Looks, validates, publishes, counts approvals, and starts when the gate is open.

Takes a snapshot of a plan in Draft or Approved, gives Look until everything is known, then Start or Rest.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from countersign.api.names import UNKNOWN_AUTHOR
from countersign.api.plan_status import Execution, PlanStatus
from countersign.core import sentences
from countersign.core.decisions import Standing, record, standing
from countersign.core.draft import parse
from countersign.core.gate import Gate, Requirements, requirements
from countersign.core.preview import preview_name, previews
from countersign.core.publication import Published, content, publish, spec_digest
from countersign.core.review import Review, open_questions, review
from countersign.core.situation import Situation, situate
from countersign.core.snapshot import Snapshot
from countersign.core.steps import Look, Remove, Rest, Start, Step
from countersign.core.validation import Report, validate
from countersign.core.verdict import with_verdict
from countersign.model import instant
from countersign.model.finding import Code

KEPT_AFTER_VALIDATION = timedelta(seconds=60)
_RETRY_LOOKING = timedelta(seconds=5)


def judge(snapshot: Snapshot) -> Step:
    plan = snapshot.plan
    draft = parse(plan)
    if plan.spec.get("validateOnly") is True and snapshot.now >= plan.created_at + KEPT_AFTER_VALIDATION:
        return Remove("validateOnly plans are removed after 60 seconds")
    if draft.spec is not None and draft.spec.cancel:
        return _withdraw(snapshot)
    questions = open_questions(snapshot, draft)
    if questions:
        return Look(questions)
    # Recorded first, so that the report tells at once which decision does not count.
    found = review(snapshot.with_status(record(snapshot)), draft)
    report = validate(found)
    if report.undecided:
        return _undecided(found, report)
    if not report.valid:
        return _invalid(found, report)
    return _judge_valid(found, report)


def _withdraw(snapshot: Snapshot) -> Rest:
    """Cancelled before it ran: nothing was done and nothing will be."""
    plan = snapshot.plan
    skipped = [
        action.but(status="skipped", reason="Cancelled", message="The plan was cancelled before it ran")
        for action in plan.status.actions
    ]
    status = plan.status.but(digest=None, actions=skipped)
    message = "Cancelled before it ran; nothing was changed. Submit another plan to try again"
    return Rest(_situate(snapshot, status, Situation.WITHDRAWN, message))


def _undecided(found: Review, report: Report) -> Rest:
    """Something could not be asked. What was published stays published; nothing starts until the answer is there."""
    snapshot = found.snapshot
    until = snapshot.now + _RETRY_LOOKING * (1 + snapshot.jitter)
    if snapshot.plan.status.digest:
        return Rest(snapshot.plan.status, until=until)
    status = with_verdict(snapshot.plan.status, found, report)
    return Rest(_situate(snapshot, status, Situation.VALIDATING, sentences.invalid(report)), until=until)


def _invalid(found: Review, report: Report) -> Rest:
    """The published digest goes: whatever the plan becomes next is published anew and needs new approvals."""
    snapshot = found.snapshot
    codes = {finding.code for finding in report.findings if finding.blocks}
    situation = (
        Situation.OVERSIZED
        if Code.OVERSIZED in codes
        else Situation.BLOCKED
        if codes == {Code.BLOCKED}
        else Situation.INVALID
    )
    status = with_verdict(_unpublished(snapshot.plan.status), found, report)
    return Rest(_situate(snapshot, status, situation, sentences.invalid(report)), until=_revalidation(snapshot))


def _unpublished(status: PlanStatus) -> PlanStatus:
    approval = status.approval.but(
        gate=None, policies=[], required=0, approved=0, counted=[], expires_at=None, progress=""
    )
    return status.but(digest=None, preview=None, approval=approval)


def _judge_valid(found: Review, report: Report) -> Step:
    snapshot = found.snapshot
    plan = snapshot.plan
    risk = found.risk
    assert risk is not None  # noqa: S101  # a valid report has passed stage 13
    asked = requirements(risk, rules=snapshot.rules)
    if plan.spec.get("validateOnly") is True:
        return _validated_only(found, report, asked)
    if not snapshot.guard.ok and not snapshot.guard.asked and plan.status.digest:
        return Rest(plan.status, until=snapshot.now + _RETRY_LOOKING)
    if not snapshot.guard.ok:
        status = with_verdict(plan.status, found, report)
        return Rest(_situate(snapshot, status, Situation.GUARD_MISSING, snapshot.guard.message), until=None)
    published = publish(plan.status, found, asked, now=snapshot.now)
    status = _with_publication(with_verdict(plan.status, found, report), found, asked, published)
    documents = previews(found, digest=published.digest, publication=published.publication) if published.fresh else ()
    decided = _decide(found, status, asked)
    return replace(decided, previews=documents)


def _validated_only(found: Review, report: Report, asked: Requirements) -> Rest:
    """The diff is shown, but no digest is published: nobody can approve what is never to run."""
    snapshot = found.snapshot
    digest = content(found, asked)
    status = with_verdict(snapshot.plan.status, found, report).but(preview=preview_name(snapshot.plan, digest=digest))
    status = _situate(
        snapshot, status, Situation.VALIDATED_ONLY, "Valid. The plan was for validation only and will be removed"
    )
    return Rest(
        status,
        until=snapshot.plan.created_at + KEPT_AFTER_VALIDATION,
        previews=previews(found, digest=digest, publication=0),
    )


def _with_publication(status: PlanStatus, found: Review, asked: Requirements, published: Published) -> PlanStatus:
    """The status that this digest stands in, with the approvals that count for it."""
    spec = spec_digest(found)
    status = status.but(
        digest=published.digest,
        publication=published.publication,
        spec_digest=spec,
        preview=preview_name(found.snapshot.plan, digest=published.digest),
    )
    counted = standing(status).approved_by
    approval = status.approval.but(
        gate=asked.gate.value,
        policies=list(asked.policies),
        required=asked.required,
        approved=len(counted),
        progress=f"{len(counted)}/{asked.required}",
        counted=list(counted),
        expires_at=published.expires_at,
        consumed_at=None if published.fresh else status.approval.consumed_at,
    )
    return status.but(approval=approval)


def _decide(found: Review, status: PlanStatus, asked: Requirements) -> Start | Rest:
    """Who stands in the way, in the order in which it matters; nobody: start."""
    snapshot, approval = found.snapshot, status.approval
    voices = standing(status)
    if UNKNOWN_AUTHOR in approval.authors:
        return Rest(_situate(snapshot, status, Situation.GUARD_MISSING, sentences.unknown_author()))
    if voices.rejected_by:
        return _held(snapshot, status, Situation.REJECTED, "reject", voices)
    if voices.revision_by:
        return _held(snapshot, status, Situation.REVISION_REQUESTED, "revise", voices)
    ends = instant.parse(approval.expires_at or instant.show(snapshot.now))
    if asked.gate is Gate.HUMAN and snapshot.now >= ends:
        return Rest(_situate(snapshot, status, Situation.EXPIRED, sentences.expired(snapshot.plan, status)))
    if asked.gate is Gate.HUMAN and approval.approved < asked.required:
        return _await(found, status, ends)
    if snapshot.plan.spec.get("suspend") is True:
        message = "Approved, and suspended: it starts when spec.suspend is false again"
        until = min(ends, _revalidation(snapshot)) if asked.gate is Gate.HUMAN else _revalidation(snapshot)
        return Rest(_situate(snapshot, status, Situation.SUSPENDED, message), until=until)
    return _start(found, status)


def _held(snapshot: Snapshot, status: PlanStatus, situation: Situation, verb: str, voices: Standing) -> Rest:
    who = voices.rejected_by if verb == "reject" else voices.revision_by
    return Rest(_situate(snapshot, status, situation, sentences.held(verb, who, voices)), until=_revalidation(snapshot))


def _await(found: Review, status: PlanStatus, ends: datetime) -> Rest:
    snapshot = found.snapshot
    changed = _world_changed(snapshot.plan.status, status)
    situation = Situation.PREVIEW_CHANGED if changed else Situation.AWAITING_APPROVAL
    message = sentences.awaiting(snapshot.plan, status, changed=changed)
    return Rest(_situate(snapshot, status, situation, message), until=min(ends, _revalidation(snapshot)))


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
        outcome=None,
        approval=status.approval.but(consumed_at=now),
    )
    return Start(_situate(snapshot, status, Situation.RUNNING, "The actions are being carried out"))


def _revalidation(snapshot: Snapshot) -> datetime:
    """Spread out, so that a thousand waiting plans do not ask at once."""
    return snapshot.now + snapshot.rules.revalidate_after * (0.75 + snapshot.jitter / 2)


def _situate(snapshot: Snapshot, status: PlanStatus, situation: Situation, message: str) -> PlanStatus:
    return situate(status, situation, message=message, generation=snapshot.plan.generation, now=snapshot.now)
