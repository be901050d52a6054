"""Explains where a plan stands: every stage, every reason for its risk, the gate, every decision, and what is missing.

Takes what the operator recorded, gives one value to show. Nothing is judged here a second time: verdicts and risks stand in
status and preview, and who counts is asked of `standing`, the function that opens the gate.
"""

from collections.abc import Iterable, Iterator
from typing import Literal

from countersign.api.approval_status import Approval, DecidingLine, Decision
from countersign.api.plan_spec import RiskLevel
from countersign.api.plan_status import Diagnostic, PlanStatus, RiskRule, StageResult
from countersign.api.preview import PreviewedEffect, RiskReason
from countersign.core.gate import BUILT_IN
from countersign.core.situation import Situation
from countersign.core.snapshot import PlanObject
from countersign.core.standing import Held, Standing, standing, words_that_hold
from countersign.model.base import Recorded

_SAID_BY_FACTS = frozenset(
    situation.reason
    for situation in (
        Situation.INVALID,
        Situation.BLOCKED,
        Situation.OVERSIZED,
        Situation.REJECTED,
        Situation.REVISION_REQUESTED,
        Situation.AWAITING_APPROVAL,
        Situation.PREVIEW_CHANGED,
        Situation.SUSPENDED,
    )
)
"""Reasons whose remedy follows from verdict, decisions and spec. Of any other the message of the plan says what is missing."""


class ExplainedStage(StageResult):
    """One of the thirteen, with everything it found."""

    findings: list[Diagnostic]


class ExplainedRisk(Recorded):
    """One action. `rules` are told to everybody; `reasons` say more, and are None where no preview could be read.

    The weightiest comes first.
    """

    action: str
    type: str
    level: RiskLevel | None = None
    rules: list[RiskRule]
    reasons: list[RiskReason] | None = None


class ExplainedDecision(Recorded):
    """`counts` is whether it holds now; `why` it does not, otherwise empty. An approval that holds counts `towards` one thing."""

    decision: Decision
    counts: bool
    why: str = ""
    towards: Literal["approval", "break-glass"] | None = None


class Explanation(Recorded):
    """`gate` is what was asked for when the current digest was published, and how far it is."""

    stages: list[ExplainedStage]
    max_risk: RiskLevel | None = None
    risks: list[ExplainedRisk]
    gate: Approval | None = None
    because: list[str]
    """Which line of which policy asks for this gate, these people and this time."""
    decisions: list[ExplainedDecision]
    missing: list[str]
    """What has to happen before the plan can start; empty once it has."""


def explain(plan: PlanObject, effects: Iterable[PreviewedEffect] | None) -> Explanation:
    """`effects` are those of the plan's preview; None when it is not there or may not be read."""
    status = plan.status
    return Explanation(
        stages=list(_stages(status)),
        max_risk=status.max_risk,
        risks=list(_risks(status, effects)),
        gate=_gate(status.approval),
        because=[_because(line, status.approval) for line in status.approval.because],
        decisions=list(explained_decisions(status)),
        missing=list(_missing(plan)),
    )


def _stages(status: PlanStatus) -> Iterator[ExplainedStage]:
    found = status.validation.diagnostics if status.validation else []
    results = status.validation.stages if status.validation else []
    for stage in results:
        findings = [diagnostic for diagnostic in found if diagnostic.stage == stage.number]
        yield ExplainedStage(number=stage.number, name=stage.name, result=stage.result, findings=findings)


def _risks(status: PlanStatus, effects: Iterable[PreviewedEffect] | None) -> Iterator[ExplainedRisk]:
    # The reasons are those of the action, so each of its effects carries the same.
    reasons = None if effects is None else {effect.action: effect.reasons for effect in effects}
    for entry in status.actions:
        yield ExplainedRisk(
            action=entry.id,
            type=entry.type,
            level=entry.risk,
            rules=entry.risk_rules,
            reasons=None if reasons is None else reasons.get(entry.id, []),
        )


def _gate(approval: Approval) -> Approval | None:
    """Without the decisions, which are explained one by one."""
    return approval.but(decisions=[]) if approval.gate else None


def _because(line: DecidingLine, approval: Approval) -> str:
    match line:
        case DecidingLine(asks="quorum", policy=""):
            return "one approval is enough, as no policy asks for more"
        case DecidingLine(policy=""):
            return "how long approvals are good for is the operator's setting, as no policy asks for less time"
        case DecidingLine(policy=BUILT_IN.name):
            why = "no policy matches" if approval.policies == [BUILT_IN.name] else "no policy is for all of the plan"
            return f"{_ASKS[line.asks]} follows from {line.line} of the built-in default, as {why}"
    return f"{_ASKS[line.asks]} follows from {line.line} of the approval policy {line.policy}"


_ASKS = {
    "gate": "the gate",
    "quorum": "the number of approvals",
    "expiry": "how long approvals are good for",
    "breakGlass": "who may break the glass",
}


def explained_decisions(status: PlanStatus) -> Iterator[ExplainedDecision]:
    """All that were ever recorded, oldest first."""
    voices = standing(status)
    held = words_that_hold(status)
    for decision in status.approval.decisions:
        why = _why_not(decision, status, held=held, voices=voices)
        towards = None if why or decision.outcome != "approve" else _towards(decision.by, status.approval, voices)
        yield ExplainedDecision(decision=decision, counts=not why, why=why, towards=towards)


def _towards(by: str, approval: Approval, voices: Standing) -> Literal["approval", "break-glass"]:
    """Nobody counts for both."""
    return "break-glass" if by in voices.broken_by and by not in approval.counted else "approval"


def _why_not(decision: Decision, status: PlanStatus, *, held: Held, voices: Standing) -> str:
    if not decision.counts and not decision.breaks_glass:
        return decision.why or "it was recorded as one that does not count"
    if decision.digest != status.digest:
        return "the plan or its preview has changed since"
    said = held[decision.by]
    if not any(one is decision for one in said):
        return f"another decision of the same person holds ({said[-1].outcome})"
    if decision.outcome != "approve":
        return ""
    if decision.by not in (*voices.approved_by, *voices.broken_by):
        return "who decided may not approve this plan any more, for example as one of its authors"
    return "the time for approving this digest is over" if status.reason == Situation.EXPIRED.reason else ""


def _missing(plan: PlanObject) -> Iterator[str]:
    status = plan.status
    if status.observed_generation != plan.generation or status.reason == Situation.VALIDATING.reason:
        yield "the verdict of the operator on the plan as it stands now"
        return
    if status.phase not in ("Draft", "Approved"):
        return
    if status.reason not in _SAID_BY_FACTS or (status.reason == Situation.BLOCKED.reason and status.digest):
        yield status.message
    yield from _errors(status)
    yield from _voices(standing(status))
    yield from _approvals(status.approval)
    if plan.spec.get("suspend") is True:
        yield "spec.suspend has to be false again"


def _errors(status: PlanStatus) -> Iterator[str]:
    found = status.validation.diagnostics if status.validation else []
    for error in found:
        if error.severity == "error":
            yield f"{error.path}: {error.message}" if error.path else error.message


def _voices(voices: Standing) -> Iterator[str]:
    for by in voices.rejected_by:
        yield f"{by} has to revoke the rejection, or the plan has to change"
    for by in voices.revision_by:
        yield f"the plan has to change, or {by} has to revoke the request for a revision"


def _approvals(approval: Approval) -> Iterator[str]:
    missing = approval.required - approval.approved
    if missing > 0:
        needed = "1 more approval is" if missing == 1 else f"{missing} more approvals are"
        yield f"{needed} needed, by people who are not among the authors ({', '.join(approval.authors)})"
