"""Follows a plan until nothing more will come of it by itself, and says on the way where it stands.

Takes the plan that was submitted, gives it as it is in the end, or as it is when the time is over (`is_settled` tells).
"""

from collections.abc import Callable

from countersign.api.names import PLAN
from countersign.cli.failure import Refused
from countersign.cli.plan import as_plan, is_current
from countersign.cli.session import Session
from countersign.cli.waiting import until
from countersign.core.snapshot import PlanObject
from countersign.errors import NotFound

SUCCEEDED = ("Executed", "ValidatedOnly")
"""A phase or a reason: all that was asked for is done."""
_ENDS = ("Invalid", "Blocked", "Rejected", "Expired", "Oversized", "ValidatedOnly")
_AWAITS = ("AwaitingApproval", "PreviewChanged")


def is_settled(plan: PlanObject) -> bool:
    status = plan.status
    return is_current(plan) and (status.phase in ("Executed", "Failed") or status.reason in _ENDS)


def has_succeeded(plan: PlanObject) -> bool:
    return is_settled(plan) and (plan.status.phase in SUCCEEDED or plan.status.reason in SUCCEEDED)


def follow(submitted: PlanObject, session: Session, *, seconds: float, note: Callable[[str], None]) -> PlanObject:
    said: set[tuple[str, str, str]] = set()

    def holds(plan: PlanObject) -> bool:
        news = (plan.status.phase, plan.status.reason, plan.status.progress)
        if is_current(plan) and not is_settled(plan) and news not in said:
            note(f"{plan.name}: {standing(plan, session.program)}")
            said.add(news)
        return is_settled(plan)

    return until(lambda: _read(submitted, session), holds, seconds=seconds, outside=session.outside)


def decide_hint(plan: PlanObject, program: str) -> str:
    """What somebody else has to type."""
    return f"{program} approve {plan.name} -n {plan.namespace}" if plan.status.reason in _AWAITS else ""


def standing(plan: PlanObject, program: str) -> str:
    """Where it stands and what has to happen next, shorter than the message of the plan."""
    status = plan.status
    if hint := decide_hint(plan, program):
        approvals = f"{status.max_risk} risk, {status.approval.progress} approvals"
        return f"{status.reason} ({approvals}): an approver runs '{hint}'"
    return f"{status.phase} ({status.reason}), {status.progress}: {status.message}"


def _read(submitted: PlanObject, session: Session) -> PlanObject:
    try:
        plan = as_plan(session.plans.get(PLAN, namespace=submitted.namespace, name=submitted.name))
    except NotFound as error:
        raise Refused(f"The plan {submitted.name} was deleted while it was waited for") from error
    if plan.uid != submitted.uid:
        raise Refused(f"The plan {submitted.name} was replaced by another while it was waited for")
    return plan
