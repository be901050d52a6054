"""What the operator writes into a Plan: nothing is lost by writing and reading it back, nothing stands there in vain."""

import json

import pytest
from tests.support.lives import Life
from tests.support.snapshots import a_spec, some_actions

from countersign.api.approval_status import Approval
from countersign.api.plan_status import ActionStatus, Outcome, PlanStatus, Validation
from countersign.core.steps import Failure


def _failed():
    life = Life(a_spec(*some_actions(3), continueOnError=True), journal=True).turn()
    life.world.failures["tool-2"] = [Failure("Timeout", "not done", passing=True)] * 9
    return life.decide(comment="go").turns().retry().turn().decide("reject").turn()


LIVES = {
    "approved": Life().approved(),
    "failed, retried and rejected": _failed(),
    "invalid": Life(a_spec(actions=[])).turn(),
    "expired": Life().turn().later(days=2).turn(),
}


@pytest.mark.parametrize("life", LIVES.values(), ids=LIVES.keys())
def test_read_back(life):
    """Every status reads back as what it was, and is written the same again."""
    for status in life.written:
        wire = json.loads(json.dumps(status.wire()))
        again = PlanStatus.model_validate(wire)
        assert again == status
        assert again.wire() == wire


def test_another_version():
    """A stage that ended in a word of another version does not make the plan unreadable, and a known one is never touched."""
    ended = [
        {"number": 1, "name": "Structural", "result": "Passed"},
        {"number": 11, "name": "Quotas", "result": "NotChecked"},
    ]
    status = PlanStatus.model_validate({"validation": {"valid": True, "stages": ended}})
    assert status.validation
    assert [stage.result for stage in status.validation.stages] == ["Passed", "NotReached"]


@pytest.mark.parametrize("life", LIVES.values(), ids=LIVES.keys())
def test_nothing_in_vain(life):
    """Nothing empty is written."""
    assert all(_full(status.wire()) for status in life.written)


def _full(value):
    match value:
        case dict():
            return all(item not in ("", [], {}, None) and _full(item) for item in value.values())
        case list():
            return all(map(_full, value))
        case _:
            return True


def test_new_plan():
    """A status that nobody wrote yet is that of a plan that nobody has looked at."""
    status = PlanStatus()
    assert (status.observed_generation, status.phase, status.publication, status.digest) == (-1, "Draft", 0, None)
    assert status.wire()["approval"] == {"required": 0, "approved": 0, "generation": 0}


def test_written_by_a_newer_version():
    """Fields of a newer operator are ignored, so that a rollback can read them."""
    assert PlanStatus.model_validate({"phase": "Draft", "mood": "good"}) == PlanStatus()


def test_falsehoods_are_written():
    """What is false or zero is not empty."""
    entry = ActionStatus(id="a", type="t", status="pending")
    wire = PlanStatus(actions=[entry], outcome=Outcome(), approval=Approval(approved=0)).wire()
    assert wire["actions"] == [{"id": "a", "type": "t", "status": "pending", "changes": 0, "attempts": 0}]
    assert wire["outcome"] == {"entitiesAffected": 0}


def test_what_is_empty_is_not_written():
    """At every depth; zero and false say something and stay."""
    status = PlanStatus(
        validation=Validation(valid=False, omitted=0),
        outcome=Outcome(entities_affected=0, details={"created": ["tools.countersign.dev/a"], "failed": []}),
    )

    written = status.wire()

    assert written["validation"] == {"valid": False, "omitted": 0}
    assert written["outcome"] == {"entitiesAffected": 0, "details": {"created": ["tools.countersign.dev/a"]}}
    assert "ledger" not in written
    assert "message" not in written


def test_frozen():
    """A status is changed by making another one."""
    status = PlanStatus()
    assert status.but(publication=2).publication == 2
    assert status.publication == 0
