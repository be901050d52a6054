"""Decisions on the real API server: who may make one, about what, and in what company. Attacks, with what they are told."""

import pytest
from tests.support.world import ACTION, DIGEST, OTHER_DIGEST

pytestmark = pytest.mark.cluster


@pytest.mark.parametrize("outcome", ["approve", "reject", "revise", "revoke"])
def test_deciding_needs_the_verb(world, outcome):
    """Who may patch plans may not therefore decide about them."""
    world.waiting()

    answer = world.decide(world.proposer, outcome)

    assert answer.code == 403
    assert "user pat may not decide about plans in namespace" in answer.message
    assert "verb approve on plans.countersign.dev is missing (role countersign-approver)" in answer.message


def test_an_approver_cannot_edit_first(world):
    """Editing needs the right to create, so nobody approves what only they wrote."""
    world.waiting()

    answer = world.approver.merge(world.plan(), {"spec": {"description": "mine"}})

    assert answer.code == 403
    assert "user ann may not change plans in namespace" in answer.message
    assert "verb create on plans.countersign.dev is missing (role countersign-proposer)" in answer.message


@pytest.mark.parametrize("brake", ["suspend", "cancel"])
def test_an_approver_may_brake(world, brake):
    """Suspending and cancelling are open to both sides."""
    world.waiting()

    assert world.approver.merge(world.plan(), {"spec": {brake: True}}).ok


@pytest.mark.parametrize(
    "quotes", [OTHER_DIGEST, DIGEST[:-1], f"{DIGEST}a", f" {DIGEST}", f"{DIGEST}\tyes", "yes", "", f"x {DIGEST}"]
)
def test_only_the_current_digest_can_be_decided_about(world, quotes):
    """What was looked at is what is approved; the message shows the current digest and how to see what it stands for."""
    world.waiting()

    answer = world.decide(world.approver, quotes=quotes)

    assert answer.code == 422
    assert (
        f"which is now {DIGEST}: look at what it stands for (kubectl countersign diff p), then quote it"
        in answer.message
    )


def test_an_old_digest_is_void(world):
    """After a new publication the approver has to look again."""
    world.waiting()
    world.publish(digest=OTHER_DIGEST, publication=2)

    answer = world.decide(world.approver, quotes=DIGEST)

    assert f"which is now {OTHER_DIGEST}" in answer.message


def test_nothing_can_be_decided_before_there_is_a_digest(world):
    """The digest is what a decision is about."""
    world.submit()

    answer = world.decide(world.approver)

    assert "the plan has no digest yet: wait until it is validated" in answer.message


def test_an_edit_voids_the_digest_at_once(world):
    """Also in the moment before the operator has seen the edit."""
    world.waiting()
    world.proposer.merge(world.plan(), {"spec": {"description": "other"}})

    answer = world.decide(world.approver)

    assert answer.code == 422
    assert "the plan was edited after this digest was published: wait for the new digest" in answer.message


@pytest.mark.parametrize("verb", ["replace", "merge"])
def test_a_status_in_the_request_is_no_evidence(world, verb):
    """Sending the wished-for digest along as status does not help."""
    world.waiting()
    plan = world.read()
    plan["status"]["digest"] = OTHER_DIGEST
    plan["metadata"]["annotations"]["countersign.dev/approve"] = OTHER_DIGEST
    del plan["metadata"]["managedFields"]

    answer = getattr(world.admin, verb)(world.plan(), plan)

    assert f"which is now {DIGEST}" in answer.message


def test_one_decision_at_a_time(world):
    """Two commands in one request are refused by name."""
    world.waiting()
    also = {"metadata": {"annotations": {"countersign.dev/reject": DIGEST}}}

    answer = world.decide(world.approver, also=also)

    assert "one decision at a time: set only one of the annotations" in answer.message
    assert "countersign.dev/approve, countersign.dev/reject" in answer.message


OWNER = {"apiVersion": "v1", "kind": "ConfigMap", "name": "c", "uid": "u"}


@pytest.mark.parametrize(
    "also",
    [
        {"metadata": {"labels": {"a": "b"}}},
        {"metadata": {"labels": {"old": None}}},
        {"metadata": {"labels": {"old": "other"}}},
        {"metadata": {"annotations": {"a": "b"}}},
        {"metadata": {"annotations": {"note": None}}},
        {"metadata": {"annotations": {"countersign.dev/retry": "1"}}},
        {"metadata": {"annotations": {"countersign.dev/anything": "1"}}},
        {"metadata": {"finalizers": ["example.com/stay"]}},
        {"metadata": {"ownerReferences": [OWNER]}},
        {"spec": {"suspend": True}},
        {"spec": {"cancel": True}},
    ],
    ids=str,
)
def test_a_decision_changes_nothing_else(world, also):
    """Whoever signs with one hand does nothing with the other."""
    world.waiting(metadata={"labels": {"old": "label"}, "annotations": {"note": "x"}})

    answer = world.decide(world.approver, also=also)

    assert answer.code == 422
    assert "a decision changes nothing else" in answer.message


def test_a_decision_together_with_an_edit_is_refused(world):
    """Even for who may do both, one after the other."""
    world.waiting()
    both = world.admin.acting_as("eve", "proposers", "approvers")

    answer = world.decide(both, also={"spec": {"description": "mine"}})

    assert answer.code == 422
    assert "the plan was edited" in answer.message or "a decision changes nothing else" in answer.message


@pytest.mark.parametrize("outcome", ["approve", "revise"])
def test_decisions_wait_for_the_record_of_the_previous_one(world, outcome):
    """So that none is ever overwritten unseen."""
    world.waiting()
    world.decide(world.approver)

    answer = world.decide(world.second, outcome)

    assert "the previous decision about this plan is not recorded yet: try again in a moment" in answer.message


@pytest.mark.parametrize("outcome", ["reject", "revoke"])
def test_a_brake_does_not_wait_for_an_approval(world, outcome):
    """An approval that nobody has recorded may be overtaken."""
    world.waiting()
    world.decide(world.approver)

    assert world.decide(world.second, outcome).ok

    assert (world.record()["by"], world.record()["outcome"]) == ("bob", outcome)


@pytest.mark.parametrize("first", ["reject", "revise", "revoke"])
@pytest.mark.parametrize("then", ["approve", "reject", "revoke"])
def test_a_brake_is_never_overwritten_unrecorded(world, first, then):
    """A reject must not be wiped out by somebody else's revoke while the operator looks away."""
    world.waiting()
    world.decide(world.approver, first)

    answer = world.decide(world.second, then)

    assert "not recorded yet" in answer.message
    assert (world.record()["by"], world.record()["outcome"]) == ("ann", first)


def test_the_next_decision_is_admitted_after_the_record(world):
    """Once the operator has recorded a decision, the annotation no longer matters."""
    world.waiting()
    world.decide(world.approver, "reject")
    world.recorded()

    assert world.decide(world.second).ok


def test_a_plan_on_its_way_out_is_checked_like_any_other(world):
    """A finalizer keeps it around, and forging is no easier meanwhile; taking the finalizer off still works."""
    world.waiting(metadata={"finalizers": ["example.com/stay"]})
    assert world.proposer.delete(world.plan()).ok

    forged = world.annotate(world.proposer, authors='"somebody else"', decision="{}")
    decided = world.decide(world.proposer)
    edited = world.approver.merge(world.plan(), {"spec": {"actions": [{**ACTION, "type": "other"}]}})

    assert forged.ok
    assert world.authors() == ["pat"]
    assert decided.code == edited.code == 403
    assert world.proposer.merge(world.plan(), {"metadata": {"finalizers": None}}).ok
    assert world.admin.get(world.plan()).code == 404


@pytest.mark.parametrize("verb", ["merge", "create"])
def test_a_drill_is_always_refused(world, verb):
    """What the guard forges does not pass, whoever sends it."""
    drill = {"annotations": {"countersign.dev/drill": "decisions"}}
    world.waiting()

    answer = (
        world.admin.merge(world.plan(), {"metadata": drill})
        if verb == "merge"
        else world.submit("q", by=world.admin, metadata=drill)
    )

    assert answer.code == 422
    assert "'countersign-decisions' denied request: a drill: the guard's forgery was refused" in answer.message
