"""Attacks on a plan's way from proposal to effect, against the real operator: each comes to nothing and says why.

What the admission policies refuse by themselves is tried in tests/integration/admission.
"""

import pytest
from tests.support.identities import Identity
from tests.support.scene import Scene, a_plan, tool_action

pytestmark = pytest.mark.cluster


def _waiting(scene: Scene, name: str = "target", **spec: object) -> str:
    """The digest of a submitted plan that waits for approval."""
    assert scene.submit(a_plan(name, **spec)).ok
    return scene.until(name, "AwaitingApproval", "PreviewChanged")["status"]["digest"]


def test_proposer_without_the_verb(scene: Scene):
    """Whoever lacks the verb approve cannot approve, and is told which verb that is."""
    _waiting(scene)
    answer = scene.decide("target", "approve", by=scene.proposer)
    assert answer.code == 403
    assert "verb approve" in answer.message


def test_own_plan(scene: Scene, both: Identity):
    """An author who also holds the verb may decide, but the decision is recorded as not counting."""
    scene.submit(a_plan("own"), by=both)
    scene.until("own", "AwaitingApproval")
    assert scene.decide("own", "approve", by=both).ok
    plan = scene.until_true("own", lambda plan: plan["status"]["approval"].get("decisions"))
    decision = plan["status"]["approval"]["decisions"][0]
    assert decision["counts"] is False
    assert "author" in decision["why"]
    assert plan["status"]["reason"] == "AwaitingApproval"
    assert plan["status"]["validation"]["diagnostics"][0]["code"] == "Signatures.NotCounted"
    assert not scene.has_tool("payments")


def test_approver_who_edits(scene: Scene, both: Identity):
    """Whoever edits a plan becomes an author, and cannot approve what they wrote."""
    _waiting(scene, "borrowed")
    assert scene.edit("borrowed", by=both, description="improved").ok
    plan = scene.until_true("borrowed", lambda plan: plan["status"]["publication"] == 2)
    assert plan["status"]["approval"]["authors"] == ["proposer", "both"]
    assert scene.decide("borrowed", "approve", by=both).ok
    plan = scene.until_true("borrowed", lambda plan: plan["status"]["approval"].get("decisions"))
    assert plan["status"]["approval"]["decisions"][0]["counts"] is False
    assert not scene.has_tool("payments")


def test_digest_of_another_plan(scene: Scene):
    """A digest stands for one plan: the same content elsewhere has another one."""
    _waiting(scene, "one")
    other = _waiting(scene, "two")
    answer = scene.decide("one", "approve", digest=other)
    assert not answer.ok
    assert "digest" in answer.message


def test_old_digest(scene: Scene):
    """After an edit the old digest is refused."""
    old = _waiting(scene)
    scene.edit("target", description="changed")
    scene.until_true("target", lambda plan: plan["status"]["publication"] == 2)
    assert not scene.decide("target", "approve", digest=old).ok


def test_edit_after_approval(scene: Scene):
    """An edit of an approved plan voids the approval; what runs in the end is what was approved last."""
    _waiting(scene, "target", suspend=True)
    scene.decide("target", "approve")
    scene.until("target", "Suspended")
    scene.edit("target", actions=[tool_action("payments", description="evil")])
    plan = scene.until("target", "AwaitingApproval")
    assert plan["status"]["approval"]["approved"] == 0
    scene.edit("target", suspend=False)
    scene.until_true("target", lambda plan: plan["status"]["observedGeneration"] == plan["metadata"]["generation"])
    assert not scene.has_tool("payments")


def test_there_and_back_again(scene: Scene):
    """An edit that is taken back does not bring the old approval back."""
    first = _waiting(scene, "target", suspend=True)
    scene.decide("target", "approve")
    scene.until("target", "Suspended")
    scene.edit("target", description="evil")
    scene.until_true("target", lambda plan: plan["status"]["publication"] == 2)
    scene.edit("target", description=None)
    plan = scene.until_true("target", lambda plan: plan["status"]["publication"] == 3)
    assert plan["status"]["digest"] != first
    assert plan["status"]["approval"]["approved"] == 0


def test_deleted_and_created_again(scene: Scene):
    """A new plan of the same name and content has another digest, no decisions, and is not approved."""
    first = _waiting(scene, "target", suspend=True)
    scene.decide("target", "approve")
    scene.until("target", "Suspended")
    assert scene.proposer.delete(scene.path("target")).ok
    second = _waiting(scene, "target")
    assert second != first
    assert not scene.plan("target")["status"]["approval"].get("decisions")
    assert not scene.has_tool("payments")


def test_revoked_before_it_started(scene: Scene):
    """A revoked approval starts nothing."""
    _waiting(scene, "target", suspend=True)
    scene.decide("target", "approve")
    scene.until("target", "Suspended")
    assert scene.decide("target", "revoke").ok
    scene.until("target", "AwaitingApproval")
    scene.edit("target", suspend=False)
    plan = scene.until("target", "AwaitingApproval")
    assert plan["status"]["approval"]["approved"] == 0
    assert not scene.has_tool("payments")


def test_service_account_as_approver(scene: Scene):
    """A program that holds the verb may say so, but approvals are given by people."""
    _waiting(scene)
    robot = scene.admin.acting_as(
        f"system:serviceaccount:{scene.namespace}:robot", "countersign:approvers", "system:authenticated"
    )
    assert scene.decide("target", "approve", by=robot).ok
    plan = scene.until_true("target", lambda plan: plan["status"]["approval"].get("decisions"))
    assert plan["status"]["approval"]["decisions"][0]["counts"] is False
    assert not scene.has_tool("payments")


@pytest.mark.parametrize(
    "user",
    ['o"brien', "smith, john", "back\\slash", "名前", "x" * 500, "uid=7,ou=people,dc=example"],
    ids=["a quote", "a comma", "a backslash", "other letters", "500 characters", "a distinguished name"],
)
def test_unusual_names(scene: Scene, user: str):
    """Whatever people are called, they are recorded exactly and told apart."""
    _waiting(scene)
    person = scene.admin.acting_as(user, "countersign:approvers", "system:authenticated")
    assert scene.decide("target", "approve", by=person, comment='say "yes", \\ and go').ok
    plan = scene.until("target", "Succeeded")
    decision = plan["status"]["approval"]["decisions"][0]
    assert (decision["by"], decision["counts"]) == (user, True)


def test_author_with_an_unusual_name(scene: Scene):
    """A name made to look like two does not hide its bearer among the authors."""
    tricky = scene.admin.acting_as(
        'proposer","approver', "countersign:proposers", "countersign:approvers", "system:authenticated"
    )
    scene.submit(a_plan("tricky"), by=tricky)
    plan = scene.until("tricky", "AwaitingApproval")
    assert plan["status"]["approval"]["authors"] == ['proposer","approver']
    assert scene.decide("tricky", "approve", by=tricky).ok
    plan = scene.until_true("tricky", lambda plan: plan["status"]["approval"].get("decisions"))
    assert plan["status"]["approval"]["decisions"][0]["counts"] is False


def test_stale_status_writer(scene: Scene, operator_identity: Identity):
    """A status write on an old state is refused, so it cannot take back a revoke."""
    _waiting(scene, "target", suspend=True)
    scene.decide("target", "approve")
    old = scene.until("target", "Suspended")
    scene.decide("target", "revoke")
    scene.until("target", "AwaitingApproval")
    stale = {
        "apiVersion": old["apiVersion"],
        "kind": "Plan",
        "metadata": {"name": "target", "resourceVersion": old["metadata"]["resourceVersion"]},
        "status": old["status"],
    }
    answer = operator_identity.apply(scene.path("target", part="status"), stale, fieldManager="countersign-status")
    assert answer.code == 409
    del stale["metadata"]["resourceVersion"]
    answer = operator_identity.apply(scene.path("target", part="status"), stale, fieldManager="countersign-status")
    assert answer.code == 422
    assert "decisions are never removed or changed" in answer.message
