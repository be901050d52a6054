"""Observers on the real API server, with the operator's real rights: what a policy and a provider are said to be."""

import time
from typing import Any

import pytest
from tests.support.agent_policies import a_policy, a_rule
from tests.support.identities import Identity
from tests.support.providers import API_KEY, a_provider
from tests.support.scene import Scene, a_plan

from countersign.model.effect import MODEL_PROVIDER, POLICY, TOOL, ResourceKind

pytestmark = pytest.mark.cluster

RBAC = "/apis/rbac.authorization.k8s.io/v1/namespaces"
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
