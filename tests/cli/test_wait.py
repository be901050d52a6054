"""`wait` ends when what was waited for is there, when it cannot come any more, or when the time is over."""

import json

import pytest
from tests.support.fake_plans import FakePlans
from tests.support.plans import a_plan, executed, invalid, waiting
from tests.support.typed import typed

from countersign.api.names import PLAN


def condition(kind, status):
    moment = "2026-01-01T12:00:00Z"
    return {"type": kind, "status": status, "reason": "R", "lastTransitionTime": moment, "observedGeneration": 1}


APPROVED = [condition("Approved", "True"), condition("Ready", "True")]
SUSPENDED = waiting(phase="Approved", reason="Suspended", message="it is suspended", conditions=APPROVED)


@pytest.fixture
def fake():
    return FakePlans().holds(a_plan())


def test_finished(fake):
    """By default until all of it is done; on the way it says where the plan stands."""
    fake.then(lambda: None, fake.verdict("payments", **executed()))
    result = typed("wait", "payments", fake=fake)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "✓ payments: Executed (Succeeded): 1 created"
    assert "an approver runs 'countersign approve payments -n default'" in result.stderr


@pytest.mark.parametrize("goal", ["approved", "condition=approved", "condition=Ready=True", "condition=Ready"])
def test_other_goals(fake, goal):
    """An approval or any condition, in the spelling of kubectl wait."""
    fake.then(fake.verdict("payments", **SUSPENDED))
    result = typed("wait", "payments", f"--for={goal}", "-o", "json", fake=fake)
    answer = json.loads(result.stdout)
    assert (result.exit_code, answer["reached"], answer["for"], answer["phase"]) == (0, True, goal, "Approved")


@pytest.mark.parametrize("status", [invalid(), waiting(reason="Rejected"), waiting(reason="TooManyDecisions")])
@pytest.mark.parametrize("goal", ["finished", "approved", "condition=Succeeded"])
def test_will_not_come(fake, goal, status):
    """What cannot come by itself any more is not waited for."""
    fake.holds(a_plan(status=status))
    result = typed("wait", "payments", f"--for={goal}", fake=fake)
    assert result.exit_code == 1
    assert f"✗ payments: Draft ({status['reason']})" in result.stdout


def test_time_out(fake):
    """4, with what is missing."""
    result = typed("wait", "payments", "--for=approved", "--timeout=3s", fake=fake)
    assert result.exit_code == 4
    assert "… payments is not approved in time: AwaitingApproval (high risk, 0/1 approvals)" in result.stdout


def test_condition_of_old_generation(fake):
    """A condition that was true of an earlier generation is not waited for."""
    fake.holds(a_plan(status={**SUSPENDED, "observedGeneration": 0}))
    assert typed("wait", "payments", "--for=approved", "--timeout=1s", fake=fake).exit_code == 4


def test_deleted_meanwhile(fake):
    """A plan that goes away ends the waiting."""
    fake.then(lambda: fake.delete(PLAN, namespace="default", name="payments"))
    result = typed("wait", "payments", fake=fake)
    assert result.exit_code == 1
    assert "was deleted while it was waited for" in result.stderr


@pytest.mark.parametrize("goal", ["done", "condition=", "condition"])
def test_no_goal(fake, goal):
    """A goal that is none is a wrong call."""
    result = typed("wait", "payments", f"--for={goal}", fake=fake)
    assert (result.exit_code, fake.calls) == (2, [])
    assert "write approved, finished or condition=NAME[=VALUE]" in result.stderr
