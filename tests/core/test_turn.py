"""Whole lives of plans: what people do, and what becomes of the plan."""

from tests.support.lives import Life
from tests.support.pretend import World
from tests.support.snapshots import (
    APPROVER,
    PROPOSER,
    SECOND,
    a_plan,
    a_snapshot,
    a_spec,
    an_action,
    some_actions,
)

from countersign.core.steps import Rest
from countersign.core.turn import next_step
from countersign.model.facts import Unavailable


def test_approved():
    """A plan waits, is approved, makes its tool once and says what it made."""
    life = Life().turn()
    assert (life.status.reason, life.world.writes) == ("AwaitingApproval", [])
    life.decide().turns()
    assert (life.status.phase, life.status.reason, life.status.progress) == ("Executed", "Succeeded", "1/1")
    assert life.world.writes == ["payments"]
    assert life.status.outcome.details["created"] == ["tools.countersign.dev/payments"]
    assert life.status.approval.counted == [APPROVER]


def test_message_while_waiting():
    """While a plan waits its message holds the commands that show and approve it."""
    status = Life().turn().status
    assert f"countersign.dev/approve={status.digest}" in status.message
    assert f"kubectl get planpreview -n team-a {status.preview}" in status.message
    assert "medium risk, 1 approval is missing until 2030-01-02T12:00:00Z" in status.message


def test_nothing_changes_by_itself():
    """Looking at a waiting plan again, later or after a restart, changes nothing of its status."""
    life = Life().turn()
    before = life.status
    life.later(minutes=10).turn().later(hours=5).turn()
    assert life.status == before


def test_rejected():
    """A rejection holds against any approval until the one who rejected revokes it."""
    life = Life().turn().decide("reject", by=SECOND, comment="not on\nFridays").turn()
    assert (life.status.phase, life.status.reason) == ("Draft", "Rejected")
    assert "Rejected by bob: not on Fridays. It stays so until bob revokes" in life.status.message
    life.decide().turn()
    assert (life.status.reason, life.status.approval.approved) == ("Rejected", 1)
    life.decide("revoke", by="somebody else").turn()
    assert life.status.reason == "Rejected"
    life.decide("revoke", by=SECOND).turns()
    assert life.status.reason == "Succeeded"


def test_rejection_that_is_answered():
    """A rejection covers one digest: the changed plan waits for approval again."""
    life = Life().turn().decide("reject").turn().edit(rationale="because").turn()
    assert (life.status.reason, life.status.publication) == ("AwaitingApproval", 2)


def test_revision():
    """Whoever asks for a revision holds the plan up until it is changed or they revoke."""
    life = Life().turn().decide("revise", comment='{"partial": {}}').turn()
    assert life.status.reason == "RevisionRequested"
    assert life.decide(by=SECOND).turn().status.reason == "RevisionRequested"
    assert life.edit(description="better").turn().status.reason == "AwaitingApproval"
    life = Life().turn().decide("revise").turn().decide("revoke").turn()
    assert life.status.reason == "AwaitingApproval"


def test_revoked():
    """A revoked approval is none."""
    life = Life(a_spec(suspend=True)).turn().decide().turn()
    assert (life.status.phase, life.status.reason) == ("Approved", "Suspended")
    life.decide("revoke").turn().edit(suspend=False).turn()
    assert (life.status.reason, life.status.approval.approved, life.world.writes) == ("AwaitingApproval", 0, [])


def test_a_rejection_is_revoked_first():
    """Whoever changed their mind revokes their rejection and then approves."""
    life = Life().turn().decide("reject").turn().decide("approve").turns()
    assert (life.status.reason, life.status.approval.decisions[-1].counts) == ("Rejected", False)
    assert life.decide("revoke").turn().status.reason == "AwaitingApproval"
    assert life.decide("approve").turns().status.reason == "Succeeded"


def test_edit_after_approval():
    """An edit voids the approvals for good, also when it is taken back."""
    life = Life(a_spec(suspend=True)).turn().decide().turn()
    first = life.status.digest
    life.edit(description="evil").turn()
    assert (life.status.reason, life.status.publication, life.status.approval.approved) == ("AwaitingApproval", 2, 0)
    life.edit(description=None).turn()
    assert (life.status.reason, life.status.publication, life.status.approval.approved) == ("AwaitingApproval", 3, 0)
    assert life.status.digest != first
    life.edit(suspend=False).turn()
    assert life.world.writes == []


def test_edit_between_two_looks():
    """An edit that is taken back before the operator saw it changes nothing but the authors."""
    life = Life(a_spec(suspend=True)).turn().decide().turn()
    digest = life.status.digest
    life.edit(by="eve", description="evil").edit(by="eve", description=None).turn()
    assert (life.status.digest, life.status.reason) == (digest, "Suspended")
    assert life.status.approval.authors == [PROPOSER, "eve"]


def test_approver_who_becomes_an_author():
    """An approval ends when its giver becomes an author, even if the plan says the same as before."""
    life = Life(a_spec(suspend=True)).turn().decide().turn()
    life.edit(by=APPROVER, description="mine").edit(by=APPROVER, description=None, suspend=False).turn()
    assert (life.status.reason, life.status.approval.approved, life.world.writes) == ("AwaitingApproval", 0, [])


def test_expired():
    """After a day nobody can approve any more; a retry opens a new digest, the old approvals stay void."""
    life = Life(a_spec(suspend=True)).turn().decide().turn()
    first = life.status.digest
    assert life.until <= life.now.replace(day=2)
    life.later(days=1).turn()
    assert (life.status.phase, life.status.reason, life.status.digest) == ("Draft", "Expired", first)
    assert "countersign.dev/retry=1" in life.status.message
    life.decide(by=SECOND).turn()
    assert life.status.approval.decisions[-1].why == "the time for approving this digest is over"
    life.retry(7).turn()
    assert life.status.reason == "Expired"
    life.retry().turn()
    assert (life.status.reason, life.status.publication, life.status.approval.approved) == ("AwaitingApproval", 2, 0)
    assert life.later(hours=23).turn().status.reason == "AwaitingApproval"


def test_world_changes_before_the_run():
    """When what the plan would do changes, the approvals are void and the message says so."""
    life = Life(a_spec(suspend=True)).turn().decide().turn()
    life.world.meddle("payments", riskTags=["pii"])
    life.turn()
    assert (life.status.reason, life.status.publication, life.status.approval.approved) == ("PreviewChanged", 2, 0)
    assert life.status.message.startswith("The preview or the rules changed, so earlier approvals are void")
    assert life.later(minutes=20).turn().status.reason == "PreviewChanged"
    life.decide().edit(suspend=False).turns()
    assert life.status.actions[0].operation == "configured"


def test_world_changes_and_back():
    """There and back again is two publications."""
    life = Life().turn()
    life.world.meddle("payments", riskTags=["pii"])
    life.turn().world.lose("payments")
    assert life.turn().status.publication == 3


def test_world_changes_during_the_run():
    """A run that meets another world stops; what was done stays, and the rest is published anew."""
    life = Life(a_spec(*some_actions(3))).turn().decide()
    life.meanwhile = [lambda: None, lambda: life.world.meddle("tool-2", riskTags=["pii"])]
    life.turn()
    assert (life.status.phase, life.status.reason, life.status.publication) == ("Draft", "PreviewChanged", 2)
    assert life.status.history[-1].result == "Interrupted"
    assert life.status.history[-1].summary == "Tool tool-2 is no longer what the approvers saw; 1 created"
    assert [entry.key for entry in life.status.ledger] == ["tool-1.v1"]
    life.decide().turns()
    assert life.world.writes == ["tool-1", "tool-2", "tool-3"]
    assert [entry.reason for entry in life.status.actions] == ["AlreadyApplied", "", ""]
    assert life.status.outcome.details["unchanged"] == ["tools.countersign.dev/tool-1"]


def test_same_intent_in_another_plan():
    """A second plan with the same intents finds them carried out and writes nothing."""
    world = World()
    Life(world=world).approved()
    again = Life(world=world).approved()
    assert (again.status.actions[0].status, again.status.actions[0].reason) == ("skipped", "AlreadyApplied")
    assert (again.status.progress, again.status.outcome.entities_affected) == ("1/1", 0)
    assert world.writes == ["payments"]


def test_unavailable():
    """While the API server cannot be asked a published plan keeps its digest and its approvals, and nothing starts."""
    life = Life().turn().decide()
    life.world.refusals["payments"] = Unavailable("timeout")
    before = life.status
    life.turn()
    assert (life.status.digest, life.status.phase, life.world.writes) == (before.digest, "Draft", [])
    assert 5 <= (life.until - life.now).total_seconds() <= 8
    del life.world.refusals["payments"]
    assert life.turns().status.reason == "Succeeded"


def test_never_seen_and_unavailable():
    """A plan about which nothing is known yet is being validated."""
    world = World(account=Unavailable("timeout"))
    life = Life(world=world).turn()
    assert (life.status.phase, life.status.reason) == ("Draft", "Validating")
    assert life.status.validation.diagnostics[0].retryable
    world.account = World().account
    assert life.turn().status.reason == "AwaitingApproval"


def test_deleting():
    """A plan on its way out is left alone."""
    plan = a_plan(deleting=True)
    assert next_step(a_snapshot(plan)) == Rest(plan.status)


def test_many_decisions():
    """A hundred decisions are recorded; then nobody can be heard any more and nothing starts, which the message says."""
    life = Life(a_spec(suspend=True)).turn()
    for number in range(50):
        life.decide(by=f"approver {number}").turn().decide("reject", by=f"approver {number}").turn()
    assert (life.status.reason, len(life.status.approval.decisions)) == ("TooManyDecisions", 100)
    for number in range(50):
        life.decide("revoke", by=f"approver {number}").edit(suspend=False).turn()
    assert (life.status.reason, len(life.status.approval.decisions), life.world.writes) == ("TooManyDecisions", 100, [])
    assert "submit the plan again under another name" in life.status.message


def test_brake_that_finds_no_room():
    """An approved plan does not start when a decision is waiting that cannot be recorded: it may be a rejection."""
    life = Life(a_spec(suspend=True)).turn()
    for number in range(99):
        life.decide("revoke", by=f"somebody {number}").turn()
    life.decide().turn()
    assert (life.status.reason, len(life.status.approval.decisions)) == ("Suspended", 100)
    life.decide("reject", by=SECOND).edit(suspend=False).turn()
    assert (life.status.reason, life.world.writes) == ("TooManyDecisions", [])


def test_two_plans_of_one_object():
    """What another plan did meanwhile to the same object is a changed world, not something to overwrite."""
    world = World()
    one = Life(a_spec(an_action(spec={"description": "one"}), suspend=True), world=world).turn().decide().turn()
    two = Life(a_spec(an_action(key="two", spec={"description": "two"})), world=world).approved()
    assert two.status.reason == "Succeeded"
    assert one.edit(suspend=False).turn().status.reason == "PreviewChanged"
    assert world.tools["payments"].ours["description"] == "two"
