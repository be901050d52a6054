"""Follows a plan until nothing more will come of it by itself, and says on the way where it stands.

Takes the plan that was submitted, gives it as it is in the end, or as it is when the time is over (`is_settled` tells).
"""

from collections.abc import Callable

from countersign.api.names import PLAN
from countersign.cli.failure import Refused
from countersign.cli.plan import as_plan, is_current
from countersign.cli.session import Session
from countersign.cli.waiting import until
from countersign.core.situation import Situation
from countersign.core.snapshot import PlanObject
from countersign.errors import NotFound

_DONE = (Situation.SUCCEEDED, Situation.VALIDATED_ONLY)
"""All that was asked for is done."""
_AWAITS = (Situation.AWAITING_APPROVAL.reason, Situation.PREVIEW_CHANGED.reason)


def ends(situation: Situation) -> bool:
    """Nothing more comes of it by itself, or it is up to its authors, who are the ones that wait.

    A guard that is missing comes back without anybody touching the plan.
    """
    if situation in (*_DONE, Situation.REVISION_REQUESTED):
        return True
    return situation.kstatus == "Stalled" and situation is not Situation.GUARD_MISSING


_ENDS = frozenset((situation.phase, situation.reason) for situation in Situation if ends(situation))
_SUCCEEDED = frozenset((situation.phase, situation.reason) for situation in _DONE)


def is_settled(plan: PlanObject) -> bool:
    return is_current(plan) and (plan.status.phase, plan.status.reason) in _ENDS


def has_succeeded(plan: PlanObject) -> bool:
    return is_current(plan) and (plan.status.phase, plan.status.reason) in _SUCCEEDED


def follow(
    submitted: PlanObject,
    session: Session,
    *,
    seconds: float,
    note: Callable[[str], None],
    enough: Callable[[PlanObject], bool] = is_settled,
) -> PlanObject:
    """Also ends with a plan that is `enough`."""
    said: set[tuple[str, str, str]] = set()

    def holds(plan: PlanObject) -> bool:
        over = is_settled(plan) or enough(plan)
        news = (plan.status.phase, plan.status.reason, plan.status.progress)
        if is_current(plan) and not over and news not in said:
            note(f"{plan.name}: {standing(plan, session.program)}")
            said.add(news)
        return over

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
    progress = f", {status.progress}" if status.progress else ""
    return f"{status.phase} ({status.reason}){progress}: {status.message}"


def _read(submitted: PlanObject, session: Session) -> PlanObject:
    try:
        plan = as_plan(session.plans.get(PLAN, namespace=submitted.namespace, name=submitted.name))
    except NotFound as error:
        raise Refused(f"The plan {submitted.name} was deleted while it was waited for") from error
    if plan.uid != submitted.uid:
        raise Refused(f"The plan {submitted.name} was replaced by another while it was waited for")
    return plan
