"""The status of a Policy."""

import pytest
from tests.support.agent_policies import a_policy, a_rule, an_approval

from countersign.core.observing.policy import observe_policy


def _observed(spec):
    return observe_policy({"metadata": {"generation": 3}, "spec": spec}).wire()


def test_ready():
    """It is ready when every rule can be understood, and says in short what it does."""
    spec = a_policy(a_rule("deny"), a_rule("allow"), a_rule("deny", "*"), approvals=[an_approval()])["spec"]
    assert _observed(spec) == {
        "observedGeneration": 3,
        "ready": True,
        "message": "rules: 1 allow, 2 deny; approvals: 1",
    }


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
    status = _observed(spec)
    assert status["ready"] is False
    assert status["message"].startswith(message)
