"""Who may approve under approval policies, on the real API server with its real authorizer."""

from tests.support.identities import Identity
from tests.support.rules import Rules, last_decision, waiting
from tests.support.scene import Scene


def test_quorum_of_two(scene: Scene, rules: Rules):
    """Two distinct people have to approve; the same one twice is one."""
    rules.put(quorum={"medium": 2})
    waiting(scene)
    assert scene.decide("p", "approve").ok
    plan = scene.until_true("p", lambda plan: plan["status"]["approval"].get("progress") == "1/2")
    assert scene.decide("p", "approve", comment="again").ok
    last_decision(scene, 2)
    assert scene.plan("p")["status"]["approval"]["progress"] == "1/2"
    assert scene.decide("p", "approve", by=scene.second).ok
    assert scene.until("p", "Succeeded")["status"]["digest"] == plan["status"]["digest"]


def test_groups(scene: Scene, rules: Rules):
    """Whoever belongs to no group that the policy names is recorded, and does not count."""
    rules.put(approvers={"groups": ["leads"]})
    waiting(scene)
    assert scene.decide("p", "approve").ok
    decision = last_decision(scene, 1)
    assert (decision["counts"], "leads" in decision["why"]) == (False, True)
    lead = scene.admin.acting_as("lena", "leads", "countersign:approvers")
    assert scene.decide("p", "approve", by=lead).ok
    scene.until("p", "Succeeded")


def _robot(scene: Scene) -> Identity:
    """A service account that holds the verb approve."""
    place = f"namespaces/{scene.namespace}"
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "robot"}}
    assert scene.admin.create(f"/api/v1/{place}/serviceaccounts", account).ok
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "robot"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "countersign-approver"},
        "subjects": [{"kind": "ServiceAccount", "name": "robot", "namespace": scene.namespace}],
    }
    assert scene.admin.create(f"/apis/rbac.authorization.k8s.io/v1/{place}/rolebindings", binding).ok
    return scene.admin.acting_as(f"system:serviceaccount:{scene.namespace}:robot")


def test_service_account(scene: Scene, rules: Rules):
    """A program approves only where a policy names it."""
    rules.put(description="people only")
    waiting(scene)
    robot = _robot(scene)
    assert scene.decide("p", "approve", by=robot).ok
    assert "service account" in last_decision(scene, 1)["why"]
    rules.put(approvers={"serviceAccounts": [{"namespace": scene.namespace, "name": "robot"}]})
    plan = scene.until_true("p", lambda plan: plan["status"]["approval"].get("serviceAccounts"))
    assert plan["status"]["publication"] == 2
    assert scene.decide("p", "approve", by=robot).ok
    scene.until("p", "Succeeded")


def test_deputies(scene: Scene, rules: Rules):
    """A deputy of the author is treated as an author."""
    approver = scene.approver.create(
        "/apis/authentication.k8s.io/v1/selfsubjectreviews",
        {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"},
    ).body["status"]["userInfo"]["username"]
    rules.put(deputies=[{"author": "*", "deputies": [approver]}])
    waiting(scene)
    assert scene.decide("p", "approve").ok
    assert "deputy" in last_decision(scene, 1)["why"]
    assert scene.decide("p", "approve", by=scene.second).ok
    scene.until("p", "Succeeded")


def test_whoever_could_be_the_author(scene: Scene):
    """An approver who may impersonate the author is no second person."""
    waiting(scene)
    root = scene.admin.acting_as("root", "system:masters")
    assert scene.decide("p", "approve", by=root).ok
    assert "could act as" in last_decision(scene, 1)["why"]


def test_approver_access(scene: Scene, rules: Rules):
    """Where it is asked for, who may not write the objects himself may not approve that a plan does."""
    rules.put(requireApproverAccess=True)
    waiting(scene)
    assert scene.decide("p", "approve").ok
    assert "may not patch tools" in last_decision(scene, 1)["why"]
