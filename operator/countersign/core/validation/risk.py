"""Stage 13, Risk: the gate that the plan's risk leads to. Blocked ends here, unless somebody may break the glass."""

from collections.abc import Iterable

from countersign.core.gate import Gate, Requirements
from countersign.core.review import Review
from countersign.model.digest import canonical
from countersign.model.finding import Code, Finding, Severity
from countersign.model.risk import Level

MAX_RULES_BYTES = 4096


def risk(review: Review) -> Iterable[Finding] | None:
    level = review.risk
    if level is None or review.ruling.unknown:
        return None
    unreadable = [
        Finding(
            Code.POLICY_UNREADABLE,
            f"the approval policy {policy.name} cannot be read, so nothing may run: "
            f"have the platform team correct it ({policy.why})",
        )
        for policy in review.ruling.unreadable
    ]
    asked = review.ruling.requirements(level, rules=review.snapshot.rules)
    return [*unreadable, *_too_much(asked), *_blocked(review, level, asked)]


def _too_much(asked: Requirements) -> Iterable[Finding]:
    """Decisions are judged by what stands in status, so all of it has to find room there."""
    used = len(canonical(asked.wire()))
    if used > MAX_RULES_BYTES:
        message = (
            f"the groups and people that the approval policies name have {used} bytes, at most {MAX_RULES_BYTES} fit into "
            "status: have the platform team name groups instead of people"
        )
        yield Finding(Code.RULES_TOO_LARGE, message)


def _blocked(review: Review, level: Level, asked: Requirements) -> Iterable[Finding]:
    if asked.gate is not Gate.BLOCKED:
        return
    worst = next(action.action for action in review.actions if action.risk is level)
    blocking = [f"{line.line} of {line.policy}" for line in asked.because if line.asks == "gate"]
    more = f" and {len(blocking) - 1} more" if len(blocking) > 1 else ""
    message = (
        f"plans of {level.value} risk may not run here, by {blocking[0]}{more}: "
        f"lower the risk of action {worst.id}, or ask the platform team"
    )
    severity = Severity.ERROR if asked.emergency is None else Severity.WARNING
    yield Finding(Code.BLOCKED, message, path=worst.at(), action=worst.id, severity=severity)
