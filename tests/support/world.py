"""A namespace of the real API server with its people in it: who proposes, who approves, who operates.

Everybody is a real caller; the groups `proposers` and `approvers` hold the generated roles.
"""

import copy
import json
from dataclasses import dataclass, field
from typing import Any

from tests.support.identities import GROUP, Answer, Identity

from countersign.api.install import Install

DIGEST = "sha256:" + "a" * 64
OTHER_DIGEST = "sha256:" + "b" * 64
INSTALL = Install()
ACTION = {"type": "tool.upsert", "idempotencyKey": "one", "params": {"name": "a", "deep": {"er": [1]}}}


def account(namespace: str, name: str) -> str:
    return f"system:serviceaccount:{namespace}:{name}"


@dataclass(frozen=True)
class World:
    """One namespace."""

    admin: Identity = field(repr=False)
    namespace: str

    @property
    def proposer(self) -> Identity:
        return self.admin.acting_as("pat", "proposers")

    @property
    def approver(self) -> Identity:
        return self.admin.acting_as("ann", "approvers")

    @property
    def second(self) -> Identity:
        return self.admin.acting_as("bob", "approvers")

    @property
    def viewer(self) -> Identity:
        return self.admin.acting_as("vic", "viewers")

    @property
    def operator(self) -> Identity:
        """With the operator's name and its own rights."""
        return self.admin.acting_as(INSTALL.operator)

    @property
    def plans(self) -> str:
        return self.all_of("plans")

    def all_of(self, plural: str) -> str:
        return f"{GROUP}/namespaces/{self.namespace}/{plural}"

    def plan(self, name: str = "p") -> str:
        return f"{self.plans}/{name}"

    def read(self, name: str = "p") -> dict[str, Any]:
        return self.admin.get(self.plan(name)).body

    def annotations(self, name: str = "p") -> dict[str, str]:
        return self.read(name)["metadata"].get("annotations", {})

    def record(self, name: str = "p") -> dict[str, Any]:
        """The stamped decision."""
        return json.loads(self.annotations(name)["countersign.dev/decision"])

    def authors(self, name: str = "p") -> list[str]:
        return json.loads("[" + self.annotations(name)["countersign.dev/authors"] + "]")

    def submit(self, name: str = "p", *, by: Identity | None = None, metadata: Any = None, **spec: Any) -> Answer:
        return (by or self.proposer).create(self.plans, a_plan(name, metadata=metadata, **spec))

    def report(self, name: str = "p", **status: Any) -> Answer:
        """The operator writes status."""
        return self.operator.merge(f"{self.plan(name)}/status", {"status": status})

    def publish(self, name: str = "p", *, digest: str = DIGEST, **status: Any) -> Answer:
        generation = self.read(name)["metadata"]["generation"]
        return self.report(name, **{"observedGeneration": generation, "digest": digest, "publication": 1, **status})

    def waiting(self, name: str = "p", **spec: Any) -> None:
        """There is a plan that waits for approval."""
        assert self.submit(name, **spec).ok
        assert self.publish(name).ok

    def executing(self, name: str = "p", **spec: Any) -> None:
        self.waiting(name, **spec)
        assert self.report(name, phase="Executing").ok

    def recorded(self, name: str = "p") -> None:
        """The operator has recorded the decision that stands on the plan."""
        stamp, status = self.record(name), self.read(name)["status"]
        decision = {
            "n": stamp["n"],
            "outcome": stamp["outcome"],
            "by": stamp["by"],
            "digest": stamp["quotes"][:71],
            "at": "2026-01-01T00:00:00Z",
        }
        before = status.get("approval", {}).get("decisions", [])
        answer = self.report(name, approval={"recorded": stamp["n"], "decisions": [*before, decision]})
        assert answer.ok, answer.message

    def decide(
        self, who: Identity, outcome: str = "approve", *, quotes: str = DIGEST, also: Any = None, **query: str
    ) -> Answer:
        """`also` is what the same request changes besides."""
        change = copy.deepcopy(also or {})
        change.setdefault("metadata", {}).setdefault("annotations", {})[f"countersign.dev/{outcome}"] = quotes
        return who.merge(self.plan(), change, **query)

    def annotate(self, who: Identity, name: str = "p", **annotations: str | None) -> Answer:
        ours = {f"countersign.dev/{key}": value for key, value in annotations.items()}
        return who.merge(self.plan(name), {"metadata": {"annotations": ours}})


def a_plan(name: str = "p", *, metadata: Any = None, **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "countersign.dev/v1alpha1",
        "kind": "Plan",
        "metadata": {"name": name, **(metadata or {})},
        "spec": {"actions": [ACTION], **spec},
    }


def a_tool(name: str = "t") -> dict[str, Any]:
    return {
        "apiVersion": "countersign.dev/v1alpha1",
        "kind": "Tool",
        "metadata": {"name": name},
        "spec": {"connection": {"baseUrl": "https://api.example.com"}},
    }


def a_preview(name: str = "v", **spec: Any) -> dict[str, Any]:
    wanted = {"plan": "p", "planUid": "u", "digest": DIGEST, "publication": 1, "part": 1, "parts": 1, "effects": []}
    return {
        "apiVersion": "countersign.dev/v1alpha1",
        "kind": "PlanPreview",
        "metadata": {"name": name},
        "spec": {**wanted, **spec},
    }
