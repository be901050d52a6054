"""The world changes between approval and effect: nothing is overwritten unseen."""

import pytest
from tests.support.scene import Scene, a_plan, tool_action
from tests.support.waiting import eventually

pytestmark = pytest.mark.cluster


def _approved_and_suspended(scene: Scene, name: str, description: str) -> str:
    plan = a_plan(name, tool_action("payments", key=f"{name}.v1", description=description), suspend=True)
    assert scene.submit(plan).ok
    scene.until(name, "AwaitingApproval")
    assert scene.decide(name, "approve").ok
    return scene.until(name, "Suspended")["status"]["digest"]


def test_object_appears_meanwhile(scene: Scene):
    """A tool that somebody made after the approval is not taken over: new preview, new digest, new approval."""
    digest = _approved_and_suspended(scene, "drift", "ours")
    theirs = {
        "apiVersion": "countersign.dev/v1alpha1",
        "kind": "Tool",
        "metadata": {"name": "payments"},
        "spec": {"connection": {"baseUrl": "https://payments.example.com"}, "riskTags": ["pii"]},
    }
    assert scene.admin.apply(scene.path("payments", plural="tools"), theirs, fieldManager="theirs").ok
    plan = scene.until("drift", "PreviewChanged")
    assert plan["status"]["digest"] != digest
    assert plan["status"]["approval"]["approved"] == 0
    assert "earlier approvals are void" in plan["status"]["message"]
    scene.edit("drift", suspend=False)
    plan = scene.until("drift", "PreviewChanged")
    assert "description" not in scene.tool("payments")["spec"]
    assert scene.decide("drift", "approve").ok
    plan = scene.until("drift", "Succeeded")
    assert plan["status"]["actions"][0]["operation"] == "configured"
    assert scene.tool("payments")["spec"]["riskTags"] == ["pii"]


def test_previews_do_not_pile_up(scene: Scene):
    """Only the preview that the plan names is there; that of what actually ran stays after the end."""
    scene.submit(a_plan("edited", tool_action("payments", description="first")))
    for description in ("second", "third"):
        before = scene.until("edited", "AwaitingApproval", "PreviewChanged")["status"]["digest"]
        scene.edit("edited", actions=[tool_action("payments", description=description)])
        scene.until_true("edited", lambda plan, old=before: plan["status"].get("digest") not in (old, None))
    assert scene.decide("edited", "approve").ok
    named = scene.until("edited", "Succeeded")["status"]["preview"]
    assert eventually(lambda: _previews(scene) == [named])


def _previews(scene: Scene) -> list[str]:
    return [one["metadata"]["name"] for one in scene.admin.get(scene.path(plural="planpreviews")).body["items"]]


def test_field_is_taken_over_meanwhile(scene: Scene):
    """A field that somebody changed after the approval is theirs: the plan says so and does not overwrite it."""
    scene.approved(a_plan("make", tool_action("payments", description="first")))
    _approved_and_suspended(scene, "drift", "second")
    theirs = {"spec": {"description": "theirs"}}
    assert scene.admin.merge(scene.path("payments", plural="tools"), theirs, fieldManager="theirs").ok
    plan = scene.until("drift", "Invalid")
    assert plan["status"]["validation"]["diagnostics"][0]["code"] == "Coherence.OwnedByOther"
    scene.edit("drift", suspend=False)
    scene.until("drift", "Invalid")
    assert scene.tool("payments")["spec"]["description"] == "theirs"


def test_unrelated_change(scene: Scene):
    """A change that has nothing to do with the plan voids nothing."""
    scene.approved(a_plan("make", tool_action("payments", description="first")))
    digest = _approved_and_suspended(scene, "calm", "second")
    label = {"metadata": {"labels": {"team": "blue"}}}
    assert scene.admin.merge(scene.path("payments", plural="tools"), label).ok
    scene.edit("calm", suspend=False)
    plan = scene.until("calm", "Succeeded")
    assert plan["status"]["execution"]["digest"] == digest
    assert scene.tool("payments")["metadata"]["labels"]["team"] == "blue"


def test_object_is_deleted_and_made_again(scene: Scene):
    """A target that is deleted and made again by somebody is another object, and what to do with it is a new question."""
    scene.approved(a_plan("make", tool_action("payments", description="first")))
    digest = _approved_and_suspended(scene, "swap", "second")
    assert scene.admin.delete(scene.path("payments", plural="tools")).ok
    plan = scene.until("swap", "PreviewChanged")
    assert plan["status"]["digest"] != digest
    assert plan["status"]["actions"][0]["operation"] == "created"
