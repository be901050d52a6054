"""Quotas of a real API server: a plan that would not fit as a whole is refused before anything is written."""

import pytest
from tests.support.scene import Scene, a_plan, tool_action
from tests.support.waiting import eventually

pytestmark = pytest.mark.cluster

TOOLS = "count/tools.countersign.dev"
IMAGE = "example.com/agents/support@sha256:" + "a" * 64


def _limit(scene: Scene, **hard: str) -> None:
    """As soon as the API server enforces it."""
    path = f"/api/v1/namespaces/{scene.namespace}/resourcequotas"
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "small"}, "spec": {"hard": hard}}
    assert scene.admin.apply(f"{path}/small", quota).ok
    assert eventually(lambda: scene.admin.get(f"{path}/small").body.get("status", {}).get("hard") == hard)


def _said(plan) -> list[tuple[str, str]]:
    return [(one["code"], one["message"]) for one in plan["status"]["validation"]["diagnostics"]]


def test_whole_plan(scene: Scene):
    """Each dry run alone goes through; the plan as a whole is one too many, and runs when the quota is raised."""
    scene.approved(a_plan("first", tool_action("there")))
    _limit(scene, **{TOOLS: "2"})
    actions = [tool_action(name) for name in ("there", "one", "two")]
    scene.submit(a_plan("many", *actions))
    ((code, message),) = _said(scene.until("many", "Invalid"))
    assert code == "Quotas.Exceeded"
    assert f"quota small allows 2 of {TOOLS}, 1 are used and the plan would add 2" in message
    assert not scene.has_tool("one")
    _limit(scene, **{TOOLS: "3"})
    scene.until("many", "AwaitingApproval")
    scene.decide("many", "approve")
    assert scene.until("many", "Succeeded", "ActionFailed")["status"]["reason"] == "Succeeded"


def test_one_object(scene: Scene):
    """One object that is too much alone is found by its dry run, and said at the same stage."""
    _limit(scene, **{TOOLS: "0"})
    scene.submit(a_plan("one"))
    ((code, message),) = _said(scene.until("one", "Invalid"))
    assert code == "Quotas.Exceeded"
    assert "exceeded quota: small" in message


def test_pods_of_an_agent(scene: Scene):
    """The API server would take the Deployment and then make no pod: the plan is told before."""
    _limit(scene, **{"pods": "0", "limits.memory": "256Mi"})
    params = {"agent_name": "support", "image": IMAGE}
    scene.submit(a_plan("agent", {"id": "a", "type": "deploy.execute", "idempotencyKey": "a", "params": params}))
    found = _said(scene.until("agent", "Invalid"))
    assert {code for code, _ in found} == {"Quotas.Exceeded"}
    said = " ".join(message for _, message in found)
    assert "256Mi of limits.memory, 0 are used and the plan would add 512Mi" in said
    assert "0 of pods, 0 are used and the plan would add 1" in said
