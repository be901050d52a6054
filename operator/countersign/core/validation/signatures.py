"""Stage 12, Signatures: which recorded decisions do not count, and why. A missing approval is a wait, not a fault."""

from collections.abc import Iterable

from countersign.core.review import Review
from countersign.model.finding import Code, Finding, Severity


def signatures(review: Review) -> Iterable[Finding]:
    status = review.snapshot.plan.status
    return [
        Finding(
            Code.NOT_COUNTED,
            f"the decision of {decision.by} ({decision.outcome}) does not count: {decision.why}",
            severity=Severity.INFO,
        )
        for decision in status.approval.decisions
        if not decision.counts and decision.digest == status.digest
    ]
