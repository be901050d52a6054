"""Plans on a real API server with the real operator: whole lives, as people live them."""

import time

import pytest
from tests.support.scene import Scene, a_plan, tool_action

pytestmark = pytest.mark.cluster


def test_approved_plan_is_applied(scene: Scene):
    """An approved plan makes its tool, says so per action and as an outcome, and consumed the approval."""
    plan = scene.approved(a_plan("life", tool_action("payments", description="Payments")))
    status = plan["status"]
    assert (status["phase"], status["reason"], status["progress"]) == ("Executed", "Succeeded", "1/1")
    assert status["outcome"]["entitiesAffected"] == 1
    assert status["outcome"]["details"]["created"] == ["tools.countersign.dev/payments"]
    assert status["approval"]["counted"] == ["approver"]
    assert status["approval"]["consumedAt"]
    tool = scene.tool("payments")
    assert tool["spec"]["description"] == "Payments"
    assert tool["metadata"]["labels"]["countersign.dev/plan-uid"] == plan["metadata"]["uid"]
    assert tool["metadata"]["annotations"]["countersign.dev/idempotency-key"] == "test.payments.v1"


def test_nothing_before_approval(scene: Scene):
    """While a plan waits nothing is written, and its message holds the command that approves it."""
    scene.submit(a_plan("waits"))
    plan = scene.until("waits", "AwaitingApproval")
    assert not scene.has_tool("payments")
    assert f"countersign.dev/approve={plan['status']['digest']}" in plan["status"]["message"]
    preview = scene.approver.get(scene.path(plan["status"]["preview"], plural="planpreviews"))
    assert preview.ok
    assert preview.body["spec"]["digest"] == plan["status"]["digest"]
    assert preview.body["spec"]["effects"][0]["operation"] == "created"


def test_same_intent_twice(scene: Scene):
    """A second plan with the same intent finds it carried out: skipped, AlreadyApplied, and no write."""
    scene.approved(a_plan("first"))
    before = scene.tool("payments")
    plan = scene.approved(a_plan("again"))
    action = plan["status"]["actions"][0]
    assert (action["status"], action["reason"]) == ("skipped", "AlreadyApplied")
    assert plan["status"]["outcome"]["entitiesAffected"] == 0
    assert scene.tool("payments")["metadata"]["resourceVersion"] == before["metadata"]["resourceVersion"]


def test_resubmission_changes_nothing(scene: Scene):
    """Applying the manifest of a finished plan again does not run it again."""
    done = scene.approved(a_plan("once"))
    assert scene.submit(a_plan("once")).ok
    again = scene.plan("once")
    assert again["metadata"]["generation"] == done["metadata"]["generation"]
    assert again["status"] == done["status"]


def test_edit_of_a_finished_plan(scene: Scene):
    """An edit opens the next publication, keeps the finished run in the history and needs a new approval."""
    first = scene.approved(a_plan("edited", tool_action("payments", description="old")))
    scene.submit(a_plan("edited", tool_action("payments", key="test.payments.v2", description="new")))
    plan = scene.until("edited", "AwaitingApproval")
    assert plan["status"]["publication"] == first["status"]["publication"] + 1
    assert plan["status"]["history"][0]["result"] == "Succeeded"
    assert scene.tool("payments")["spec"]["description"] == "old"
    scene.decide("edited", "approve")
    plan = scene.until("edited", "Succeeded")
    assert plan["status"]["actions"][0]["operation"] == "configured"
    assert scene.tool("payments")["spec"]["description"] == "new"


def test_fields_that_are_no_longer_named(scene: Scene):
    """What an earlier plan set and the next one leaves out is removed, and was shown as removed."""
    scene.approved(a_plan("one", tool_action("payments", description="gone soon", riskTags=["internal"])))
    scene.submit(a_plan("two", tool_action("payments", key="test.payments.v2", riskTags=["internal"])))
    plan = scene.until("two", "AwaitingApproval")
    preview = scene.admin.get(scene.path(plan["status"]["preview"], plural="planpreviews")).body
    assert {"path": "spec.description", "change": "removed", "old": "gone soon"} in preview["spec"]["effects"][0][
        "changes"
    ]
    scene.decide("two", "approve")
    scene.until("two", "Succeeded")
    assert "description" not in scene.tool("payments")["spec"]


def test_rejection_holds(scene: Scene):
    """A rejection holds against an approval until the one who rejected revokes it."""
    scene.submit(a_plan("rejected"))
    scene.until("rejected", "AwaitingApproval")
    assert scene.decide("rejected", "reject", by=scene.second, comment="not on Fridays").ok
    plan = scene.until("rejected", "Rejected")
    assert "not on Fridays" in plan["status"]["message"]
    assert scene.decide("rejected", "approve").ok
    plan = scene.until_true("rejected", lambda plan: plan["status"]["approval"]["approved"] == 1)
    assert plan["status"]["reason"] == "Rejected"
    assert not scene.has_tool("payments")
    assert scene.decide("rejected", "revoke", by=scene.second).ok
    scene.until("rejected", "Succeeded")
    assert scene.has_tool("payments")


def test_revision_is_asked_for(scene: Scene):
    """An approver may ask for a revision; the changed plan starts with a clean sheet."""
    scene.submit(a_plan("revised"))
    scene.until("revised", "AwaitingApproval")
    assert scene.decide("revised", "revise", comment='{"partial": {"description": "say why"}}').ok
    plan = scene.until("revised", "RevisionRequested")
    assert "say why" in plan["status"]["message"]
    scene.edit("revised", description="because of the audit")
    plan = scene.until("revised", "AwaitingApproval")
    assert plan["status"]["publication"] == 2


def test_validate_only(scene: Scene):
    """A plan for validation only is previewed, has no digest to approve, and never runs."""
    scene.submit(a_plan("dry", validateOnly=True))
    plan = scene.until("dry", "ValidatedOnly")
    assert "digest" not in plan["status"]
    assert plan["status"]["actions"][0]["operation"] == "created"
    refused = scene.decide("dry", "approve", digest="sha256:" + "0" * 64)
    assert not refused.ok
    assert "no digest yet" in refused.message


def test_suspended_plan_waits(scene: Scene):
    """An approved plan that is suspended starts only when it is suspended no more; the toggle voids nothing."""
    scene.submit(a_plan("asleep", suspend=True))
    scene.until("asleep", "AwaitingApproval")
    scene.decide("asleep", "approve")
    plan = scene.until("asleep", "Suspended")
    assert plan["status"]["phase"] == "Approved"
    digest = plan["status"]["digest"]
    scene.edit("asleep", by=scene.approver, suspend=False)
    plan = scene.until("asleep", "Succeeded")
    assert plan["status"]["execution"]["digest"] == digest


def test_cancelled_before_it_ran(scene: Scene):
    """A cancelled plan ends without having done anything, and stays ended."""
    scene.submit(a_plan("stopped"))
    scene.until("stopped", "AwaitingApproval")
    scene.edit("stopped", by=scene.approver, cancel=True)
    plan = scene.until("stopped", "Cancelled")
    assert plan["status"]["phase"] == "Failed"
    taken_back = scene.edit("stopped", cancel=False)
    assert not taken_back.ok
    assert "cancel cannot be taken back" in taken_back.message


def test_finished_plan_goes_when_it_asked_to(scene: Scene):
    """TtlAfterFinished removes a finished plan and leaves what it made."""
    scene.approved(a_plan("short", ttlAfterFinished="5s"))
    end = time.monotonic() + 30
    while scene.admin.get(scene.path("short")).code != 404:
        assert time.monotonic() < end, "the plan is still there"
        time.sleep(0.1)
    assert scene.has_tool("payments")
