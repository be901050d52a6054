"""What else may change plans on their way into the cluster. When in doubt it is one that can."""

import pytest

from countersign.core.intruders import intruders

PLANS = {"apiGroups": ["countersign.dev"], "apiVersions": ["*"], "operations": ["CREATE"], "resources": ["plans"]}
OURS_LEFT_OUT = {**PLANS, "operations": ["*"], "resources": ["*/*"]}


def a_policy(*rules, name="stranger", excluded=()):
    constraints = {"resourceRules": list(rules), "excludeResourceRules": list(excluded)}
    return {
        "kind": "MutatingAdmissionPolicy",
        "metadata": {"name": name},
        "spec": {"matchConstraints": constraints},
    }


def a_configuration(*rules, name="stranger"):
    return {
        "kind": "MutatingWebhookConfiguration",
        "metadata": {"name": name},
        "webhooks": [{"name": "first"}, {"name": "second", "rules": list(rules)}],
    }


def found(*live, ours=frozenset(), trusted=()) -> list[str]:
    return [sentence.split(" may ")[0] for sentence in intruders(live, ours=ours, trusted=trusted)]


@pytest.mark.parametrize("make", [a_policy, a_configuration])
@pytest.mark.parametrize(
    "change",
    [
        {},
        {"apiGroups": ["apps", "*"]},
        {"operations": ["UPDATE"]},
        {"operations": ["*"]},
        {"resources": ["*"]},
        {"resources": ["*/*"]},
        {"resources": ["plans/status"]},
        {"resources": ["*/status"]},
        {"resources": ["planpreviews"]},
        {"resourceNames": ["one"]},
    ],
    ids=str,
)
def test_reaches_plans(make, change):
    """By whatever pattern, also their status and their previews."""
    (sentence,) = intruders([make({**PLANS, **change})], ours=frozenset(), trusted=())
    assert "stranger may change plans: exclude countersign.dev there" in sentence


@pytest.mark.parametrize("make", [a_policy, a_configuration])
@pytest.mark.parametrize(
    "change",
    [{"apiGroups": ["apps"]}, {"operations": ["DELETE", "CONNECT"]}, {"resources": ["tools"]}, {"resources": None}],
    ids=str,
)
def test_does_not(make, change):
    """What only sees other kinds or other requests."""
    assert found(make({**PLANS, **change})) == []


@pytest.mark.parametrize(
    ("change", "left"),
    [
        ({}, []),
        ({"resources": ["plans", "plans/*", "planpreviews", "planpreviews/*"]}, []),
        ({"resources": ["plans"]}, ["MutatingAdmissionPolicy stranger"]),
        ({"operations": ["CREATE"]}, ["MutatingAdmissionPolicy stranger"]),
        ({"apiGroups": ["apps"]}, ["MutatingAdmissionPolicy stranger"]),
        ({"apiVersions": ["v1"]}, ["MutatingAdmissionPolicy stranger"]),
        ({"resourceNames": ["one"]}, ["MutatingAdmissionPolicy stranger"]),
    ],
    ids=str,
)
def test_exclusions(change, left):
    """They count when they leave nothing of ours."""
    everything = {**PLANS, "apiGroups": ["*"], "resources": ["*/*"], "operations": ["*"]}
    assert found(a_policy(everything, excluded=[{**OURS_LEFT_OUT, **change}])) == left


def test_ours_and_trusted_ones():
    """The stamp is ours, and the settings may name others."""
    live = [a_policy(PLANS, name="stamp"), a_configuration(PLANS, name="istio"), a_configuration(PLANS, name="a")]
    ours = frozenset({("MutatingAdmissionPolicy", "stamp")})
    assert found(*live, ours=ours, trusted=("istio",)) == ["MutatingWebhookConfiguration a"]


def test_a_stranger_with_our_name():
    """The kind belongs to the identity."""
    ours = frozenset({("MutatingAdmissionPolicy", "stamp")})
    assert found(a_configuration(PLANS, name="stamp"), ours=ours) == ["MutatingWebhookConfiguration stamp"]


def test_what_cannot_mutate():
    """Validating policies and bindings, and policies without any constraint."""
    kinds = ("ValidatingAdmissionPolicy", "MutatingAdmissionPolicyBinding")
    assert found(*({"kind": kind, "metadata": {"name": "x"}, "spec": {}} for kind in kinds)) == []
    assert found({"kind": "MutatingAdmissionPolicy", "metadata": {"name": "x"}, "spec": {}}) == []
