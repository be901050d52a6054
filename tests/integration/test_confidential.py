"""Whoever may propose and not read learns nothing of what is there: the values stand in previews, for approvers, and nowhere else."""

import json
import re
import urllib.request
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from tests.support.identities import Identity
from tests.support.scene import Plan, Scene, a_plan, tool_action
from tests.support.tools import API_KEY, a_connection

from countersign.dev.plane import ControlPlane

pytestmark = pytest.mark.cluster

CONNECTION = {"baseUrl": "https://payments.example.com", "topology": "External"}
IMAGE = "example.com/agents/support@sha256:" + "a" * 64
RBAC = "/apis/rbac.authorization.k8s.io/v1"


@dataclass(frozen=True)
class Outside:
    """Somebody who may propose plans in the namespace and read nothing but them; `canary` is what they must never see."""

    scene: Scene
    person: Identity
    plane: ControlPlane
    canary: str

    def put(self, plural: str, name: str, kind: str, *, manager: str = "countersign", **content: Any) -> None:
        """As the platform team; by the manager of plans it looks like the work of an earlier plan."""
        body = {"apiVersion": "countersign.dev/v1alpha1", "kind": kind, "metadata": {"name": name}, **content}
        put = self.scene.admin.apply(self.scene.path(name, plural=plural), body, fieldManager=manager)
        assert put.ok, put.message

    def propose(self, *actions: dict[str, Any], until: str, **spec: Any) -> Plan:
        assert self.scene.submit(a_plan("prying", *actions, **spec), by=self.person).ok
        return self.scene.until("prying", until)

    def approve(self) -> Plan:
        assert self.scene.decide("prying", "approve").ok
        return self.scene.until("prying", "Succeeded", "ActionFailed")

    def previewed(self) -> str:
        """What an approver is shown; the proposer is not."""
        path = self.scene.path(self.scene.plan("prying")["status"]["preview"], plural="planpreviews")
        assert self.person.get(path).code == 403
        return str(self.scene.approver.get(path).body)

    def learned(self) -> list[str]:
        """Where the canary is, of all that is written about the plan."""
        found = {
            "plan": self.person.get(self.scene.path("prying")).body,
            "events": self.scene.admin.get(f"/apis/events.k8s.io/v1/namespaces/{self.scene.namespace}/events").body,
            "log": self.plane.log("operator").read_text(),
            "metrics": self._metrics(),
        }
        assert '"msg"' in found["log"]
        assert "prying" in str(found["events"])
        assert "countersign_plans" in found["metrics"]
        return [where for where, text in found.items() if self.canary in str(text)]

    def _metrics(self) -> str:
        log = self.plane.log("operator").read_text()
        address = json.loads(re.findall(r'"addresses": ?(\[.*?\])', log)[-1])[0]
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=10) as answer:
            return answer.read().decode()


@pytest.fixture
def outside(scene: Scene, operated: ControlPlane) -> Outside:
    home = f"{RBAC}/namespaces/{scene.namespace}"
    rule = {"apiGroups": ["countersign.dev"], "resources": ["plans"], "verbs": ["get", "create", "patch"]}
    role = {"metadata": {"name": "outsider"}, "rules": [rule]}
    binding = {
        "metadata": {"name": "outsider"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "outsider"},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "outsider"}],
    }
    about = {"apiVersion": "rbac.authorization.k8s.io/v1"}
    assert scene.admin.create(f"{home}/roles", {**about, "kind": "Role", **role}).ok
    assert scene.admin.create(f"{home}/rolebindings", {**about, "kind": "RoleBinding", **binding}).ok
    person = scene.admin.acting_as("outsider", "system:authenticated")
    assert person.get(scene.path("payments", plural="tools")).code == 403
    return Outside(scene, person, operated, f"canary-{uuid4().hex}")


def test_field_of_somebody_else(outside: Outside):
    """A conflict names the field and its owner, and not what stands in it."""
    spec = {"connection": CONNECTION, "description": outside.canary}
    outside.put("tools", "payments", "Tool", spec=spec, manager="theirs")
    plan = outside.propose(tool_action("payments", description="guess"), until="Invalid")
    assert plan["status"]["validation"]["diagnostics"][0]["code"] == "Coherence.OwnedByOther"
    assert outside.learned() == []


def test_what_a_plan_would_change(outside: Outside):
    """The approver is shown the old value; the proposer only that the field would change, then and after it did."""
    outside.put("tools", "payments", "Tool", spec={"connection": CONNECTION, "description": outside.canary})
    plan = outside.propose(tool_action("payments", description="new"), until="AwaitingApproval")
    assert plan["status"]["actions"][0]["paths"] == ["spec.description"]
    assert outside.canary in outside.previewed()
    assert outside.approve()["status"]["reason"] == "Succeeded"
    assert outside.learned() == []


def test_what_changes_meanwhile(outside: Outside):
    """The digest is another one, and nothing says what came in between."""
    outside.put("tools", "payments", "Tool", spec={"connection": CONNECTION, "description": "old"})
    outside.propose(tool_action("payments", description="new"), until="AwaitingApproval", suspend=True)
    outside.put("tools", "payments", "Tool", spec={"connection": CONNECTION, "description": outside.canary})
    outside.scene.until_true("prying", lambda plan: plan["status"]["publication"] == 2)
    assert outside.canary in outside.previewed()
    assert outside.learned() == []


def test_secret_that_is_named(outside: Outside):
    """A plan may name a Secret; its content is not even read."""
    name = API_KEY["apiKeyConfig"]["secretRef"]["name"]
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "annotations": {"note": outside.canary}},
        "stringData": {"key": outside.canary},
    }
    assert outside.scene.admin.create(f"/api/v1/namespaces/{outside.scene.namespace}/secrets", secret).ok
    action = tool_action("payments") | {
        "params": {"name": "payments", "spec": {"connection": a_connection(authentication=API_KEY)}}
    }
    outside.propose(action, until="AwaitingApproval")
    assert outside.canary not in outside.previewed()
    outside.approve()
    assert outside.learned() == []


def test_draft_of_somebody_else(outside: Outside):
    """What is deployed from a draft is known to those who wrote it and those who approve."""
    config = {"useCustomImage": True, "customImage": IMAGE, "systemPrompt": outside.canary}
    outside.put("deploydrafts", "draft-1", "DeployDraft", spec={"agentConfig": config, "version": 1})
    params = {"agent_name": "support", "draft_id": "draft-1"}
    action = {"id": "deploy", "type": "deploy.execute", "idempotencyKey": "deploy", "params": params}
    outside.propose(action, until="AwaitingApproval")
    assert outside.canary in outside.previewed()
    assert outside.approve()["status"]["reason"] == "Succeeded"
    assert outside.learned() == []
