"""Plans that put a draft together and deploy it, with the real operator."""

import time
from typing import Any

import pytest
from tests.support.identities import path_of
from tests.support.scene import Scene, a_plan

from countersign.actions.deploy.naming import labels

pytestmark = pytest.mark.cluster

IMAGE = "example.com/agents/support@sha256:" + "a" * 64
DRAFT = {
    "id": "draft-support-01",
    "step": "connect",
    "agent_config": {"use_custom_image": True, "custom_image": IMAGE, "system_prompt": "Answer."},
}
SECONDS = 30.0


def _action(kind: str, key: str, **params: Any) -> dict[str, Any]:
    return {"id": key, "type": kind, "idempotencyKey": key, "params": params}


def _drafted(**params: Any) -> dict[str, Any]:
    return _action("deploy_draft.create_or_patch", "draft", **{**DRAFT, **params})


def _deployed(**params: Any) -> dict[str, Any]:
    return _action("deploy.execute", "deploy", **{"agent_name": "support", "draft_id": DRAFT["id"], **params})


def _read(scene: Scene, plural: str, name: str, *, group: str = "/apis/countersign.dev/v1alpha1") -> dict[str, Any]:
    answer = scene.admin.get(f"{group}/namespaces/{scene.namespace}/{plural}/{name}")
    assert answer.ok, answer.message
    return answer.body


def _diagnostics(plan: dict[str, Any]) -> list[tuple[str, str]]:
    return [(item["code"], item["path"]) for item in plan["status"]["validation"]["diagnostics"]]


def test_drafted_and_deployed(scene: Scene):
    """A draft made in one action is deployed in the next; the objects are real, and the draft is completed."""
    plan = scene.approved(a_plan("agents", _drafted(), _deployed(env=[{"name": "CUSTOMER", "value": "customer-4711"}])))
    assert plan["status"]["reason"] == "Succeeded", plan["status"]
    deployment = _read(scene, "deployments", "agent-support", group="/apis/apps/v1")
    pod = deployment["spec"]["template"]["spec"]
    assert pod["containers"][0]["image"] == IMAGE
    assert _read(scene, "serviceaccounts", "agent-support", group="/api/v1")["automountServiceAccountToken"] is False
    assert _read(scene, "services", "agent-support", group="/api/v1")["spec"]["ports"][0]["port"] == 80
    assert _read(scene, "agents", "support")["spec"]["draft"] == DRAFT["id"]
    draft = _read(scene, "deploydrafts", DRAFT["id"])["spec"]
    assert (draft["status"], draft["version"]) == ("COMPLETED", 2)
    previews = scene.admin.get(scene.path(plural="planpreviews")).body["items"]
    assert "Answer." in str(previews)
    assert "customer-4711" not in str(previews)
    assert "customer-4711" not in str(plan["status"])


def test_deployed_again(scene: Scene):
    """The same intents from another plan find everything done, and write nothing."""
    scene.approved(a_plan("first", _deployed(draft_id=None, image=IMAGE)))
    before = _written(_read(scene, "agents", "support"))
    plan = scene.approved(a_plan("again", _deployed(draft_id=None, image=IMAGE)))
    assert [entry["reason"] for entry in plan["status"]["actions"]] == ["AlreadyApplied"]
    assert _written(_read(scene, "agents", "support")) == before


def test_drafted_and_deployed_again(scene: Scene):
    """A plan that names its draft IN_PROGRESS and deploys it is carried out once, however often it comes."""
    actions = (_drafted(status="IN_PROGRESS"), _deployed())
    scene.approved(a_plan("first", *actions))
    plan = scene.approved(a_plan("again", *actions))
    assert [entry["reason"] for entry in plan["status"]["actions"]] == ["AlreadyApplied"] * 2
    draft = _read(scene, "deploydrafts", DRAFT["id"])["spec"]
    assert (draft["status"], draft["version"]) == ("COMPLETED", 2)


def _written(content):
    """What a plan wrote; the status is the observer's, and moves by itself."""
    metadata = content["metadata"]
    return metadata["generation"], metadata["labels"], metadata["annotations"]


def test_waits_for_the_rollout(scene: Scene):
    """The action is applied only when the agent's pod is ready; here a test plays the kubelet."""
    scene.submit(a_plan("waits", _deployed(draft_id=None, image=IMAGE, wait=True)))
    scene.until("waits", "AwaitingApproval")
    scene.decide("waits", "approve")
    plan = scene.until_true("waits", lambda plan: plan["status"]["actions"][0]["status"] == "waiting")
    assert plan["status"]["phase"] == "Executing"
    pods = f"/api/v1/namespaces/{scene.namespace}/pods"
    end = time.monotonic() + SECONDS
    while not (found := scene.admin.get(pods).body["items"]):
        assert time.monotonic() < end, "no pod was made"
        time.sleep(0.05)
    now = found[0]["metadata"]["creationTimestamp"]
    ready = [{"type": kind, "status": "True", "lastTransitionTime": now} for kind in ("Ready", "ContainersReady")]
    status = {"phase": "Running", "conditions": ready}
    assert scene.admin.merge(f"{pods}/{found[0]['metadata']['name']}/status", {"status": status}).ok
    plan = scene.until("waits", "Succeeded", "ActionFailed")
    assert plan["status"]["reason"] == "Succeeded", plan["status"]


def test_account_of_somebody_else(scene: Scene):
    """A service account that is there already and not the agent's is never taken over."""
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "agent-support"}}
    assert scene.admin.create(f"/api/v1/namespaces/{scene.namespace}/serviceaccounts", account).ok
    scene.submit(a_plan("steals", _deployed(draft_id=None, image=IMAGE)))
    plan = scene.until("steals", "Invalid")
    assert _diagnostics(plan) == [("Coherence.OfAnother", "spec.actions[0].params.agent_name")]


@pytest.mark.parametrize("accounts", [[labels("support")], []], ids=["labelled", "only bound"])
def test_account_that_somebody_prepared(scene: Scene, accounts):
    """An agent is not deployed under an account that may do something, also if only its labels or its binding are there."""
    subject = {"kind": "ServiceAccount", "name": "agent-support", "namespace": scene.namespace}
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "prepared", "namespace": scene.namespace},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
        "subjects": [subject],
    }
    for carried in accounts:
        made = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "agent-support", "labels": carried}}
        assert scene.admin.create(f"/api/v1/namespaces/{scene.namespace}/serviceaccounts", made).ok
    assert scene.admin.apply(path_of(binding), binding).ok
    plan = a_plan("lent", _deployed(draft_id=None, image=IMAGE))
    scene.submit(plan)
    assert _diagnostics(scene.until("lent", "Invalid")) == [("Access.AccountHasRights", "spec.actions[0].params")]
    assert scene.admin.delete(path_of(binding)).ok
    scene.until("lent", "AwaitingApproval")
    scene.decide("lent", "approve")
    scene.until("lent", "Succeeded")
    assert scene.admin.apply(path_of(binding), binding).ok
    scene.submit(a_plan("since", _deployed(draft_id=None, image=IMAGE, system_prompt="Answer.")))
    (told,) = scene.until("since", "AwaitingApproval")["status"]["validation"]["diagnostics"]
    assert (told["code"], told["severity"]) == ("Access.AccountHasRights", "warning")


def test_overtaken_draft(scene: Scene):
    """A patch that expects a version which is gone is a finding; the same patch once more is none."""
    scene.approved(a_plan("one", _drafted()))
    scene.submit(
        a_plan("two", _action("deploy_draft.create_or_patch", "k", **{**DRAFT, "step": "x", "expected_version": 7}))
    )
    plan = scene.until("two", "Invalid")
    assert _diagnostics(plan) == [("Coherence.DraftChanged", "spec.actions[0].params.expected_version")]
    scene.submit(a_plan("three", _action("deploy_draft.create_or_patch", "k", **{**DRAFT, "expected_version": 7})))
    assert scene.until("three", "AwaitingApproval", "Invalid")["status"]["reason"] == "AwaitingApproval"


def test_what_is_not_there(scene: Scene):
    """Tools and drafts that nobody made are named, each at its place."""
    missing = _deployed(draft_id=None, image=IMAGE, required_tools=["orders"])
    other = _action("deploy.execute", "other", agent_name="other", draft_id="gone")
    scene.submit(a_plan("lost", missing, other))
    plan = scene.until("lost", "Invalid")
    assert _diagnostics(plan) == [
        ("References.NotFound", "spec.actions[0].params.required_tools[0]"),
        ("References.Unusable", "spec.actions[1].params.draft_id"),
    ]
