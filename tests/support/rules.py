"""Policies that are for the plans of one namespace only, and gone when the test is over."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.support.identities import GROUP
from tests.support.policies import HUMAN
from tests.support.scene import Scene, a_plan

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


def waiting(scene: Scene, name: str = "p", **spec: Any) -> dict[str, Any]:
    submitted = scene.submit(a_plan(name, **spec))
    assert submitted.ok, submitted.message
    return scene.until(name, "AwaitingApproval")


def last_decision(scene: Scene, count: int) -> dict[str, Any]:
    plan = scene.until_true("p", lambda plan: len(plan["status"]["approval"].get("decisions", ())) == count)
    return plan["status"]["approval"]["decisions"][-1]
