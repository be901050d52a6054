"""When to look at a plan again. It follows from the snapshot alone, so that a restart changes nothing."""

from datetime import datetime, timedelta

from countersign.api.plan_status import PlanStatus
from countersign.core.moments import moment
from countersign.core.snapshot import PlanObject, Snapshot

KEPT_AFTER_VALIDATION = timedelta(seconds=60)
SOON = timedelta(seconds=5)


def validates_only(plan: PlanObject) -> bool:
    return plan.spec.get("validateOnly") is True


def removal(plan: PlanObject) -> datetime:
    return plan.created_at + KEPT_AFTER_VALIDATION


def after(snapshot: Snapshot, span: timedelta) -> datetime:
    """Spread out, so that a thousand waiting plans do not ask at once; a plan for validation only goes in time."""
    until = snapshot.now + span * (1 + snapshot.jitter / 2)
    return min(until, removal(snapshot.plan)) if validates_only(snapshot.plan) else until


def revalidation(snapshot: Snapshot) -> datetime:
    return after(snapshot, snapshot.rules.revalidate_after)


def growing(snapshot: Snapshot, status: PlanStatus) -> timedelta:
    """Soon after it went wrong, then ever more seldom; it follows from the status, so that a restart changes nothing."""
    since = next(moment(item.last_transition_time) for item in status.conditions if item.type == "Validated")
    return max(SOON, min(snapshot.rules.revalidate_after, (snapshot.now - (since or snapshot.now)) / 2))
