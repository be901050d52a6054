"""A namespace with people in it: who submits, who decides, and how to wait for what the operator makes of it."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.support.identities import GROUP, MERGE, Answer, Identity
from tests.support.status_contract import check_status

from countersign.api.plan_status import PlanStatus

Plan = dict[str, Any]
SECONDS = 30.0


def tool_action(name: str, *, key: str = "", url: str = "", **spec: Any) -> dict[str, Any]:
    """A tool.upsert with what it cannot do without, and whatever else the test is about."""
    connection = {"baseUrl": url or f"https://{name}.example.com", "topology": "External"}
    params = {"name": name, "spec": {"connection": connection, **spec}}
    return {"id": name, "type": "tool.upsert", "idempotencyKey": key or f"test.{name}.v1", "params": params}


def a_plan(name: str, *actions: dict[str, Any], **spec: Any) -> Plan:
    return {
        "apiVersion": "countersign.dev/v1alpha1",
        "kind": "Plan",
        "metadata": {"name": name},
        "spec": {"actions": list(actions or (tool_action("payments"),)), **spec},
    }


@dataclass(frozen=True, kw_only=True)
class Scene:
    namespace: str
    admin: Identity
    proposer: Identity
    approver: Identity
    second: Identity

    def path(self, name: str = "", *, plural: str = "plans", part: str = "") -> str:
        tail = "".join(f"/{piece}" for piece in (name, part) if piece)
        return f"{GROUP}/namespaces/{self.namespace}/{plural}{tail}"

    def submit(self, plan: Plan, *, by: Identity | None = None) -> Answer:
        """As `kubectl apply --server-side` does it."""
        return (by or self.proposer).apply(self.path(plan["metadata"]["name"]), plan)

    def plan(self, name: str) -> Plan:
        """As it is now; every status that a test sees keeps the contract."""
        answer = self.admin.get(self.path(name))
        assert answer.ok, answer.message
        if answer.body["status"].get("observedGeneration", -1) >= 0:
            check_status(PlanStatus.model_validate(answer.body["status"]))
        return answer.body

    def until(self, name: str, *reasons: str, seconds: float = SECONDS) -> Plan:
        """The plan as soon as its verdict is up to date and its reason is one of these."""
        return self.until_true(
            name,
            lambda plan: (
                plan["status"].get("observedGeneration") == plan["metadata"]["generation"]
                and plan["status"].get("reason") in reasons
            ),
            what=" or ".join(reasons),
            seconds=seconds,
        )

    def until_true(
        self, name: str, holds: Callable[[Plan], bool], *, what: str = "what is expected", seconds: float = SECONDS
    ) -> Plan:
        end = time.monotonic() + seconds
        while True:
            plan = self.plan(name)
            if holds(plan):
                return plan
            assert time.monotonic() < end, f"{name} is not {what}: {json.dumps(plan['status'], indent=1)}"
            time.sleep(0.05)

    def decide(
        self, name: str, verb: str, *, by: Identity | None = None, digest: str = "", comment: str = ""
    ) -> Answer:
        quoted = digest or self.plan(name)["status"]["digest"]
        value = f"{quoted} {comment}".strip()
        return self.annotate(name, f"countersign.dev/{verb}", value, by=by or self.approver)

    def annotate(self, name: str, annotation: str, value: str, *, by: Identity) -> Answer:
        return by.merge(self.path(name), {"metadata": {"annotations": {annotation: value}}})

    def edit(self, name: str, *, by: Identity | None = None, **spec: Any) -> Answer:
        return (by or self.proposer).request("PATCH", self.path(name), {"spec": spec}, sort=MERGE)

    def approved(self, plan: Plan) -> Plan:
        """Submitted, approved by the approver and finished."""
        name = plan["metadata"]["name"]
        submitted = self.submit(plan)
        assert submitted.ok, submitted.message
        self.until(name, "AwaitingApproval", "PreviewChanged")
        decided = self.decide(name, "approve")
        assert decided.ok, decided.message
        return self.until(name, "Succeeded", "ActionFailed")

    def tool(self, name: str) -> dict[str, Any]:
        answer = self.admin.get(self.path(name, plural="tools"))
        assert answer.ok, answer.message
        return answer.body

    def has_tool(self, name: str) -> bool:
        return self.admin.get(self.path(name, plural="tools")).ok
