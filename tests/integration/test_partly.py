"""A deployment that the API server refuses half way, with the real operator: what is there stays and is counted."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tests.support.scene import Scene, a_plan

pytestmark = pytest.mark.cluster

IMAGE = "example.com/agents/support@sha256:" + "a" * 64
POLICIES = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolic"
DEPLOY = {
    "id": "deploy",
    "type": "deploy.execute",
    "idempotencyKey": "deploy",
    "params": {"agent_name": "support", "image": IMAGE},
}


def test_half_a_deployment(scene: Scene):
    """What was made before the Service was refused stays and is counted; a retry makes the rest and nothing twice."""
    with _no_services(scene):
        status = scene.approved(a_plan("agent", DEPLOY))["status"]
    (entry,) = status["actions"]
    done = entry["resourceRefs"][: entry["effectsDone"]]
    assert (entry["status"], entry["reason"]) == ("failed", "AdmissionRefused")
    assert entry["resourceRefs"][entry["effectsDone"]] == "services/agent-support"
    assert done[0] == "serviceaccounts/agent-support"
    assert status["outcome"]["entitiesAffected"] == len(done)
    assert status["outcome"]["details"] == {"created": done, "failed": ["deploy"]}
    assert scene.admin.get(_path(scene, "serviceaccounts")).ok
    assert not scene.admin.get(_path(scene, "services")).ok
    assert not scene.admin.get(_path(scene, "deployments", group="/apis/apps/v1")).ok

    assert scene.annotate("agent", "countersign.dev/retry", "1", by=scene.proposer).ok
    assert scene.until("agent", "AwaitingApproval")["status"]["publication"] == 2
    assert scene.decide("agent", "approve").ok
    status = scene.until("agent", "Succeeded")["status"]
    (again,) = status["actions"]
    assert "effectsDone" not in again
    assert again["operations"] == ["unchanged"] * len(done) + ["created"] * (len(again["resourceRefs"]) - len(done))
    assert status["outcome"]["details"]["unchanged"] == done
    assert status["outcome"]["details"]["created"] == entry["resourceRefs"][len(done) :]


def _path(scene: Scene, plural: str, name: str = "agent-support", *, group: str = "/api/v1") -> str:
    return f"{group}/namespaces/{scene.namespace}/{plural}/{name}"


@contextmanager
def _no_services(scene: Scene) -> Iterator[None]:
    """Services are refused meanwhile, but not their dry runs, so that only the attempt itself finds out."""
    here = {"matchLabels": {"kubernetes.io/metadata.name": scene.namespace}}
    rules = [{"apiGroups": [""], "apiVersions": ["v1"], "resources": ["services"], "operations": ["CREATE"]}]
    validations = [{"expression": "request.dryRun", "message": "no services today"}]
    spec = {"matchConstraints": {"namespaceSelector": here, "resourceRules": rules}, "validations": validations}
    bound = {"policyName": scene.namespace, "validationActions": ["Deny"]}
    body = {"apiVersion": "admissionregistration.k8s.io/v1", "metadata": {"name": scene.namespace}}
    policy = {**body, "kind": "ValidatingAdmissionPolicy", "spec": spec}
    binding = {**body, "kind": "ValidatingAdmissionPolicyBinding", "spec": bound}
    assert scene.admin.create(f"{POLICIES}ies", policy).ok
    assert scene.admin.create(f"{POLICIES}ybindings", binding).ok
    try:
        _until(scene, bites=True)
        yield
    finally:
        scene.admin.delete(f"{POLICIES}ybindings/{scene.namespace}")
        scene.admin.delete(f"{POLICIES}ies/{scene.namespace}")
    _until(scene, bites=False)


def _until(scene: Scene, *, bites: bool) -> None:
    """The API server needs a moment to notice."""
    end = time.monotonic() + 20
    while _makes_a_service(scene) is bites:
        assert time.monotonic() < end, "the policy should have been noticed by now"
        time.sleep(0.1)


def _makes_a_service(scene: Scene) -> bool:
    body = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "probe"}, "spec": {"ports": [{"port": 80}]}}
    made = scene.admin.create(f"/api/v1/namespaces/{scene.namespace}/services", body)
    scene.admin.delete(_path(scene, "services", "probe"))
    return made.ok
