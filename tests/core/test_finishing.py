"""The end of a run: what came of it, what is remembered, and how a finished plan opens again or goes."""

from datetime import timedelta

import pytest
from tests.support.lives import Life
from tests.support.pretend import World
from tests.support.snapshots import SECOND, a_plan, a_snapshot, a_spec, an_action, some_actions

from countersign.api.plan_status import ActionStatus, PlanStatus
from countersign.core.finishing import finish, reopen, reopened
from countersign.core.situation import Situation
from countersign.core.steps import Failure

FINAL = Failure("Invalid", "Tool tool-2: wrong", passing=False)


def _failed(**spec):
    life = Life(a_spec(*some_actions(3), **spec)).turn()
    life.world.failures["tool-2"] = [FINAL]
    return life.decide().turns()


def _entry(name, status, reason="", operation=None, **rest):
    refs = [f"tools.countersign.dev/{name}"]
    return ActionStatus(
        id=name, type="tool.upsert", status=status, reason=reason, operation=operation, resource_refs=refs, **rest
    )


def test_outcome():
    """The outcome names the objects by what happened to them, counts what was really touched, and says it in a sentence."""
    entries = [
        _entry("a", "applied", operation="created"),
        _entry("b", "applied", operation="configured"),
        _entry("c", "applied", operation="deleted"),
        _entry("d", "applied", operation="unchanged"),
        _entry("e", "skipped", "AlreadyApplied", operation="unchanged"),
        _entry("f", "failed", "Invalid", operation="created"),
        _entry("g", "pending", operation="created"),
    ]
    step = finish(a_snapshot(a_plan(status=PlanStatus(actions=entries))), Situation.ACTION_FAILED, left="NotReached")
    outcome = step.status.outcome
    assert {what: [name[-1] for name in names] for what, names in outcome.details.items()} == {
        "created": ["a"],
        "configured": ["b"],
        "unchanged": ["d", "e"],
        "failed": ["f"],
        "deleted": ["c"],
    }
    assert (outcome.entities_affected, step.status.progress) == (3, "6/7")
    assert outcome.summary == "1 created, 1 configured, 2 unchanged, 1 deleted, 1 failed, 1 not run"


def test_outcome_of_many_objects():
    """An action may make several objects: all are counted, and as many are listed as find room."""
    entries = [
        _entry("a", "applied", operation="created").but(
            resource_refs=[f"tools.countersign.dev/{action}-{n}" for n in range(5)]
        )
        for action in range(100)
    ]
    step = finish(a_snapshot(a_plan(status=PlanStatus(actions=entries))), Situation.SUCCEEDED)
    outcome = step.status.outcome
    assert (outcome.entities_affected, outcome.summary) == (500, "500 created")
    assert len(outcome.details["created"]) <= 400


def test_nothing_to_do():
    """A run that came to nothing says so."""
    assert finish(a_snapshot(), Situation.SUCCEEDED).status.outcome.summary == "nothing to do"


def test_retry():
    """A failed plan is tried again from where it failed: new publication, new approval, what is done is not repeated."""
    life = _failed()
    assert life.turn().status.phase == "Failed"
    life.retry().turn()
    assert (life.status.reason, life.status.publication) == ("AwaitingApproval", 2)
    assert [run.result for run in life.status.history] == ["ActionFailed"]
    assert life.status.history[0].summary == "1 created, 1 failed, 1 not run"
    life.turn().decide().turns()
    assert life.world.writes == ["tool-1", "tool-2", "tool-3"]
    assert [(entry.status, entry.reason) for entry in life.status.actions] == [
        ("skipped", "AlreadyApplied"),
        ("applied", ""),
        ("applied", ""),
    ]


def test_retry_of_another_publication():
    """A retry names the publication that it means; any other is no retry."""
    assert _failed().retry(2).turn().status.phase == "Failed"
    assert Life().approved().retry().turn().status.phase == "Executed"


def test_retry_without_approval():
    """A retry starts nothing by itself."""
    life = _failed().retry().turn().turn()
    assert (life.world.writes, life.status.reason) == (["tool-1"], "AwaitingApproval")


def test_edit_of_a_finished_plan():
    """An edit of what was approved opens the next publication."""
    life = Life().approved().edit(actions=[an_action(key="v2", spec={"description": "new"})]).turn()
    assert (life.status.reason, life.status.publication) == ("AwaitingApproval", 2)
    assert (life.status.execution, life.status.outcome) == (None, None)
    life.decide().turns()
    assert life.world.tools["payments"].ours["description"] == "new"
    assert [entry.key for entry in life.status.ledger] == ["payments.v1", "v2"]


def test_edit_beside_a_retry_annotation():
    """An annotation that names the publication of an executed plan does not swallow an edit."""
    life = Life().approved().retry().turn().edit(description="more").turn()
    assert (life.status.reason, life.status.publication) == ("AwaitingApproval", 2)


@pytest.mark.parametrize("fields", [{"suspend": True}, {"cancel": True}, {"ttlAfterFinished": "1h"}])
def test_edit_of_what_is_not_approved(fields):
    """What the digest leaves out changes nothing of a finished plan, and is acknowledged."""
    life = Life().approved().edit(**fields).turn()
    assert (life.status.reason, life.status.observed_generation) == ("Succeeded", 2)


def test_another_version_of_the_operator():
    """A finished plan that nobody edited stays finished, also if a newer operator reads its spec differently."""
    status = Life().approved().status.but(spec_digest="sha256:as an older one read it")
    assert not reopened(a_snapshot(a_plan(status=status)))


def test_reopened_after_its_record_was_shortened():
    """What the ledger holds already is not added a second time, however little the journal still says."""
    status = Life().approved().status
    short = status.but(actions=[entry.but(idempotency_key="", params_digest="") for entry in status.actions])
    assert reopen(a_snapshot(a_plan(status=short)), result="Succeeded").status.ledger == status.ledger


def test_edit_into_nonsense():
    """A finished plan that is edited into something invalid says so; its run is in the history."""
    life = Life().approved().edit(actions=[]).turn()
    assert (life.status.reason, life.status.history[0].result) == ("Invalid", "Succeeded")


def test_same_key_for_another_intent():
    """A key that was carried out names its params for good."""
    life = Life().approved().edit(actions=[an_action(spec={"description": "other"})]).turn()
    assert life.status.reason == "Invalid"
    assert life.status.validation.diagnostics[0].code == "Structural.IdempotencyKeyReused"
    assert "publication 1" in life.status.message


def test_failed_key_may_change():
    """A key that was never carried out may get other params."""
    actions = [an_action(f"tool-{number}", spec={"description": "better"} if number == 2 else {}) for number in (1, 2)]
    assert _failed().edit(actions=actions).turn().status.reason == "AwaitingApproval"


def test_history():
    """The last five runs are remembered."""
    life = Life().approved()
    for number in range(7):
        life.edit(description=str(number)).turn().decide().turns()
    assert [run.publication for run in life.status.history] == [3, 4, 5, 6, 7]
    assert life.status.publication == 8


def test_late_decision():
    """A decision about a finished plan is recorded as not counting."""
    life = Life().approved().decide("revoke").turn()
    assert (life.status.reason, life.status.approval.decisions[-1].counts) == ("Succeeded", False)
    assert life.status.approval.counted == ["ann"]


@pytest.mark.parametrize("end", ["Succeeded", "ActionFailed", "Cancelled", "withdrawn"])
def test_time_to_live(end):
    """A plan that asked for it goes some time after its end, whatever the end was."""
    life = Life(a_spec(*some_actions(2), ttlAfterFinished="1h")).turn().later(minutes=1)
    if end == "withdrawn":
        life.edit(cancel=True).turn()
    if end == "Cancelled":
        life.meanwhile = [lambda: life.edit(cancel=True)]
    if end == "ActionFailed":
        life.world.failures["tool-1"] = [FINAL]
    if end != "withdrawn":
        life.decide().turns()
    assert life.status.reason == end.replace("withdrawn", "Cancelled")
    assert life.until == life.now + timedelta(hours=1)
    assert not life.later(minutes=59).turn().removed
    assert life.later(minutes=1).turn().removed


@pytest.mark.parametrize("ttl", ["999999d999999d999999d999999d", None, "soon", 5], ids=["aeons", "none", "a word", "5"])
def test_plans_that_stay(ttl):
    """A plan that named no time, or one beyond the calendar, stays."""
    plan = a_plan(status=Life().approved().status, ttlAfterFinished=ttl)
    assert finish(a_snapshot(plan), Situation.SUCCEEDED).until is None


def test_time_to_live_of_a_reopened_plan():
    """A finished plan that was opened again is not removed under the feet of those who look at it."""
    life = Life(a_spec(ttlAfterFinished="1h")).approved().edit(description="new").later(hours=2).turn()
    assert (life.removed, life.status.reason) == (False, "AwaitingApproval")


def test_cancelled_before_it_ran():
    """A plan that is cancelled while it waits has done nothing, and stays ended."""
    life = Life(a_spec(*some_actions(2))).turn().decide("reject", by=SECOND).edit(cancel=True).turn()
    assert (life.status.phase, life.status.reason, life.status.progress) == ("Failed", "Cancelled", "0/2")
    assert {entry.reason for entry in life.status.actions} == {"Cancelled"}
    assert (life.status.digest, life.status.approval.decisions[0].outcome) == (None, "reject")
    life.retry().turn().edit(description="again").turn()
    assert (life.status.reason, life.world.writes) == ("Cancelled", [])


def test_cancelled_before_anybody_looked():
    """A plan that is submitted as cancelled ends without a look at the world."""
    life = Life(a_spec(cancel=True), world=World()).turn()
    assert (life.status.reason, life.world.asked) == ("Cancelled", [])


def test_reopened_without_a_run():
    """A status that somebody else left behind does not keep the plan from opening again."""
    plan = a_plan(status=PlanStatus(phase="Failed", reason="ActionFailed", publication=3, observed_generation=0))
    assert reopened(a_snapshot(plan))
    past = reopen(a_snapshot(plan), result="ActionFailed").status.history[0]
    assert (past.publication, past.digest, past.summary) == (3, "unknown", "")
