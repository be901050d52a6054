"""The status contract catches what it is there for: a contract that accepts anything would be worse than none."""

import pytest
from tests.support.lives import Life
from tests.support.snapshots import a_spec, some_actions
from tests.support.status_contract import TABLE, check_status, check_transition

from countersign.api.plan_status import Diagnostic, Outcome
from countersign.core.steps import Failure

WAITING = Life().turn().status
SUSPENDED = Life(a_spec(suspend=True)).turn().decide().turn().status
DONE = Life(a_spec(*some_actions(2))).approved().status
INVALID = Life(a_spec(actions=[])).turn().status
DIGEST = "sha256:" + "0" * 64


def _failed():
    life = Life(a_spec(*some_actions(3))).turn()
    life.world.failures["tool-2"] = [Failure("Invalid", "wrong", passing=False)]
    return life.decide().turns().status


def _with_condition(plan, **changes):
    return plan.but(conditions=[condition.but(**changes) for condition in plan.conditions])


def _with_approval(status, **changes):
    return status.but(approval=status.approval.but(**changes))


def _with_entry(plan, **changes):
    return plan.but(actions=[plan.actions[0].but(**changes), *plan.actions[1:]])


@pytest.mark.parametrize("status", [WAITING, SUSPENDED, DONE, INVALID, _failed()])
def test_good(status):
    """What the operator writes keeps the contract."""
    check_status(status, generation=1)
    check_transition(status, status)


BROKEN = {
    "an unknown reason": WAITING.but(reason="Confused"),
    "a reason of another phase": WAITING.but(phase="Approved"),
    "a condition is missing": WAITING.but(conditions=WAITING.conditions[1:]),
    "a condition too many": WAITING.but(conditions=[*WAITING.conditions, WAITING.conditions[0].but(type="Zz")]),
    "conditions out of order": WAITING.but(conditions=WAITING.conditions[::-1]),
    "conditions that are all true": _with_condition(WAITING, status="True"),
    "conditions of another reason": _with_condition(WAITING, reason="Other"),
    "conditions of another generation": _with_condition(WAITING, observed_generation=7),
    "times that are none": _with_condition(WAITING, last_transition_time="now"),
    "another message": WAITING.but(message="something else"),
    "no message": WAITING.but(message=""),
    "no digest": WAITING.but(digest=None),
    "half a digest": WAITING.but(digest="sha256:1"),
    "a digest without a publication": WAITING.but(publication=0),
    "a preview of another digest": WAITING.but(preview="plan-123"),
    "a digest of an invalid plan": INVALID.but(digest=DIGEST),
    "no gate": _with_approval(WAITING, gate=None),
    "no end": _with_approval(WAITING, expires_at=None),
    "a wrong count": _with_approval(WAITING, approved=1),
    "a count of nobody": _with_approval(SUSPENDED, decisions=[], recorded=None),
    "an author who counts": _with_approval(SUSPENDED, authors=["ann"]),
    "somebody counted twice": _with_approval(SUSPENDED, counted=["ann", "ann"], approved=2, progress="2/1"),
    "a wrong record": _with_approval(SUSPENDED, recorded="77"),
    "approved by too few": _with_approval(SUSPENDED, required=2, progress="1/2"),
    "waiting for nobody": _with_approval(WAITING, required=0, progress="0/0"),
    "used before it started": _with_approval(WAITING, consumed_at="2030-01-01T12:00:00Z"),
    "no stages": WAITING.but(validation=WAITING.validation.but(stages=[])),
    "never validated": WAITING.but(validation=None),
    "an invalid plan that waits": WAITING.but(validation=INVALID.validation),
    "a valid plan that is invalid": INVALID.but(validation=WAITING.validation),
    "an error in a valid plan": WAITING.but(
        validation=WAITING.validation.but(diagnostics=[Diagnostic(stage=1, code="x", severity="error", message="x")])
    ),
    "a risk of no action": WAITING.but(max_risk="critical"),
    "an action that runs in a waiting plan": _with_entry(WAITING, status="running", attempts=1, started_at="x"),
    "an action that waits in a finished plan": _with_entry(DONE, status="pending"),
    "the same action twice": DONE.but(actions=[DONE.actions[0]] * 2),
    "skipped for no reason": _with_entry(DONE, status="skipped"),
    "done at no time": _with_entry(DONE, finished_at=None),
    "a line break": _with_entry(DONE, message="a\nb"),
    "a wrong progress": DONE.but(progress="1/2"),
    "a run that never ended": DONE.but(execution=DONE.execution.but(finished_at=None)),
    "a run of another digest": DONE.but(execution=DONE.execution.but(digest=DIGEST)),
    "no run": DONE.but(execution=None),
    "a run of a waiting plan": WAITING.but(execution=DONE.execution),
    "an approval that was not used": _with_approval(DONE, consumed_at=None),
    "no outcome": DONE.but(outcome=None),
    "an outcome before the end": WAITING.but(outcome=Outcome(summary="x")),
    "a wrong outcome": DONE.but(outcome=DONE.outcome.but(entities_affected=1)),
    "nothing remembered": DONE.but(ledger=[]),
    "too large": _with_entry(DONE, message="x" * 200_000),
}


@pytest.mark.parametrize("status", BROKEN.values(), ids=BROKEN.keys())
def test_broken(status):
    """Each way of being wrong is noticed."""
    with pytest.raises(AssertionError):
        check_status(status)


def test_out_of_date():
    """A status of another generation is noticed when it should be up to date."""
    with pytest.raises(AssertionError):
        check_status(WAITING, generation=2)


TRANSITIONS = {
    "back out of an end": (DONE, DONE.but(phase="Approved")),
    "a smaller publication": (DONE, DONE.but(publication=0)),
    "an older generation": (DONE, DONE.but(observed_generation=0)),
    "a decision is gone": (SUSPENDED, _with_approval(SUSPENDED, decisions=[])),
    "a decision is another": (
        SUSPENDED,
        _with_approval(SUSPENDED, decisions=[SUSPENDED.approval.decisions[0].but(by="eve")]),
    ),
    "an author is gone": (SUSPENDED, _with_approval(SUSPENDED, authors=[])),
    "an intent is forgotten": (DONE, DONE.but(ledger=DONE.ledger[1:])),
    "a record without a decision": (SUSPENDED, _with_approval(SUSPENDED, recorded="9")),
    "another digest of the same publication": (WAITING, WAITING.but(digest=DIGEST)),
    "the same digest of another publication": (WAITING, WAITING.but(publication=2)),
    "an approval is used again": (DONE, _with_approval(DONE, consumed_at="2030-01-01T13:00:00Z")),
    "a run is forgotten": (DONE, WAITING.but(ledger=DONE.ledger, approval=DONE.approval, digest=None)),
    "a time that moved by itself": (WAITING, _with_condition(WAITING, last_transition_time="2030-01-01T13:00:00Z")),
}


@pytest.mark.parametrize(("before", "after"), TRANSITIONS.values(), ids=TRANSITIONS.keys())
def test_broken_transition(before, after):
    """Each step that must not happen is noticed."""
    with pytest.raises(AssertionError):
        check_transition(before, after)


def test_time_runs_backwards():
    """A condition that changes cannot have changed before it was as it was."""
    early = _with_condition(DONE, last_transition_time="2000-01-01T00:00:00Z")
    waiting = DONE.but(phase="Draft", history=[*DONE.history, _past()], conditions=early.conditions)
    flipped = [condition.but(status="Unknown") for condition in waiting.conditions]
    with pytest.raises(AssertionError):
        check_transition(DONE, waiting.but(conditions=flipped, digest=None))


def _past():
    return Life().approved().edit(description="x").turn().status.history[0]


def test_table():
    """Every row is complete."""
    assert all(len(letters) == 4 and set(letters) <= set("TF?") for letters, _ in TABLE.values())
