"""Plans that are restored from what `kubectl get plans -o yaml` wrote: nothing that was decided about them comes back."""

import pytest
from tests.support.scene import a_plan, tool_action

from countersign.api.names import AUTHORS, DECISION

pytestmark = pytest.mark.cluster

OF_THE_SERVER = ("uid", "resourceVersion")
"""What an API server refuses in an object that it is to create."""


def restored(scene, plan):
    """All of it comes back, annotations and status included, after the original has gone."""
    name, metadata = plan["metadata"]["name"], plan["metadata"]
    assert scene.admin.delete(scene.path(name)).ok
    kept = {key: value for key, value in metadata.items() if key not in OF_THE_SERVER}
    made = scene.admin.create(scene.path(), {**plan, "metadata": kept})
    assert made.ok, made.message
    return scene.until(name, "AwaitingApproval")


def test_an_approved_plan_comes_back_unapproved(scene):
    """Another digest, publication 1, no decision; its author is whoever restored it, and the old digest cannot be approved."""
    scene.submit(a_plan("p", suspend=True))
    scene.until("p", "AwaitingApproval")
    assert scene.decide("p", "approve").ok
    before = scene.until("p", "Suspended")
    assert DECISION in before["metadata"]["annotations"]

    after = restored(scene, before)

    assert after["status"]["digest"] != before["status"]["digest"]
    assert after["status"]["publication"] == 1
    assert (after["status"]["approval"].get("decisions", []), after["status"]["approval"]["approved"]) == ([], 0)
    assert DECISION not in after["metadata"]["annotations"]
    assert "paula" not in after["metadata"]["annotations"][AUTHORS]
    assert not scene.decide("p", "approve", digest=before["status"]["digest"]).ok
    assert not scene.has_tool("payments")


def test_a_finished_plan_comes_back_as_one_that_waits(scene):
    """It asks for another approval, and finds everything as it left it: nothing is applied a second time."""
    before = scene.approved(a_plan("p", tool_action("payments")))
    tool = scene.tool("payments")

    restored(scene, before)
    assert scene.decide("p", "approve").ok
    after = scene.until("p", "Succeeded")

    (action,) = after["status"]["actions"]
    assert (action["status"], action["reason"]) == ("skipped", "AlreadyApplied")
    assert scene.tool("payments")["metadata"]["resourceVersion"] == tool["metadata"]["resourceVersion"]
