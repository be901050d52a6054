"""Making a decision: what may be decided, what is sent, and what became of it.

The annotation quotes the digest that was shown, and admission refuses any other than the current one. A precondition on the
resourceVersion would add nothing but refusals for harmless writes of status, so there is none: an edit of the plan, another
preview, even a new plan of the same name, has another digest.
"""

from dataclasses import dataclass

from countersign.api.names import DECISION, PLAN, command
from countersign.api.plan_status import Decision
from countersign.cli.failure import Refused, TimedOut
from countersign.cli.plan import as_plan, fetch, is_current
from countersign.cli.session import Session
from countersign.cli.waiting import poll
from countersign.core.decisions import Stamp
from countersign.core.snapshot import PlanObject

_READY_SECONDS = 5.0
_RECORDED_SECONDS = 15.0
_PHASES = {"approve": ("Draft",), "reject": ("Draft", "Approved")}


@dataclass(frozen=True, slots=True)
class Recorded:
    """The decision as the operator recorded it, and the plan with it."""

    decision: Decision
    plan: PlanObject


def fetch_decidable(session: Session, name: str, *, verb: str) -> PlanObject:
    """Waits a moment for the verdict on the current content, and for an earlier decision to be recorded."""
    plan = fetch(session, name)
    for plan in poll(lambda: fetch(session, name), seconds=_READY_SECONDS, outside=session.outside):
        if is_current(plan) and not _is_pending(plan):
            break
    if obstacle := _obstacle(plan, verb):
        raise Refused(f"The plan {name} cannot be decided now: {obstacle}")
    return plan


def decide(session: Session, shown: PlanObject, *, verb: str, comment: str) -> Recorded:
    """Raises Refused if the plan is no longer what was shown."""
    now = fetch(session, shown.name)
    if now.status.digest != shown.status.digest or now.generation != shown.generation:
        raise Refused(f"The plan {shown.name} has changed since it was shown, nothing was decided: look at it again")
    quoted = f"{shown.status.digest} {comment}".strip()
    body = {"metadata": {"annotations": {command(verb): quoted}}}
    stamp = _stamp(as_plan(session.plans.patch(PLAN, namespace=shown.namespace, name=shown.name, body=body)))
    if stamp is None:
        raise Refused(
            "The decision was not recorded by the API server: ask the platform team to check the admission policies"
        )
    return _recorded(session, shown, stamp)


def _recorded(session: Session, shown: PlanObject, stamp: Stamp) -> Recorded:
    for plan in poll(lambda: fetch(session, shown.name), seconds=_RECORDED_SECONDS, outside=session.outside):
        for decision in plan.status.approval.decisions:
            if (decision.n, decision.by) == (stamp.n, stamp.by[:1024]):
                return Recorded(decision, plan)
    raise TimedOut(
        f"Your decision about {shown.name} is made, but the operator has not recorded it yet: look again with "
        f"'{session.program} show {shown.name} -n {shown.namespace}'"
    )


def _stamp(plan: PlanObject) -> Stamp | None:
    """The newest decision, as the API server stamped it."""
    text = plan.annotations.get(DECISION)
    return Stamp.model_validate_json(text) if text else None


def _is_pending(plan: PlanObject) -> bool:
    """Somebody has just decided; the next decision is admitted after that one is recorded."""
    stamp = _stamp(plan)
    return stamp is not None and stamp.n != plan.status.approval.recorded


def _obstacle(plan: PlanObject, verb: str) -> str:
    status = plan.status
    if not is_current(plan):
        return "the operator has not validated it yet, try again in a moment"
    if status.phase not in _PHASES[verb]:
        return f"it is {status.phase} ({status.reason})"
    if not status.digest:
        return f"{status.reason}, {status.message}"
    return ""
