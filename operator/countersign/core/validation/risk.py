"""Stage 13, Risk: the gate that the plan's risk leads to. Blocked ends here."""

from collections.abc import Iterable

from countersign.core.gate import Gate, requirements
from countersign.core.review import Review
from countersign.model.finding import Code, Finding


def risk(review: Review) -> Iterable[Finding] | None:
    level = review.risk
    if level is None:
        return None
    asked = requirements(level, rules=review.snapshot.rules)
    if asked.gate is not Gate.BLOCKED:
        return []
    worst = next(action.action for action in review.actions if action.risk is level)
    message = (
        f"plans of {level.value} risk may not run here: lower the risk of action {worst.id}, or ask the platform team"
    )
    return [Finding(Code.BLOCKED, message, path=worst.at(), action=worst.id)]
