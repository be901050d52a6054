"""Observers on the real API server, with the operator's real rights: what is said of all that agents use, and of agents."""

import time
from typing import Any

import pytest
from tests.support.agent_policies import a_policy, a_rule
from tests.support.identities import Identity
from tests.support.providers import API_KEY, a_provider
from tests.support.scene import Scene, a_plan
from tests.support.waiting import eventually

from countersign.model.effect import AGENT, MODEL_PROVIDER, POLICY, POLICY_BINDING, TOOL, ResourceKind

pytestmark = pytest.mark.cluster

RBAC = "/apis/rbac.authorization.k8s.io/v1/namespaces"
IMAGE = "example.com/agents/support@sha256:" + "a" * 64
SECONDS = 20.0
SECRET = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "openai-key"}, "stringData": {"key": "x"}}


def _put(scene: Scene, kind: ResourceKind, params: dict[str, Any]) -> None:
    body = {
        "apiVersion": kind.api_version,
        "kind": kind.kind,
        "metadata": {"name": params["name"]},
        "spec": params["spec"],
    }
    answer = scene.admin.apply(scene.path(params["name"], plural=kind.plural), body)
    assert answer.ok, answer.message


def _status(scene: Scene, kind: ResourceKind, name: str, *, generation: int = 1) -> dict[str, Any]:
    """As soon as it is that of this generation."""
    end = time.monotonic() + 20
    while True:
        status = scene.admin.get(scene.path(name, plural=kind.plural)).body.get("status", {})
        if status.get("observedGeneration") == generation:
            return status
        assert time.monotonic() < end, f"{kind.kind} {name} is not observed: {status}"
        time.sleep(0.05)


def _let_executor_look(scene: Scene) -> None:
    """At this one Secret."""
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": "looks"},
        "rules": [{"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["openai-key"], "verbs": ["get"]}],
    }
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "looks"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "looks"},
        "subjects": [{"kind": "ServiceAccount", "name": "countersign-executor", "namespace": scene.namespace}],
    }
    assert scene.admin.create(f"{RBAC}/{scene.namespace}/roles", role).ok
    assert scene.admin.create(f"{RBAC}/{scene.namespace}/rolebindings", binding).ok


def test_policy(scene: Scene):
    """Ready with what it says; not ready with what kubectl got wrong, until that is mended."""
    _put(scene, POLICY, a_policy(a_rule("deny"), a_rule()))
    status = _status(scene, POLICY, "payments")
    assert (status["ready"], status["message"]) == (True, "rules: 1 allow, 1 deny; approvals: 0")
    _put(scene, POLICY, a_policy(a_rule("allow", None)))
    status = _status(scene, POLICY, "payments", generation=2)
    assert status["ready"] is False
    assert status["message"].startswith("spec.policies[0].resource: resource or tags is required")


def test_provider(scene: Scene):
    """Whether its Secret is there is seen only where the executor of the namespace may look."""
    _put(scene, MODEL_PROVIDER, a_provider(auth=API_KEY))
    assert _status(scene, MODEL_PROVIDER, "models")["phase"] == "Pending"
    _let_executor_look(scene)
    _put(scene, MODEL_PROVIDER, a_provider(auth=API_KEY, models=["m-2"]))
    status = _status(scene, MODEL_PROVIDER, "models", generation=2)
    assert (status["phase"], status["message"]) == (
        "Unavailable",
        "there is no Secret openai-key in this namespace: create it",
    )
    assert scene.admin.create(f"/api/v1/namespaces/{scene.namespace}/secrets", SECRET).ok
    _put(scene, MODEL_PROVIDER, a_provider(auth=API_KEY, models=["m-3"]))
    assert _status(scene, MODEL_PROVIDER, "models", generation=3)["phase"] == "Available"


def _deploy_agent(scene: Scene) -> None:
    params = {"agent_name": "support", "image": IMAGE, "policies": ["payments"]}
    action = {"id": "deploy", "type": "deploy.execute", "idempotencyKey": "k", "params": params}
    assert scene.approved(a_plan("deploys", action))["status"]["reason"] == "Succeeded"


def test_policy_in_use(scene: Scene):
    """The binding of an agent is ready, and the policy says whom it binds, until nobody is bound any more."""
    _put(scene, POLICY, a_policy(a_rule()))
    _deploy_agent(scene)
    agent = [{"name": "agent-support", "namespace": scene.namespace}]
    assert eventually(lambda: _now(scene, POLICY, "payments").get("usedBy") == agent, within=SECONDS)
    assert _status(scene, POLICY_BINDING, "agent-support-payments")["ready"] is True
    assert scene.admin.delete(scene.path("agent-support-payments", plural=POLICY_BINDING.plural)).ok
    assert eventually(lambda: _now(scene, POLICY, "payments").get("usedBy") == [], within=SECONDS)


def test_binding_to_nothing(scene: Scene):
    """It says what is missing until that is there."""
    subjects = [{"kind": "ServiceAccount", "name": "countersign-executor"}]
    _put(scene, POLICY_BINDING, {"name": "b", "spec": {"policyRef": {"name": "payments"}, "subjects": subjects}})
    assert _status(scene, POLICY_BINDING, "b")["message"] == "there is no Policy payments: create it"
    _put(scene, POLICY, a_policy(a_rule()))
    assert eventually(lambda: _now(scene, POLICY_BINDING, "b")["ready"], within=SECONDS)


def test_agent_that_cannot_start(scene: Scene):
    """The reason is that of its pod, and goes when the pod is ready; here a test plays the kubelet."""
    _put(scene, POLICY, a_policy(a_rule()))
    _deploy_agent(scene)
    waiting = {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}
    pod = _the_pod(scene)
    _play_kubelet(scene, pod, {"containerStatuses": [_container(ready=False, state={"waiting": waiting})]})
    assert eventually(lambda: _now(scene, AGENT, "support").get("reason") == "ImagePullBackOff", within=SECONDS)
    status = _now(scene, AGENT, "support")
    message = f"container agent of pod {pod['metadata']['name']}: Back-off pulling image"
    assert (status["phase"], status["message"]) == ("Pending", message)
    conditions = [
        {"type": kind, "status": "True", "lastTransitionTime": pod["metadata"]["creationTimestamp"]}
        for kind in ("Ready", "ContainersReady")
    ]
    running = [_container(ready=True, state={"running": {}})]
    _play_kubelet(scene, pod, {"phase": "Running", "conditions": conditions, "containerStatuses": running})
    assert eventually(
        lambda: _now(scene, AGENT, "support") == {"observedGeneration": 1, "phase": "Running"}, within=SECONDS
    )


def _now(scene: Scene, kind: ResourceKind, name: str) -> dict[str, Any]:
    return scene.admin.get(scene.path(name, plural=kind.plural)).body.get("status", {})


def _the_pod(scene: Scene) -> dict[str, Any]:
    pods = f"/api/v1/namespaces/{scene.namespace}/pods"
    assert eventually(lambda: scene.admin.get(pods).body["items"], within=SECONDS)
    return scene.admin.get(pods).body["items"][0]


def _play_kubelet(scene: Scene, pod: dict[str, Any], status: dict[str, Any]) -> None:
    path = f"/api/v1/namespaces/{scene.namespace}/pods/{pod['metadata']['name']}/status"
    answer = scene.admin.merge(path, {"status": status})
    assert answer.ok, answer.message


def _container(**status: Any) -> dict[str, Any]:
    return {"name": "agent", "image": IMAGE, "imageID": "", "restartCount": 0, **status}


def test_tools_are_left_alone(scene: Scene):
    """Nobody calls a tool, or says anything about it, unless the installation wants that."""
    assert scene.approved(a_plan("make"))["status"]["reason"] == "Succeeded"
    _put(scene, POLICY, a_policy(a_rule()))
    _status(scene, POLICY, "payments")
    assert "status" not in scene.admin.get(scene.path("payments", plural=TOOL.plural)).body


def test_the_operator_still_reads_no_secret(scene: Scene, operator_identity: Identity):
    """Its own rights do not reach any, wherever it is."""
    assert scene.admin.create(f"/api/v1/namespaces/{scene.namespace}/secrets", SECRET).ok
    for path in (f"/api/v1/namespaces/{scene.namespace}/secrets/openai-key", "/api/v1/secrets"):
        assert operator_identity.get(path).code == 403


def test_nobody_else_writes_a_status(scene: Scene):
    """Not even an administrator: a status is what the operator found out."""
    _put(scene, POLICY, a_policy(a_rule("allow", None)))
    path = scene.path("payments", plural=POLICY.plural, part="status")
    refused = scene.admin.merge(path, {"status": {"ready": True}})
    assert refused.code == 403
    assert "only the operator writes status" in refused.message
