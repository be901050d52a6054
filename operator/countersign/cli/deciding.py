"""Making a decision: what may be decided, what is sent, and what became of it.

The annotation quotes the digest that was shown, and admission refuses any other than the current one. A precondition on the
resourceVersion would add nothing but refusals for harmless writes of status, so there is none: an edit of the plan, another
preview, even a new plan of the same name, has another digest.
"""

from dataclasses import dataclass

from countersign.api.approval_status import Decision
from countersign.api.names import COMMANDS, DECISION, PLAN, command
from countersign.api.plan_status import PlanStatus
from countersign.cli.failure import Misused, Refused, TimedOut
from countersign.cli.plan import as_plan, fetch, is_current
from countersign.cli.session import Session
from countersign.cli.waiting import until
from countersign.core.explain import explained_decisions
from countersign.core.situation import Situation
from countersign.core.snapshot import PlanObject
from countersign.core.stamps import Stamp

_READY_SECONDS = 5.0
_RECORDED_SECONDS = 15.0
_LONGEST_COMMENT = 1024
_PHASES = {verb: ("Draft",) if verb == "approve" else ("Draft", "Approved") for verb in COMMANDS}
_HEARS_NOBODY = (Situation.GUARD_MISSING.reason, Situation.TOO_MANY_DECISIONS.reason)
"""Whatever is decided then is not recorded."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """The decision as the operator recorded it, and the plan with it."""

    decision: Decision
    plan: PlanObject


def fetch_decidable(session: Session, name: str, *, verb: str) -> PlanObject:
    """Waits a moment for the verdict on the current content, and for an earlier decision to be recorded."""
    plan = until(lambda: fetch(session, name), _is_ready, seconds=_READY_SECONDS, outside=session.outside)
    if obstacle := _obstacle(plan, verb, session.program):
        raise Refused(f"The plan {name} cannot be decided now: {obstacle}")
    return plan


def fitting(comment: str) -> str:
    """The comment, if it can be recorded whole."""
    if len(comment) > _LONGEST_COMMENT:
        raise Misused(f"The comment has {len(comment)} characters, {_LONGEST_COMMENT} are recorded: shorten it")
    return comment


def decide(session: Session, shown: PlanObject, *, verb: str, comment: str) -> Recorded:
    """Raises Refused if the plan is no longer what was shown."""
    now = fetch(session, shown.name)
    if now.status.digest != shown.status.digest:
        raise Refused(f"The plan {shown.name} has changed since it was shown, nothing was decided: look at it again")
    quoted = f"{shown.status.digest} {comment}".strip()
    body = {"metadata": {"annotations": {command(verb): quoted}}}
    stamp = _stamp(as_plan(session.plans.patch(PLAN, namespace=shown.namespace, name=shown.name, body=body)))
    if stamp is None or (stamp.outcome, stamp.quotes) != (verb, quoted):
        raise Refused(
            "The API server did not stamp the decision: ask the platform team to check the admission policies"
        )
    return _recorded(session, shown, stamp)


def _recorded(session: Session, shown: PlanObject, stamp: Stamp) -> Recorded:
    plan = until(
        lambda: fetch(session, shown.name),
        lambda plan: _decision(plan, stamp) is not None,
        seconds=_RECORDED_SECONDS,
        outside=session.outside,
    )
    decision = _decision(plan, stamp)
    if decision is None:
        raise TimedOut(
            f"Your decision about {shown.name} is made, but the operator has not recorded it yet: look again with "
            f"'{session.program} show {shown.name} -n {shown.namespace}'"
        )
    return Recorded(decision, plan)


def _decision(plan: PlanObject, stamp: Stamp) -> Decision | None:
    """The record of this very decision: no two are made on one state of the plan."""
    return next((each for each in plan.status.approval.decisions if each.n == stamp.n), None)


def _stamp(plan: PlanObject) -> Stamp | None:
    """The newest decision, as the API server stamped it."""
    text = plan.annotations.get(DECISION)
    return Stamp.model_validate_json(text) if text else None


def _is_ready(plan: PlanObject) -> bool:
    """If somebody has just decided, the next decision is admitted after that one is recorded."""
    stamp = _stamp(plan)
    return is_current(plan) and (stamp is None or stamp.n == plan.status.approval.recorded)


def _obstacle(plan: PlanObject, verb: str, program: str) -> str:
    status = plan.status
    if not is_current(plan):
        return "the operator has not validated it yet, try again in a moment"
    if status.phase not in _PHASES[verb]:
        return f"it is {status.phase} ({status.reason})"
    if verb == "approve" and status.reason == Situation.EXPIRED.reason:
        return f"the time for approving it is over, a new one is opened by '{program} retry {plan.name} -n {plan.namespace}'"
    if not status.digest or status.reason in _HEARS_NOBODY:
        return f"{status.reason}, {status.message}"
    if verb == "revoke" and not _revocable(status):
        return "nobody's decision about it holds, so there is nothing to revoke"
    return ""


def _revocable(status: PlanStatus) -> bool:
    return any(each.counts and each.decision.outcome != "revoke" for each in explained_decisions(status))
