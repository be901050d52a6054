"""Every state a plan can be in: phase and reason for people, conditions for programs, in one row."""

from datetime import timedelta

import pytest
from tests.support.lives import Life
from tests.support.snapshots import NOW, a_plan, a_snapshot
from tests.support.status_contract import TABLE

from countersign.api.plan_status import PlanStatus
from countersign.core.situation import Situation, situate

_EXCEPTIONS = {Situation.WITHDRAWN: "?FFF", Situation.BLOCKED_BUT_OPENABLE: "TFFF"}
"""Cancelled before it ran, and blocked where somebody may break the glass."""
ROWS = [pytest.param(situation, id=situation.name) for situation in Situation]


def _situated(situation, *, now=NOW, status=None, message="so", generation=3):
    snapshot = a_snapshot(a_plan(generation=generation), now=now)
    return situate(snapshot, status or PlanStatus(), situation, message)


@pytest.mark.parametrize("situation", ROWS)
def test_rows(situation):
    """Phase, reason, conditions and kstatus are those of the specification."""
    letters, kstatus = TABLE[situation.phase, situation.reason]
    assert situation.letters == _EXCEPTIONS.get(situation, letters)
    assert situation.kstatus == kstatus
    status = _situated(situation)
    assert (status.phase, status.reason, status.observed_generation) == (situation.phase, situation.reason, 3)
    assert len(status.conditions) == 4 + bool(kstatus)


def test_every_row_of_the_table():
    """There is no state that is not specified, and none specified that does not exist."""
    assert {(situation.phase, situation.reason) for situation in Situation} == set(TABLE)


def test_ready_carries_the_sentence():
    """One condition carries the message; it stands in status.message, too."""
    status = _situated(Situation.INVALID, message="x" * 5000)
    messages = {condition.type: len(condition.message) for condition in status.conditions}
    assert messages == {"Approved": 0, "Ready": 1024, "Stalled": 0, "Succeeded": 0, "Validated": 0}
    assert len(status.message) == 2048


def test_times():
    """A condition keeps its time until its status really changes, whatever the reason is called."""
    first = _situated(Situation.AWAITING_APPROVAL)
    later = NOW + timedelta(hours=1)
    second = _situated(Situation.SUSPENDED, now=later, status=first)
    times = {condition.type: condition.last_transition_time for condition in second.conditions}
    assert times == {
        "Approved": "2030-01-01T13:00:00Z",
        "Ready": "2030-01-01T12:00:00Z",
        "Succeeded": "2030-01-01T12:00:00Z",
        "Validated": "2030-01-01T12:00:00Z",
    }


def test_ready_never_fails_a_wait():
    """A plan that waits for people is ready, so that a rollout that only submits it does not time out."""
    assert {situation.letters[3] for situation in Situation if situation.reason == "AwaitingApproval"} == {"T"}
    assert all(situation.kstatus == "Stalled" for situation in Situation if situation.letters[3] == "F")


def test_reopened_plan_keeps_its_times():
    """A finished plan that is edited and waits again was ready all the time."""
    life = Life().approved().later(hours=1).edit(description="new").turn()
    times = {condition.type: condition.last_transition_time for condition in life.status.conditions}
    assert (times["Ready"], times["Succeeded"]) == ("2030-01-01T12:00:00Z", "2030-01-01T13:00:00Z")
