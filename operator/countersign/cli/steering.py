"""Changing the course of a plan: suspend, resume, cancel, retry. Sends the change, and waits for the operator to take it up."""

from collections.abc import Callable, Mapping
from typing import Any

from countersign.api.names import PLAN, RETRY
from countersign.cli.failure import TimedOut
from countersign.cli.plan import fetch, is_current
from countersign.cli.session import Session
from countersign.cli.waiting import until
from countersign.core.snapshot import PlanObject

_TAKEN_UP_SECONDS = 15.0


def steer(session: Session, plan: PlanObject, **spec: bool) -> PlanObject:
    """Sets fields of the spec that leave what was approved as it is. Gives the plan as the operator sees it then."""
    return _changed(session, plan, {"spec": spec}, taken_up=is_current)


def ask_again(session: Session, plan: PlanObject) -> PlanObject:
    """Opens the next publication of a plan that ended with this one."""
    before = plan.status

    def taken_up(now: PlanObject) -> bool:
        moved = (now.status.publication, now.status.phase) != (before.publication, before.phase)
        return is_current(now) and (moved or now.status.reason != before.reason)

    body = {"metadata": {"annotations": {RETRY: str(before.publication)}}}
    return _changed(session, plan, body, taken_up=taken_up)


def _changed(
    session: Session, plan: PlanObject, body: Mapping[str, Any], *, taken_up: Callable[[PlanObject], bool]
) -> PlanObject:
    session.plans.patch(PLAN, namespace=plan.namespace, name=plan.name, body=body)
    now = until(lambda: fetch(session, plan.name), taken_up, seconds=_TAKEN_UP_SECONDS, outside=session.outside)
    if not taken_up(now):
        raise TimedOut(
            f"The plan {plan.name} is changed, but the operator has not taken it up yet: look again with "
            f"'{session.program} show {plan.name} -n {plan.namespace}'"
        )
    return now
