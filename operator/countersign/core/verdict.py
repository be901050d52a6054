"""Writes a review and its report into status: stages, diagnostics, risks and the journal's first entries."""

from collections.abc import Sequence

from countersign.api.plan_status import (
    MAX_RULES,
    ActionStatus,
    Diagnostic,
    PlanStatus,
    RiskRule,
    StageResult,
    Validation,
)
from countersign.core.journal import progress
from countersign.core.review import ActionReview, Review
from countersign.core.validation import Report
from countersign.core.wording import one_line
from countersign.model import path
from countersign.model.finding import Finding

MAX_DIAGNOSTICS = 100


def with_verdict(status: PlanStatus, review: Review, report: Report) -> PlanStatus:
    risk = review.risk
    wrong = _first_by_action(report)
    entries = [_entry(item, wrong.get(item.action.at())) for item in review.actions]
    return status.but(
        validation=_validation(report),
        risks=[level.value for item in review.actions if (level := item.risk)] if risk else [],
        max_risk=risk.value if risk else None,
        actions=entries,
        progress=progress(entries),
    )


def _first_by_action(report: Report) -> dict[str, Finding]:
    """By the path of the action: two actions may have been given one id."""
    found: dict[str, Finding] = {}
    for finding in report.findings:
        if finding.blocks and finding.action:
            found.setdefault("".join(finding.path.partition("]")[:2]), finding)
    return found


def _validation(report: Report) -> Validation:
    # Errors first: whatever finds no room, the reason why the plan is invalid does.
    shown = sorted(report.findings, key=lambda finding: not finding.blocks)[:MAX_DIAGNOSTICS]
    return Validation(
        valid=report.valid,
        stages=[
            StageResult(number=stage.value, name=stage.title, result=outcome) for stage, outcome in report.outcomes
        ],
        diagnostics=[diagnostic(finding) for finding in shown],
        omitted=len(report.findings) - len(shown),
    )


def diagnostic(finding: Finding) -> Diagnostic:
    """As it stands in status, cut to what the status has room for."""
    return Diagnostic(
        stage=finding.code.stage.value,
        code=finding.code.code,
        severity=finding.severity.value,
        action=finding.action,
        path=finding.path[:1024],
        message=one_line(finding.message, limit=1024),
        retryable=finding.retryable,
    )


def _entry(item: ActionReview, wrong: Finding | None) -> ActionStatus:
    action = item.action
    return ActionStatus(
        id=action.id,
        type=action.planned.type,
        status="invalid" if wrong and not wrong.retryable else "pending",
        reason=wrong.code.code.split(".")[1] if wrong else "",
        message=one_line(wrong.message, limit=512) if wrong else "",
        risk=item.risk.value if item.risk else None,
        risk_rules=_rules(item),
        idempotency_key=action.planned.idempotency_key,
        params_digest=action.params_digest,
        resource_refs=list(action.resource_refs),
        **_preview(item),
    )


def _rules(item: ActionReview) -> list[RiskRule]:
    """Each once. What it was that the rule found may be a value, so the sentences stand in the preview."""
    found = dict.fromkeys((factor.level.value, factor.rule) for factor in item.weightiest)
    return [RiskRule(level=level, rule=rule) for level, rule in list(found)[:MAX_RULES]]


def _preview(item: ActionReview) -> dict[str, object]:
    if not item.shown:
        return {}
    changes = [change for weighed in item.weighed for change in weighed.changes]
    operations = [weighed.operation.value for weighed in item.weighed]
    return {
        "operation": _operation(operations),
        "operations": operations if len(set(operations)) > 1 else [],
        "changes": len(changes),
        "paths": [path.show(change.path)[:256] for change in changes[:10]],
        "effect_digests": [weighed.digest for weighed in item.weighed],
    }


def _operation(operations: Sequence[str]) -> str:
    """Of an action with several effects, the one that says most."""
    return next(name for name in ("created", "configured", "deleted", "called", "unchanged") if name in operations)
