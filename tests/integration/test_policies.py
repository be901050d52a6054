"""Approval policies on the real API server: who may approve, when, and what a change of the rules does to waiting plans."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml
from tests.support.identities import GROUP, Identity
from tests.support.own import own_cluster
from tests.support.policies import HUMAN
from tests.support.scene import Scene, a_plan

from countersign.generate import ROOT

POLICIES = f"{GROUP}/approvalpolicies"
NAMESPACE_LABEL = "kubernetes.io/metadata.name"


class Rules:
    """Policies that are for the plans of one namespace only, and gone when the test is over."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.names: list[str] = []

    def put(self, name: str = "team", **spec: Any) -> None:
        answer = self.write(name, **spec)
        assert answer.ok, answer.message

    def write(self, name: str = "team", **spec: Any) -> Any:
        full = f"{name}-{self.scene.namespace}"
        self.names.append(full)
        match = {"namespaceSelector": {"matchLabels": {NAMESPACE_LABEL: self.scene.namespace}}, **spec.pop("match", {})}
        body = {
            "apiVersion": "countersign.dev/v1alpha1",
            "kind": "ApprovalPolicy",
            "metadata": {"name": full},
            "spec": {"byRisk": HUMAN, **spec, "match": match},
        }
        return self.scene.admin.apply(f"{POLICIES}/{full}", body)

    def remove(self) -> None:
        for name in dict.fromkeys(self.names):
            self.scene.admin.delete(f"{POLICIES}/{name}")
        self.names.clear()


@pytest.fixture
def rules(scene: Scene) -> Iterator[Rules]:
    made = Rules(scene)
    yield made
    made.remove()


def _waiting(scene: Scene, name: str = "p", **spec: Any) -> dict[str, Any]:
    submitted = scene.submit(a_plan(name, **spec))
    assert submitted.ok, submitted.message
    return scene.until(name, "AwaitingApproval")


def _last(scene: Scene, count: int) -> dict[str, Any]:
    plan = scene.until_true("p", lambda plan: len(plan["status"]["approval"].get("decisions", ())) == count)
    return plan["status"]["approval"]["decisions"][-1]


def test_quorum_of_two(scene: Scene, rules: Rules):
    """Two distinct people have to approve; the same one twice is one."""
    rules.put(quorum={"medium": 2})
    _waiting(scene)
    assert scene.decide("p", "approve").ok
    plan = scene.until_true("p", lambda plan: plan["status"]["approval"].get("progress") == "1/2")
    assert scene.decide("p", "approve", comment="again").ok
    _last(scene, 2)
    assert scene.plan("p")["status"]["approval"]["progress"] == "1/2"
    assert scene.decide("p", "approve", by=scene.second).ok
    assert scene.until("p", "Succeeded")["status"]["digest"] == plan["status"]["digest"]


def test_groups(scene: Scene, rules: Rules):
    """Whoever belongs to no group that the policy names is recorded, and does not count."""
    rules.put(approvers={"groups": ["leads"]})
    _waiting(scene)
    assert scene.decide("p", "approve").ok
    decision = _last(scene, 1)
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
    _waiting(scene)
    robot = _robot(scene)
    assert scene.decide("p", "approve", by=robot).ok
    assert "service account" in _last(scene, 1)["why"]
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
    _waiting(scene)
    assert scene.decide("p", "approve").ok
    assert "deputy" in _last(scene, 1)["why"]
    assert scene.decide("p", "approve", by=scene.second).ok
    scene.until("p", "Succeeded")


def test_whoever_could_be_the_author(scene: Scene):
    """An approver who may impersonate the author is no second person."""
    _waiting(scene)
    root = scene.admin.acting_as("root", "system:masters")
    assert scene.decide("p", "approve", by=root).ok
    assert "could act as" in _last(scene, 1)["why"]


def test_approver_access(scene: Scene, rules: Rules):
    """Where it is asked for, who may not write the objects himself may not approve that a plan does."""
    rules.put(requireApproverAccess=True)
    _waiting(scene)
    assert scene.decide("p", "approve").ok
    assert "may not patch tools" in _last(scene, 1)["why"]


def _freeze(**spec: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    moments = {"starts": now - timedelta(minutes=1), "ends": now + timedelta(hours=1)}
    return {"name": "release", **{key: value.strftime("%Y-%m-%dT%H:%M:%SZ") for key, value in moments.items()}, **spec}


def test_freeze(scene: Scene, rules: Rules):
    """What is approved during a freeze starts when it is lifted, with the same digest."""
    rules.put(freezes=[_freeze()])
    scene.submit(a_plan("p"))
    digest = scene.until("p", "Frozen")["status"]["digest"]
    assert scene.decide("p", "approve").ok
    plan = scene.until_true("p", lambda plan: plan["status"]["phase"] == "Approved")
    assert (plan["status"]["reason"], scene.has_tool("payments")) == ("Frozen", False)
    rules.put(freezes=[])
    assert scene.until("p", "Succeeded")["status"]["execution"]["digest"] == digest


def test_blocked(scene: Scene, rules: Rules):
    """A level that no policy opens is blocked, and opens as soon as the policy does."""
    rules.put(byRisk={"low": "auto"})
    scene.submit(a_plan("p"))
    assert "digest" not in scene.until("p", "Blocked")["status"]
    rules.put(byRisk={"low": "auto", "medium": "auto"}, labels={"Executed": "Shipped"})
    assert scene.until("p", "Succeeded")["status"]["label"] == "Shipped"


def test_break_glass(scene: Scene, rules: Rules):
    """Somebody of the second group opens what is blocked, besides the usual approval, and everybody sees it."""
    rules.put(byRisk={"low": "auto"}, breakGlass={"groups": ["oncall"]})
    scene.submit(a_plan("p"))
    assert "break-glass" in scene.until("p", "Blocked")["status"]["message"]
    assert scene.decide("p", "approve").ok
    assert scene.until_true("p", lambda plan: plan["status"]["approval"]["progress"] == "1/1")
    assert not scene.has_tool("payments")
    oncall = scene.admin.acting_as("olga", "oncall", "countersign:approvers")
    assert scene.decide("p", "approve", by=oncall, comment="break-glass: payments are down").ok
    plan = scene.until("p", "Succeeded")
    broken = next(one for one in plan["status"]["conditions"] if one["type"] == "BreakGlass")
    assert (broken["status"], "olga" in broken["message"]) == ("True", True)


def test_change_of_the_rules(scene: Scene, rules: Rules):
    """A stricter policy voids approvals that were given under the old one; a cosmetic change voids nothing."""
    rules.put(description="one", approvers={"groups": ["countersign:approvers", "leads"]})
    digest = _waiting(scene, suspend=True)["status"]["digest"]
    assert scene.decide("p", "approve").ok
    scene.until("p", "Suspended")
    rules.put(
        description="another", approvers={"groups": ["leads", "countersign:approvers"]}, labels={"Approved": "Go"}
    )
    plan = scene.until_true("p", lambda plan: plan["status"].get("label") == "Go")
    assert (plan["status"]["digest"], plan["status"]["reason"]) == (digest, "Suspended")
    rules.put("second", quorum={"medium": 2})
    plan = scene.until("p", "PreviewChanged", "AwaitingApproval")
    assert (plan["status"]["publication"], plan["status"]["approval"]["progress"]) == (2, "0/2")


def test_protected_namespace(scene: Scene, rules: Rules):
    """The label on the namespace raises the risk of plans that already wait there."""
    rules.put(byRisk={**HUMAN, "high": "blocked"})
    _waiting(scene)
    label = {"metadata": {"labels": {"countersign.dev/protected": ""}}}
    assert scene.admin.merge(f"/api/v1/namespaces/{scene.namespace}", label).ok
    plan = scene.until("p", "Blocked")
    assert plan["status"]["maxRisk"] == "high"


@pytest.fixture
def apart(tmp_path_factory) -> Iterator[Scene]:
    """On a control plane of its own: what blocks everything blocks the plans of other tests, too."""
    with own_cluster(tmp_path_factory.mktemp("unreadable")) as own:
        yield from own.scene()


def test_unreadable_policy_blocks(apart: Scene):
    """A policy that nobody can make sense of blocks every plan, until somebody corrects it."""
    scene, rules = apart, Rules(apart)
    _waiting(scene)
    rules.put("odd", freezes=[_freeze(name="a", ends="next week")])
    plan = scene.until("p", "Blocked")
    assert "cannot be read" in plan["status"]["message"]
    rules.remove()
    scene.until("p", "AwaitingApproval")


def test_types_and_hosts(scene: Scene, rules: Rules):
    """What a policy does not allow is a finding that names the policy."""
    rules.put(
        actions={"deny": ["tool.*"]}, egress={"allowedHosts": ["*.internal.example"]}, budgets={"maxDuration": "1m"}
    )
    scene.submit(a_plan("p"))
    codes = {one["code"] for one in scene.until("p", "Invalid")["status"]["validation"]["diagnostics"]}
    assert codes == {"Capabilities.TypeNotAllowed", "Capabilities.HostNotAllowed", "Budget.TooLong"}


def test_sample(scene: Scene):
    """The sample is accepted as it stands."""
    sample = yaml.safe_load((ROOT / "manifests/samples/policies/production.yaml").read_text())
    answer = scene.admin.apply(f"{POLICIES}/production", sample, dryRun="All")
    assert answer.ok, answer.message


def test_server_refuses_half_a_freeze(rules: Rules):
    """The schema says at once what the operator would call unreadable."""
    refused = rules.write("half", freezes=[{"name": "x", "starts": "2030-12-20T00:00:00Z"}])
    assert "either starts and ends, or schedule and duration" in refused.message
