"""`suspend`, `resume` and `cancel` set what they say, once, and tell what the operator made of it."""

import json

import pytest
from tests.support.fake_plans import FakePlans
from tests.support.plans import a_plan, executed, waiting
from tests.support.typed import typed

SUSPENDED = waiting(phase="Approved", reason="Suspended", message="it is suspended")
CANCELLED = waiting(phase="Failed", reason="Cancelled", message="nothing was changed")


@pytest.fixture
def fake():
    return FakePlans().holds(a_plan())


def patches(fake):
    return [what for verb, what in fake.calls if verb == "patch"]


def test_suspend(fake):
    """The field is set, and the operator's answer is told."""
    fake.then(fake.verdict("payments", **SUSPENDED))
    result = typed("suspend", "payments", fake=fake)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "plan.countersign.dev/payments suspended",
        "  Approved (Suspended), 0/1: it is suspended",
    ]
    assert fake.plan("payments")["spec"]["suspend"] is True


def test_resume(fake):
    """And set back."""
    fake.holds(a_plan(status=SUSPENDED, suspend=True)).then(fake.verdict("payments", **executed()))
    result = typed("resume", "payments", "-o", "json", fake=fake)
    assert json.loads(result.stdout)["phase"] == "Executed"
    assert fake.plan("payments")["spec"]["suspend"] is False


@pytest.mark.parametrize(
    ("command", "suspended", "told"), [("suspend", True, "is suspended already"), ("resume", False, "is not suspended")]
)
def test_nothing_to_set(fake, command, suspended, told):
    """What is so already is not written again."""
    fake.holds(a_plan(suspend=suspended))
    result = typed(command, "payments", fake=fake)
    assert (result.exit_code, patches(fake)) == (0, [])
    assert f"plan.countersign.dev/payments {told}" in result.stdout


@pytest.mark.parametrize("command", [("suspend",), ("resume",), ("cancel", "--yes")])
def test_too_late(fake, command):
    """A plan that has ended cannot be steered any more."""
    result = typed(*command, "payments", fake=fake.holds(a_plan(status=executed())))
    assert (result.exit_code, patches(fake)) == (1, [])
    assert "any more: it is Executed (Succeeded)" in result.stderr


def test_cancel(fake):
    """What is given up is shown, and yes gives it up."""
    fake.then(fake.verdict("payments", **CANCELLED))
    result = typed("cancel", "payments", fake=fake, answers="y\n")
    assert result.exit_code == 0
    assert result.stdout.index("tool.upsert") < result.stdout.index("Cancel payments? It cannot be taken back [y/N]: y")
    assert result.stdout.splitlines()[-1] == "  Failed (Cancelled), 0/1: nothing was changed"
    assert fake.plan("payments")["spec"]["cancel"] is True


def test_cancel_declined(fake):
    """Anything but yes leaves it as it is."""
    result = typed("cancel", "payments", fake=fake, answers="n\n")
    assert (result.exit_code, result.stderr, patches(fake)) == (1, "Nothing was cancelled\n", [])


def test_cancel_without_anybody(fake):
    """Without a terminal there has to be --yes."""
    result = typed("cancel", "payments", fake=fake)
    assert (result.exit_code, fake.calls) == (2, [])


def test_cancelled_already(fake):
    """Cancelling twice is no fault."""
    result = typed("cancel", "payments", "--yes", fake=fake.holds(a_plan(status=CANCELLED, cancel=True)))
    assert (result.exit_code, patches(fake)) == (0, [])


def test_not_taken_up(fake):
    """An operator that does not answer is waited for, and then named."""
    result = typed("suspend", "payments", fake=fake)
    assert result.exit_code == 4
    assert "is changed, but the operator has not taken it up yet" in result.stderr
