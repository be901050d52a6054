"""Validation: thirteen stages, all before anything is written. Order is data: STAGES.

A stage reports all its findings. Independent stages still report when an earlier one failed, so that the author sees
everything at once. What could not be asked fails closed as `retryable`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from countersign.core.review import Review
from countersign.core.validation.access import access
from countersign.core.validation.budget import budget
from countersign.core.validation.capabilities import capabilities
from countersign.core.validation.coherence import coherence
from countersign.core.validation.dependencies import dependencies
from countersign.core.validation.federation import federation
from countersign.core.validation.protection import protection
from countersign.core.validation.quotas import quotas
from countersign.core.validation.references import references
from countersign.core.validation.risk import risk
from countersign.core.validation.schema import schema
from countersign.core.validation.signatures import signatures
from countersign.core.validation.structural import structural
from countersign.model.finding import Finding
from countersign.model.stage import Stage

StageOutcome = Literal["Passed", "Failed", "NotReached", "Unavailable"]
Check = Callable[[Review], Iterable[Finding] | None]
"""None: the stage cannot say anything yet, because an earlier one failed."""


STAGES: tuple[tuple[Stage, Check], ...] = (
    (Stage.STRUCTURAL, structural),
    (Stage.REFERENCES, references),
    (Stage.CAPABILITIES, capabilities),
    (Stage.ACCESS, access),
    (Stage.DEPENDENCIES, dependencies),
    (Stage.BUDGET, budget),
    (Stage.COHERENCE, coherence),
    (Stage.PROTECTION, protection),
    (Stage.SCHEMA, schema),
    (Stage.FEDERATION, federation),
    (Stage.QUOTAS, quotas),
    (Stage.SIGNATURES, signatures),
    (Stage.RISK, risk),
)


@dataclass(frozen=True, slots=True)
class Report:
    """The verdict: `valid` is false as soon as one finding is an error."""

    outcomes: tuple[tuple[Stage, StageOutcome], ...]
    findings: tuple[Finding, ...]

    @property
    def valid(self) -> bool:
        return not any(finding.blocks for finding in self.findings)

    @property
    def undecided(self) -> bool:
        """Nothing is wrong with the plan as far as is known, but not everything could be asked."""
        blocking = [finding for finding in self.findings if finding.blocks]
        return bool(blocking) and all(finding.retryable for finding in blocking)


def validate(review: Review) -> Report:
    outcomes: list[tuple[Stage, StageOutcome]] = []
    findings: list[Finding] = []
    for stage, check in STAGES:
        found = check(review)
        issues = (finding for finding in review.findings if finding.code.stage is stage)
        stage_findings = sorted((*(found or ()), *issues), key=_order)
        findings.extend(stage_findings)
        outcomes.append((stage, _outcome(stage_findings, reached=found is not None)))
    return Report(outcomes=tuple(outcomes), findings=tuple(findings))


def _order(finding: Finding) -> tuple[str, str, str]:
    return (finding.path, finding.code.code, finding.message)


def _outcome(findings: list[Finding], *, reached: bool) -> StageOutcome:
    if not reached:
        return "NotReached"
    blocking = [finding for finding in findings if finding.blocks]
    if not blocking:
        return "Passed"
    return "Unavailable" if all(finding.retryable for finding in blocking) else "Failed"
