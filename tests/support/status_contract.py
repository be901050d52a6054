"""The contract of `status`: what every status that a test ever sees keeps, whoever wrote it.

Written from the specification, not from the code: the table of phases here is a second one on purpose.
"""

import json
import re
from collections import Counter

from countersign.api.plan_status import ActionStatus, PlanStatus

MAX_BYTES = 128 * 1024
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_KINDS = ("Validated", "Approved", "Succeeded", "Ready")
_TRUTH = {"True": "T", "False": "F", "Unknown": "?"}
_LEVELS = ("low", "medium", "high", "critical")

TABLE = {
    ("Draft", "Validating"): ("????", "Reconciling"),
    ("Draft", "Invalid"): ("FFFF", "Stalled"),
    ("Draft", "Blocked"): ("FFFF", "Stalled"),
    ("Draft", "Oversized"): ("FFFF", "Stalled"),
    ("Draft", "GuardMissing"): ("TF?F", "Stalled"),
    ("Draft", "Expired"): ("TF?F", "Stalled"),
    ("Draft", "TooManyDecisions"): ("TF?F", "Stalled"),
    ("Draft", "AwaitingApproval"): ("TF?T", ""),
    ("Draft", "PreviewChanged"): ("TF?T", ""),
    ("Draft", "RevisionRequested"): ("TF?T", ""),
    ("Draft", "Frozen"): ("TF?T", ""),
    ("Draft", "ValidatedOnly"): ("TF?T", ""),
    ("Draft", "Rejected"): ("TFFF", "Stalled"),
    ("Approved", "Suspended"): ("TT?T", ""),
    ("Approved", "Queued"): ("TT?T", ""),
    ("Approved", "Frozen"): ("TT?T", ""),
    ("Executing", "Running"): ("TT??", "Reconciling"),
    ("Executing", "Waiting"): ("TT??", "Reconciling"),
    ("Executing", "Contended"): ("TT??", "Reconciling"),
    ("Executing", "Suspended"): ("TT??", "Reconciling"),
    ("Executed", "Succeeded"): ("TTTT", ""),
    ("Failed", "ActionFailed"): ("TTFF", "Stalled"),
    ("Failed", "Cancelled"): ("TTFF", "Stalled"),
}
"""Validated, Approved, Succeeded and Ready, and what kstatus sees, for each phase and reason."""
_WITHDRAWN = ("?FFF", "Stalled")
"""Cancelled before it ran: see docs/adr/0004."""
_UNPUBLISHED = ("Validating", "Invalid", "Oversized", "ValidatedOnly")
_INVALID = ("Invalid", "Oversized")
_STATES = {
    "Draft": {"pending", "invalid"},
    "Approved": {"pending"},
    "Executing": {"pending", "running", "waiting", "unknown", "applied", "failed", "skipped"},
    "Executed": {"applied", "skipped"},
    "Failed": {"applied", "failed", "skipped", "unknown"},
}
_TURNED_AWAY = "Budget.TooManyOpenPlans"
_SKIPPED = ("AlreadyApplied", "NotReached", "Cancelled", "DependencyFailed")


def check_status(status: PlanStatus, *, generation: int | None = None) -> None:
    """`generation` is that of the plan, when the status is known to be up to date."""
    assert (status.phase, status.reason) in TABLE
    if generation is not None:
        assert status.observed_generation == generation
    _check_conditions(status)
    _check_words(status)
    _check_digest(status)
    _check_approval(status)
    _check_validation(status)
    _check_actions(status)
    _check_run(status)
    assert size(status) <= MAX_BYTES


def size(status: PlanStatus) -> int:
    return len(json.dumps(status.wire(), ensure_ascii=False, separators=(",", ":")).encode())


def withdrawn(status: PlanStatus) -> bool:
    return status.reason == "Cancelled" and status.execution is None


def _check_conditions(status: PlanStatus) -> None:
    letters, kstatus = _WITHDRAWN if withdrawn(status) else TABLE[status.phase, status.reason]
    if status.reason == "Blocked" and status.digest is not None:
        letters = "TFFF"  # somebody may break the glass
    found = {condition.type: condition for condition in status.conditions}
    assert [condition.type for condition in status.conditions] == sorted(found)
    broken = "BreakGlass" if status.approval.broken_by else ""
    assert set(found) == {*_KINDS, *filter(None, [kstatus, broken])}
    assert "".join(_TRUTH[found[kind].status] for kind in _KINDS) == letters
    assert all(found[kind].status == "True" for kind in found if kind not in _KINDS)
    assert {condition.reason for condition in status.conditions} == {status.reason}
    assert {condition.observed_generation for condition in status.conditions} == {status.observed_generation}
    assert all(_MOMENT.fullmatch(condition.last_transition_time) for condition in status.conditions)
    assert found["Ready"].message == status.message[:1024]


def _check_words(status: PlanStatus) -> None:
    assert status.message
    assert "\n" not in status.message
    assert not status.message.endswith(".")


def _check_digest(status: PlanStatus) -> None:
    if status.reason in _UNPUBLISHED or withdrawn(status):
        assert status.digest is None
    elif status.reason == "Blocked":
        assert status.digest is None or status.approval.break_glass is not None
    elif status.reason != "GuardMissing":
        assert status.digest is not None
    if status.digest is None:
        assert status.preview is None or status.reason == "ValidatedOnly"
        return
    assert _DIGEST.fullmatch(status.digest)
    assert status.publication >= 1
    assert status.preview
    assert status.digest.removeprefix("sha256:")[:32] in status.preview
    assert _DIGEST.fullmatch(status.spec_digest or "")


def _check_approval(status: PlanStatus) -> None:
    approval = status.approval
    published = status.digest is not None
    assert (approval.gate is not None) == (approval.expires_at is not None) == published
    assert approval.progress == (f"{approval.approved}/{approval.required}" if published else "")
    assert approval.approved == len(approval.counted) == len(set(approval.counted))
    assert not set(approval.counted) & set(approval.broken_by)  # nobody counts for both
    assert not approval.broken_by or (approval.break_glass and len(approval.broken_by) >= approval.break_glass.quorum)
    for person in approval.counted:
        assert person not in approval.authors
        assert any(
            (one.by, one.outcome, one.digest, one.counts) == (person, "approve", status.digest, True)
            for one in approval.decisions
        )
    if approval.decisions:
        assert approval.recorded == approval.decisions[-1].n
    assert all(bool(one.why) != one.counts for one in approval.decisions)
    if status.phase in ("Approved", "Executing", "Executed") or status.reason == "ActionFailed":
        assert approval.approved >= approval.required
    if status.reason in ("AwaitingApproval", "PreviewChanged"):
        assert approval.approved < approval.required


def _check_validation(status: PlanStatus) -> None:
    validation = status.validation
    if validation is None:
        assert status.reason == "Validating" or withdrawn(status)
        return
    assert [stage.number for stage in validation.stages] == list(range(1, 14))
    errors = [finding for finding in validation.diagnostics if finding.severity == "error"]
    assert validation.valid == (not errors)
    assert errors == validation.diagnostics[: len(errors)]
    if status.reason in _INVALID or (status.reason == "Blocked" and status.digest is None):
        assert not validation.valid
        # Beyond the cap on open plans nothing is wrong with the plan; all the same it is not looked after.
        assert errors[0].code == _TURNED_AWAY or not all(finding.retryable for finding in errors)
    elif not withdrawn(status) and status.reason != "Validating":
        assert validation.valid
    if status.max_risk is not None:
        assert status.max_risk == max(status.risks, key=_LEVELS.index, default=status.max_risk)


def _check_actions(status: PlanStatus) -> None:
    """Duplicate ids are possible only in a plan that is invalid because of them."""
    allowed = {"skipped"} if withdrawn(status) else _STATES[status.phase]
    assert {entry.status for entry in status.actions} <= allowed
    if status.phase != "Draft" and not withdrawn(status):
        assert max(Counter(entry.id for entry in status.actions).values()) == 1
    for entry in status.actions:
        _check_action(entry)
    through = sum(map(_through, status.actions))
    assert status.progress == (f"{through}/{len(status.actions)}" if status.actions or status.validation else "")


def _through(entry: ActionStatus) -> bool:
    return entry.status in ("applied", "failed") or entry.reason == "AlreadyApplied"


def _check_action(entry: ActionStatus) -> None:
    assert all(word.isprintable() for word in (entry.message, entry.reason))
    if entry.status == "skipped":
        assert entry.reason in _SKIPPED
    if entry.status in ("applied", "failed"):
        assert entry.started_at
        assert entry.finished_at
    if entry.status in ("failed", "waiting", "invalid", "unknown"):
        assert entry.reason
    if entry.status == "unknown":
        assert entry.intent
    if entry.intent:
        assert entry.status in ("running", "unknown")
        assert entry.intent.effect == (entry.effects_done or 0)
    if entry.status in ("running", "waiting"):
        assert entry.attempts >= 1
        assert entry.started_at
        assert not entry.finished_at
    assert (entry.error is None) or entry.status == "failed"
    assert len(entry.operations) in (0, len(entry.resource_refs))
    assert (entry.effects_done or 0) <= len(entry.resource_refs)
    if entry.status == "applied":
        assert entry.effects_done is None
    if entry.status == "skipped":
        assert not _touched(entry)


def _check_run(status: PlanStatus) -> None:
    execution, finished = status.execution, status.phase in ("Executed", "Failed")
    assert (execution is not None) == (status.phase == "Executing" or (finished and not withdrawn(status)))
    assert (status.outcome is not None) == (finished and execution is not None)
    if execution is None:
        if status.digest is not None:
            assert status.approval.consumed_at is None
        return
    assert (execution.digest, execution.publication) == (status.digest, status.publication)
    assert (execution.finished_at is not None) == finished
    assert status.approval.consumed_at == execution.started_at
    if finished:
        _check_outcome(status)


def _check_outcome(status: PlanStatus) -> None:
    states = Counter(entry.reason if entry.status == "skipped" else entry.status for entry in status.actions)
    assert status.outcome is not None
    touched = {name for entry in status.actions if entry.status != "skipped" for name in _touched(entry)}
    assert status.outcome.entities_affected == len(touched)
    assert status.outcome.summary
    if status.phase == "Executed":
        assert not states["failed"] + states["NotReached"] + states["Cancelled"]
    elif status.reason == "ActionFailed":
        assert states["failed"]
        assert not states["Cancelled"]
    keys = {entry.key for entry in status.ledger}
    assert {entry.idempotency_key for entry in status.actions if entry.status == "applied"} <= {*keys, ""}


def _touched(entry: ActionStatus) -> set[str]:
    """All objects of an applied action; of any other those that were done before it ended."""
    through = None if entry.status == "applied" else entry.effects_done or 0
    each = zip(entry.resource_refs, entry.operations or [entry.operation] * len(entry.resource_refs), strict=True)
    return {name for name, what in list(each)[:through] if what != "unchanged"}


_FORWARD = {
    "Draft": {"Draft", "Approved", "Executing", "Failed"},
    "Approved": {"Draft", "Approved", "Executing", "Failed"},
    "Executing": {"Executing", "Executed", "Failed", "Draft"},
    "Executed": {"Executed", "Draft"},
    "Failed": {"Failed", "Draft"},
}
"""From an end only to the next publication; out of Approved an approval can be revoked, expire, or be held up."""


def check_transition(before: PlanStatus, after: PlanStatus) -> None:
    """What must hold between one written status of a plan and the next; the API server holds a part of it, too."""
    assert after.phase in _FORWARD[before.phase]
    assert after.publication >= before.publication
    assert after.observed_generation >= before.observed_generation
    _check_growth(before, after)
    if before.digest and after.digest:
        assert (before.digest == after.digest) == (before.publication == after.publication)
    if before.approval.consumed_at != after.approval.consumed_at:
        assert after.publication > before.publication or before.approval.consumed_at is None
    if before.phase in ("Executed", "Failed") and after.phase == "Draft":
        assert len(after.history) == len(before.history) + 1 or len(after.history) == 5
        assert after.history[-1].publication == before.publication
    _check_times(before, after)


def _check_growth(before: PlanStatus, after: PlanStatus) -> None:
    for name in ("decisions", "authors"):
        old, new = getattr(before.approval, name), getattr(after.approval, name)
        assert new[: len(old)] == old
    assert after.ledger[: len(before.ledger)] == before.ledger
    if before.approval.recorded != after.approval.recorded:
        assert len(after.approval.decisions) == len(before.approval.decisions) + 1


def _check_times(before: PlanStatus, after: PlanStatus) -> None:
    old = {condition.type: condition for condition in before.conditions}
    for condition in after.conditions:
        known = old.get(condition.type)
        if known and known.status == condition.status:
            assert known.last_transition_time == condition.last_transition_time
        elif known:
            assert known.last_transition_time <= condition.last_transition_time
