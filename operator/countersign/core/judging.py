"""Judging: a plan that does not run yet. Looks until everything is known, validates, and publishes what is to be approved.

Takes a snapshot of a plan in Draft or Approved; whether a valid one may start is decided in `deciding`.
"""

from dataclasses import replace

from countersign.api.approval_status import MAX_LINES, MAX_POLICIES, DecidingLine, EmergencyApprovers, GroupList
from countersign.api.plan_status import PlanStatus
from countersign.core import sentences
from countersign.core.crowding import turned_away
from countersign.core.deciding import decide
from countersign.core.decisions import open_access, record, undecidable
from countersign.core.draft import parse
from countersign.core.finishing import withdraw
from countersign.core.gate import GroupLists, Requirements
from countersign.core.governing import governed, open_policies, policies_question
from countersign.core.openness import opening
from countersign.core.pacing import SOON, after, growing, removal, revalidation, validates_only
from countersign.core.preview import preview_name, previews
from countersign.core.publication import Published, content, publish, spec_digest, unpublished
from countersign.core.queueing import open_place
from countersign.core.quotas import open_quotas
from countersign.core.review import Review, open_questions, review
from countersign.core.rivalry import open_rivals
from countersign.core.situation import Situation, situate
from countersign.core.snapshot import Snapshot
from countersign.core.standing import standing
from countersign.core.steps import Look, Remove, Rest, Start, Step
from countersign.core.validation import Report, validate
from countersign.core.verdict import with_verdict
from countersign.model import instant
from countersign.model.finding import Code

_MENDED_ELSEWHERE = frozenset(
    {
        Code.NOT_FOUND,
        Code.ACCOUNT_MISSING,
        Code.FORBIDDEN,
        Code.ACCOUNT_HAS_RIGHTS,
        Code.MAY_NOT_ACT,
        Code.OWNED_BY_OTHER,
        Code.PROTECTED,
        Code.WEBHOOK_REFUSED,
        Code.WEBHOOK_SIDE_EFFECTS,
        Code.KIND_NOT_SERVED,
        Code.QUOTA_EXCEEDED,
    }
)
"""Errors that go away without an edit of the plan."""


def judge(snapshot: Snapshot) -> Step:
    if validates_only(snapshot.plan) and snapshot.now >= removal(snapshot.plan):
        return Remove("validateOnly plans are removed after 60 seconds")
    access = tuple(question for question in open_access(snapshot) if snapshot.access(question) is None)
    if access:
        return Look(access)
    # Recorded first, so that the report tells at once which decision does not count, and no lapse of the guard is forgotten.
    step = _judge_recorded(snapshot.with_status(record(snapshot)))
    if isinstance(step, Rest) and undecidable(snapshot):
        return replace(step, until=after(snapshot, SOON), unanswered=True)
    return step


def _judge_recorded(snapshot: Snapshot) -> Step:
    draft = parse(snapshot.plan)
    if draft.spec is not None and draft.spec.cancel and not validates_only(snapshot.plan):
        return withdraw(snapshot)
    if not snapshot.guard.ok and not snapshot.guard.asked and snapshot.plan.status.digest:
        # An API server that does not answer the guard is asked nothing else. The guard itself asks every second, and as
        # soon as it knows every plan has another turn.
        return Rest(snapshot.plan.status, until=revalidation(snapshot))
    if away := turned_away(snapshot, draft):
        return away
    questions = (*open_policies(snapshot, draft), *open_questions(snapshot, draft))
    if questions:
        return Look(questions)
    found = governed(review(snapshot, draft))
    if open_quotas(found) or open_rivals(found):
        return Look((*open_quotas(found), *open_rivals(found)))
    report = validate(found)
    if report.undecided:
        return _undecided(found, report)
    if not report.valid:
        return _invalid(found, report)
    return _judge_valid(found, report)


def _undecided(found: Review, report: Report) -> Rest:
    """Something could not be asked. What was published stays published; nothing starts until the answer is there."""
    snapshot = found.snapshot
    # What only validates is gone in a minute, and has to be looked at then.
    until, unanswered = after(snapshot, SOON), not validates_only(snapshot.plan)
    if snapshot.plan.status.digest:
        return Rest(snapshot.plan.status, until=until, unanswered=unanswered)
    status = with_verdict(snapshot.plan.status, found, report)
    status = situate(snapshot, status, Situation.VALIDATING, sentences.invalid(report))
    return Rest(status, until=until, unanswered=unanswered)


def _invalid(found: Review, report: Report) -> Rest:
    """The published digest goes: whatever the plan becomes next is published anew and needs new approvals."""
    snapshot = found.snapshot
    codes = {finding.code for finding in report.findings if finding.blocks}
    situation = (
        Situation.OVERSIZED
        if Code.OVERSIZED in codes
        else Situation.BLOCKED
        if codes <= {Code.BLOCKED, Code.POLICY_UNREADABLE, Code.RULES_TOO_LARGE}
        else Situation.INVALID
    )
    status = with_verdict(unpublished(snapshot.plan.status), found, report)
    status = situate(snapshot, status, situation, sentences.invalid(report))
    mended_elsewhere = codes <= _MENDED_ELSEWHERE
    return Rest(
        status, until=after(snapshot, growing(snapshot, status)) if mended_elsewhere else revalidation(snapshot)
    )


def _judge_valid(found: Review, report: Report) -> Step:
    snapshot = found.snapshot
    plan = snapshot.plan
    risk = found.risk
    assert risk is not None  # noqa: S101  # a valid report has passed stage 13
    asked = found.ruling.requirements(risk, rules=snapshot.rules)
    if validates_only(plan):
        return _validated_only(found, report, asked)
    published = publish(plan.status, found, asked, now=snapshot.now)
    if not snapshot.guard.ok:
        # A digest must not stand beside a verdict that is about something else.
        status = with_verdict(unpublished(plan.status) if published.fresh else plan.status, found, report)
        return Rest(situate(snapshot, status, Situation.GUARD_MISSING, snapshot.guard.message), until=None)
    status = _with_publication(with_verdict(plan.status, found, report), found, asked, published)
    documents = previews(found, digest=published.digest, publication=published.publication) if published.fresh else ()
    decided = decide(found, status, asked, published.ends)
    if place := open_place(snapshot, decided):
        return Look(place)
    consistent = policies_question(snapshot, consistent=True)
    if isinstance(decided, Start) and snapshot.policies(consistent) is None:
        # What the watches told may be old. Nothing starts by it; with the answer everything is judged anew.
        return Look((consistent,))
    return replace(decided, previews=documents)


def _validated_only(found: Review, report: Report, asked: Requirements) -> Rest:
    """The diff is shown, but no digest is published: nobody can approve what is never to run."""
    snapshot = found.snapshot
    digest = content(found, asked)
    status = with_verdict(snapshot.plan.status, found, report).but(preview=preview_name(snapshot.plan, digest=digest))
    status = situate(
        snapshot, status, Situation.VALIDATED_ONLY, "Valid. The plan was for validation only and will be removed"
    )
    return Rest(
        status,
        until=removal(snapshot.plan),
        previews=previews(found, digest=digest, publication=0),
    )


def _asked(asked: Requirements) -> dict[str, object]:
    """What decisions about this digest are judged by."""
    glass = asked.emergency
    return {
        "gate": asked.gate.value,
        "policies": list(asked.policies)[:MAX_POLICIES],
        "because": [DecidingLine(asks=one.asks, policy=one.policy, line=one.line) for one in asked.because[:MAX_LINES]],
        "required": asked.required,
        "groups": _group_lists(asked.groups),
        "service_accounts": list(asked.accounts),
        "deputies": list(asked.deputies),
        "approver_access": asked.approver_access or None,
        "break_glass": glass and EmergencyApprovers(lists=_group_lists(glass.groups), quorum=glass.quorum),
    }


def _group_lists(lists: GroupLists) -> list[GroupList]:
    return [GroupList(groups=list(groups)) for groups in lists]


def _with_publication(status: PlanStatus, found: Review, asked: Requirements, published: Published) -> PlanStatus:
    """The status that this digest stands in, with the approvals that count for it."""
    spec = spec_digest(found)
    status = status.but(
        digest=published.digest,
        publication=published.publication,
        spec_digest=spec,
        preview=preview_name(found.snapshot.plan, digest=published.digest),
    )
    way = opening(found, asked, standing(status))
    counted = way.seats.usual
    approval = status.approval.but(
        **_asked(asked),
        labels=found.ruling.labels,
        broken_by=list(way.seats.glass) if way.broken else [],
        approved=len(counted),
        progress=f"{len(counted)}/{asked.required}",
        counted=list(counted),
        expires_at=instant.show(published.ends),
        consumed_at=None,
    )
    return status.but(approval=approval)
