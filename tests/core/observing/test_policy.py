"""The status of a Policy."""

import pytest
from tests.support.agent_policies import a_policy, a_rule, an_approval

from countersign.core.observing.policy import observe_policy


def _observed(spec, *bindings):
    metadata = {"name": "reads", "namespace": "team-a", "generation": 3}
    return observe_policy({"metadata": metadata, "spec": spec}, bindings).wire()


def _binding(*names, policy="reads"):
    subjects = [{"kind": "ServiceAccount", "name": name} for name in names]
    return {"metadata": {"namespace": "team-a"}, "spec": {"policyRef": {"name": policy}, "subjects": subjects}}


def test_ready():
    """It is ready when every rule can be understood, and says in short what it does."""
    spec = a_policy(a_rule("deny"), a_rule("allow"), a_rule("deny", "*"), approvals=[an_approval()])["spec"]
    assert _observed(spec) == {
        "observedGeneration": 3,
        "ready": True,
        "message": "rules: 1 allow, 2 deny; approvals: 1",
        "usedBy": [],
    }


def test_used_by():
    """Everybody whom a binding binds to it, once and in order."""
    bindings = _binding("agent-b", "agent-a"), _binding("agent-a"), _binding("agent-c", policy="writes"), _binding()
    found = _observed(a_policy(a_rule())["spec"], *bindings)["usedBy"]
    assert found == [{"name": "agent-a", "namespace": "team-a"}, {"name": "agent-b", "namespace": "team-a"}]


def test_used_by_many():
    """The status has a bound."""
    found = _observed(a_policy(a_rule())["spec"], _binding(*(f"agent-{number:03}" for number in range(300))))["usedBy"]
    assert (len(found), found[-1]["name"]) == (256, "agent-255")


def test_approvals_alone():
    """A policy may leave the rules to others."""
    assert _observed(a_policy(approvals=[an_approval()])["spec"])["message"] == "rules: none; approvals: 1"


def test_warnings():
    """What is only unusual keeps nothing from being ready."""
    assert _observed(a_policy(a_rule(resource="https://api.example.com"))["spec"])["ready"] is True


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (None, "the value must be a mapping"),
        ({"rules": []}, "rules is not a field here: remove it"),
        ({"policies": [{"permission": "forbid"}]}, "policies[0].permission must be one of"),
        ({"policies": [{"permission": "allow"}]}, "spec.policies[0].resource: resource or tags is required"),
        ({}, "spec: spec has no rule: write at least one entry"),
    ],
)
def test_not_ready(spec, message):
    """What kubectl wrote and no plan could write is not ready, and the first thing that is wrong is said."""
    status = _observed(spec, _binding("agent-a"))
    assert status["ready"] is False
    assert [user["name"] for user in status["usedBy"]] == ["agent-a"]
    assert status["message"].startswith(message)
