"""Graphs, long lists and stories of several actions on one object, on a real API server."""

import json

import pytest
from tests.support.scene import Scene, a_plan, tool_action

from countersign.api.plan_spec import MAX_SPEC_BYTES
from countersign.core.fitting import MAX_STATUS_BYTES

pytestmark = pytest.mark.cluster


def _made(scene: Scene, name: str) -> int:
    return int(scene.tool(name)["metadata"]["resourceVersion"])


def _depending(name: str, *needs: str) -> dict:
    return {**tool_action(name), "dependsOn": list(needs)}


def test_diamond(scene: Scene):
    """Nothing is made before what it depends on, whatever stands first in the plan."""
    actions = (_depending("end", "left", "right"), _depending("left", "root"), _depending("right", "root"))
    plan = scene.approved(a_plan("diamond", *actions, tool_action("root")))
    assert (plan["status"]["reason"], plan["status"]["progress"]) == ("Succeeded", "4/4")
    assert _made(scene, "root") < min(_made(scene, "left"), _made(scene, "right"))
    assert max(_made(scene, "left"), _made(scene, "right")) < _made(scene, "end")


def test_cycle(scene: Scene):
    """A circle is printed, and the command line of an author finds the place."""
    scene.submit(a_plan("circle", _depending("a", "b"), _depending("b", "a")))
    plan = scene.until("circle", "Invalid")
    (finding,) = (item for item in plan["status"]["validation"]["diagnostics"] if item["severity"] == "error")
    assert finding["code"] == "Dependencies.Cycle"
    assert "a -> b -> a" in finding["message"] or "b -> a -> b" in finding["message"]


@pytest.mark.parametrize("shape", ["list", "graph"])
@pytest.mark.timeout(180)
def test_two_hundred_actions(scene: Scene, shape: str):
    """A plan of two hundred actions ends right in either form, and spec and status stay within their limits."""
    names = [f"t{number:03}" for number in range(200)]
    actions = [
        tool_action(name) if shape == "list" or not number else _depending(name, names[number // 3])
        for number, name in enumerate(names)
    ]
    plan = scene.approved(a_plan("long", *actions, maxParallel=16))
    assert (plan["status"]["reason"], plan["status"]["progress"]) == ("Succeeded", "200/200")
    assert plan["status"]["outcome"]["entitiesAffected"] == 200
    assert len(scene.admin.get(scene.path(plural="tools")).body["items"]) == 200
    spec, status = (len(json.dumps(plan[part], separators=(",", ":"))) for part in ("spec", "status"))
    assert (spec <= MAX_SPEC_BYTES, status <= MAX_STATUS_BYTES) == (True, True)
    if shape == "graph":
        assert all(_made(scene, names[number // 3]) < _made(scene, names[number]) for number in range(1, 200, 7))


def test_story_of_one_object(scene: Scene):
    """Two actions on one object are shown as one story, approved once and carried out as shown."""
    first = tool_action("payments", description="first", riskTags=["internal"])
    second = tool_action("payments", key="test.payments.v2", description="second")
    plan = a_plan("story", first, {**second, "id": "again"})
    assert scene.submit(plan).ok
    waiting = scene.until("story", "AwaitingApproval")
    assert [entry["operation"] for entry in waiting["status"]["actions"]] == ["created", "configured"]
    preview = scene.admin.get(scene.path(waiting["status"]["preview"], plural="planpreviews")).body["spec"]
    changes = {change["path"]: (change["change"], change["old"]) for change in preview["effects"][1]["changes"]}
    assert changes == {"spec.description": ("changed", "first"), "spec.riskTags[0]": ("removed", "internal")}
    assert scene.decide("story", "approve").ok
    done = scene.until("story", "Succeeded")
    assert done["status"]["publication"] == waiting["status"]["publication"]
    spec = scene.tool("payments")["spec"]
    assert (spec["description"], spec["riskTags"]) == ("second", [])
    again = scene.approved({**plan, "metadata": {"name": "again"}})
    assert [entry["reason"] for entry in again["status"]["actions"]] == ["AlreadyApplied"] * 2
