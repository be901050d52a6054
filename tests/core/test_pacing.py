"""When a plan is looked at again."""

from datetime import timedelta

import pytest
from tests.support.snapshots import NOW, a_plan, a_snapshot

from countersign.api.plan_status import PlanStatus
from countersign.core.pacing import SOON, after, growing, revalidation
from countersign.model.condition import Condition


@pytest.mark.parametrize("jitter", [0.0, 0.5, 0.999])
def test_spread(jitter):
    """Never before the time that was asked for, and never much later."""
    found = after(a_snapshot(jitter=jitter), SOON) - NOW
    assert found == SOON * (1 + jitter / 2)
    assert revalidation(a_snapshot(jitter=jitter)) - NOW == timedelta(minutes=10) * (1 + jitter / 2)


def test_validation_only():
    """A plan for validation only is looked at in time to remove it."""
    snapshot = a_snapshot(a_plan(validateOnly=True, created_at=NOW - timedelta(seconds=58)))
    assert after(snapshot, SOON) == NOW + timedelta(seconds=2)


@pytest.mark.parametrize(
    ("wrong_for", "expected"),
    [(0, 5), (9, 5), (60, 30), (600, 300), (1200, 600), (10**6, 600), (-5, 5)],
    ids=["now", "a moment ago", "a minute", "ten minutes", "twenty", "days", "in the future"],
)
def test_growing(wrong_for, expected):
    """Half of the time for which it has been wrong, at least five seconds, at most as any other plan."""
    status = _since((NOW - timedelta(seconds=wrong_for)).isoformat())
    assert growing(a_snapshot(), status) == timedelta(seconds=expected)


def test_unreadable_condition():
    """If nobody can tell since when, it is soon."""
    assert growing(a_snapshot(), _since("yesterday")) == SOON


def _since(text):
    condition = Condition(type="Validated", status="False", reason="Invalid", last_transition_time=text)
    return PlanStatus(conditions=[condition])
