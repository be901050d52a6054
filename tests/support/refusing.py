"""A rule of the cluster that dry runs do not meet: what it refuses fails only when it is applied for real."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.scene import Scene
from tests.support.waiting import eventually

POLICIES = "admissionregistration.k8s.io"


@contextmanager
def refusing(scene: Scene, tool: str) -> Iterator[None]:
    """Nobody may write this tool meanwhile; dry runs go through, so that only the attempt itself can find out."""
    rule = f"request.dryRun || !object.metadata.name.startsWith('{tool}')"
    here = {"matchLabels": {"kubernetes.io/metadata.name": scene.namespace}}
    rules = [{"apiGroups": ["countersign.dev"], "apiVersions": ["*"], "resources": ["tools"], "operations": ["CREATE"]}]
    matching = {"namespaceSelector": here, "resourceRules": rules}
    spec = {"matchConstraints": matching, "validations": [{"expression": rule, "message": "not now"}]}
    policy = {"metadata": {"name": scene.namespace}, "apiVersion": f"{POLICIES}/v1"}
    bound = {"policyName": scene.namespace, "validationActions": ["Deny"]}
    path = f"/apis/{POLICIES}/v1/validatingadmissionpolic"
    assert scene.admin.create(f"{path}ies", {**policy, "kind": "ValidatingAdmissionPolicy", "spec": spec}).ok
    binding = {**policy, "kind": "ValidatingAdmissionPolicyBinding", "spec": bound}
    assert scene.admin.create(f"{path}ybindings", binding).ok
    try:
        assert eventually(lambda: not may_make(scene, f"{tool}-probe"), within=20)
        yield
    finally:
        scene.admin.delete(f"{path}ybindings/{scene.namespace}")
        scene.admin.delete(f"{path}ies/{scene.namespace}")
    assert eventually(lambda: may_make(scene, f"{tool}-probe"), within=20)


def may_make(scene: Scene, name: str) -> bool:
    spec = {"connection": {"baseUrl": "https://probe.example.com"}}
    tool = {"apiVersion": "countersign.dev/v1alpha1", "kind": "Tool", "metadata": {"name": name}, "spec": spec}
    made = scene.admin.create(scene.path(plural="tools"), tool)
    scene.admin.delete(scene.path(name, plural="tools"))
    return made.ok
