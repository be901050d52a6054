"""`retry` opens the next publication of a plan that ended, and explains where there is nothing to retry."""

import json

import pytest
from tests.support.fake_plans import FakePlans
from tests.support.plans import a_plan, executed, invalid, waiting
from tests.support.typed import typed

from countersign.api.names import RETRY

FAILED = waiting(phase="Failed", reason="ActionFailed", message="1 failed", publication=3)
REOPENED = waiting(publication=4)


@pytest.fixture
def fake():
    return FakePlans().holds(a_plan(status=FAILED))


@pytest.mark.parametrize("status", [FAILED, waiting(reason="Expired", publication=3)])
def test_retry(fake, status):
    """The annotation names the publication that ended; who has to approve the next one is told."""
    fake.holds(a_plan(status=status)).then(lambda: None, fake.verdict("payments", **REOPENED))
    result = typed("retry", "payments", fake=fake)
    assert result.exit_code == 0
    assert fake.plan("payments")["metadata"]["annotations"] == {RETRY: "3"}
    assert result.stdout.splitlines() == [
        "plan.countersign.dev/payments is tried again",
        "  AwaitingApproval (high risk, 0/1 approvals): an approver runs 'countersign approve payments -n default'",
    ]


def test_still_wrong(fake):
    """A retry that ends at once in an invalid plan exits with 1."""
    fake.then(fake.verdict("payments", **invalid(publication=3)))
    result = typed("retry", "payments", "-o", "json", fake=fake)
    assert (result.exit_code, json.loads(result.stdout)["reason"]) == (1, "Invalid")


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (executed(), "all of it is done, change the plan to have more done"),
        (
            waiting(phase="Failed", reason="Cancelled"),
            "it was cancelled and stays so, submit another plan for the rest",
        ),
        (waiting(observedGeneration=0), "the operator has not looked at it yet, wait for its verdict"),
        (waiting(), "AwaitingApproval (high risk, 0/1 approvals): an approver runs"),
        (waiting(phase="Executing", reason="Running"), "Executing (Running), 0/1: high risk, 1 approval is missing"),
    ],
)
def test_nothing_to_retry(fake, status, why):
    """Each other state says what to do instead."""
    result = typed("retry", "payments", fake=fake.holds(a_plan(status=status)))
    assert result.exit_code == 1
    assert f"There is nothing to retry in the plan payments: {why}" in result.stderr
    assert ("patch", "payments") not in fake.calls


def test_not_taken_up(fake):
    """An operator that does not answer is named."""
    assert typed("retry", "payments", fake=fake).exit_code == 4
