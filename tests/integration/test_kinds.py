"""ModelProvider, Policy and the starter kit on the real API server: what the schema guards, what the operator refuses."""

import pytest
from tests.support.agent_policies import a_policy, a_rule
from tests.support.providers import API_KEY, a_provider
from tests.support.scene import Scene, a_plan

from countersign.model.effect import MODEL_PROVIDER, POLICY, TOOL, ResourceKind

pytestmark = pytest.mark.cluster


def _action(action_type, params):
    return {"id": "one", "type": action_type, "idempotencyKey": "one.v1", "params": params}


def _object(kind: ResourceKind, params):
    metadata = {"name": params["name"]}
    return {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": metadata, "spec": params["spec"]}


def _path(scene: Scene, kind: ResourceKind, name: str) -> str:
    return scene.path(name, plural=kind.plural)


def _findings(scene: Scene, name: str):
    plan = scene.until(name, "Invalid")
    return [(one["code"], one["path"]) for one in plan["status"]["validation"]["diagnostics"]]


def test_provider_without_authentication(scene: Scene):
    """Kubectl may leave auth out, and the server says what that means; a plan has to say it itself."""
    params = a_provider(auth=None)
    made = scene.admin.apply(_path(scene, MODEL_PROVIDER, "models"), _object(MODEL_PROVIDER, params))
    assert made.body["spec"]["auth"] == {"type": "None"}
    assert scene.submit(a_plan("silent", _action("model_provider.upsert", params))).ok
    assert _findings(scene, "silent") == [("Structural.InvalidParams", "spec.actions[0].params.spec.auth")]


def test_new_host_for_a_key(scene: Scene):
    """A key that is to be sent to another host makes the plan one of high risk."""
    first = scene.approved(a_plan("first", _action("model_provider.upsert", a_provider(auth=API_KEY))))
    assert (first["status"]["reason"], first["status"]["maxRisk"]) == ("Succeeded", "medium")
    elsewhere = a_provider("https://other.example.com/v1", auth=API_KEY)
    scene.submit(a_plan("second", {**_action("model_provider.upsert", elsewhere), "idempotencyKey": "one.v2"}))
    assert scene.until("second", "AwaitingApproval")["status"]["maxRisk"] == "high"


def test_policy_without_a_rule(scene: Scene):
    """Neither kubectl nor a plan makes a policy that says nothing."""
    empty = {"name": "payments", "spec": {}}
    refused = scene.admin.apply(_path(scene, POLICY, "payments"), _object(POLICY, empty))
    assert not refused.ok
    assert "a policy needs at least one entry in policies or approvals" in refused.message
    assert scene.submit(a_plan("empty", _action("policy.upsert", empty))).ok
    assert ("Structural.InvalidParams", "spec.actions[0].params.spec") in _findings(scene, "empty")


def test_policy_risks(scene: Scene):
    """Allow on * is critical and so blocked where no ApprovalPolicy opens it; one more deny is of medium risk."""
    deny = a_rule("deny")
    made = scene.approved(a_plan("deny", _action("policy.upsert", a_policy(deny))))
    assert (made["status"]["reason"], made["status"]["maxRisk"]) == ("Succeeded", "medium")
    scene.submit(a_plan("open", _action("policy.upsert", a_policy(deny, a_rule(resource="*")))))
    assert scene.until("open", "Blocked")["status"]["maxRisk"] == "critical"


def test_somebody_elses_echo_tool(scene: Scene):
    """The starter kit does not take over what carries its name and was made by somebody else."""
    tool = {"name": "echo-tool", "spec": {"connection": {"baseUrl": "https://echo.example.com"}}}
    assert scene.approved(a_plan("theirs", _action("tool.upsert", tool)))["status"]["reason"] == "Succeeded"
    assert scene.submit(a_plan("kit", _action("starter_kit.seed", {}))).ok
    assert [code for code, _ in _findings(scene, "kit")] == ["Coherence.NameTaken"]
    live = scene.admin.get(_path(scene, TOOL, "echo-tool")).body
    assert live["spec"]["connection"]["baseUrl"] == "https://echo.example.com"
