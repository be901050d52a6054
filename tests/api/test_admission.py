"""The admission policies as values. What they refuse is tried on a real API server in tests/integration/admission."""

import re

import pytest

from countersign.api.admission import admission, policies
from countersign.api.admission_words import MAX_COMMAND, listed, literal, quoted
from countersign.api.approval_status import Decision
from countersign.api.install import Install
from countersign.api.names import COMMANDS

INSTALL = Install(namespace="ns", account="op", executors=("ex", "another"))
POLICIES = {policy["metadata"]["name"]: policy for policy in policies(INSTALL)}
VALIDATING = {name: policy for name, policy in POLICIES.items() if policy["kind"] == "ValidatingAdmissionPolicy"}


def test_there_are_five():
    """Each with a binding of the same name, right behind it."""
    names = [each["metadata"]["name"] for each in admission(INSTALL)]

    assert names[::2] == names[1::2] == list(POLICIES)
    assert len(POLICIES) == 5
    assert all(
        each["kind"] == f"{policy['kind']}Binding" for policy, each in zip(*[iter(admission(INSTALL))] * 2, strict=True)
    )


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_fails_closed(name):
    """What cannot be evaluated is refused, and no request escapes by version, namespace or label."""
    spec = POLICIES[name]["spec"]

    assert spec["failurePolicy"] == "Fail"
    assert spec["matchConstraints"]["namespaceSelector"] == spec["matchConstraints"]["objectSelector"] == {}
    assert all(rule["apiVersions"] == ["*"] for rule in spec["matchConstraints"]["resourceRules"])


def test_only_the_executor_policy_looks_away():
    """A condition on when to look is a way round; this one is about who asks, which nobody chooses."""
    conditional = {
        name: policy["spec"]["matchConditions"]
        for name, policy in POLICIES.items()
        if "matchConditions" in policy["spec"]
    }

    assert list(conditional) == ["countersign-executor"]
    assert "['ex', 'another']" in conditional["countersign-executor"][0]["expression"]


@pytest.mark.parametrize("binding", [each for each in admission(INSTALL) if each["kind"].endswith("Binding")], ids=str)
def test_a_binding_is_for_everybody(binding):
    """Refusals deny and are noted in the audit log."""
    expected = {"policyName": binding["metadata"]["name"]}
    if binding["kind"] == "ValidatingAdmissionPolicyBinding":
        expected["validationActions"] = ["Deny", "Audit"]

    assert binding["spec"] == expected


def test_only_the_operator_is_named():
    """By the exact name of its account."""
    (validation,) = VALIDATING["countersign-status"]["spec"]["validations"]

    assert "request.userInfo.username == 'system:serviceaccount:ns:op'" in validation["expression"]


@pytest.mark.parametrize("name", VALIDATING)
def test_every_refusal_has_a_sentence(name):
    """One line, no trailing stop, also where the longer message cannot be used."""
    for validation in VALIDATING[name]["spec"]["validations"]:
        assert re.fullmatch(r"[^\n]+[^.\n]", validation["message"])
        assert validation["reason"] in ("Invalid", "Forbidden")


@pytest.mark.parametrize("name", POLICIES)
def test_every_variable_is_defined_before_it_is_used(name):
    """The server evaluates them in this order."""
    known: set[str] = set()
    for variable in POLICIES[name]["spec"].get("variables", []):
        assert set(re.findall(r"variables\.(\w+)", variable["expression"])) <= known
        known.add(variable["name"])


def test_the_stamp_is_never_invoked_twice():
    """A second pass would no longer see the command."""
    assert POLICIES["countersign-stamp"]["spec"]["reinvocationPolicy"] == "Never"


def test_stamp_and_check_use_the_same_words():
    """Whatever the check recomputes, it computes as the stamp did."""
    stamp, check = (
        {variable["name"]: variable["expression"] for variable in POLICIES[name]["spec"]["variables"]}
        for name in ("countersign-stamp", "countersign-decisions")
    )

    shared = stamp.keys() & check.keys() - {"decides"}

    assert {"user", "groups", "edits", "authorsAndUser", "begins", "ends"} <= shared
    assert all(stamp[name] == check[name] for name in shared)


def test_commands_are_the_outcomes_of_decisions():
    """What can be commanded can be recorded, comment included."""
    schema = Decision.model_json_schema()["properties"]

    assert schema["outcome"]["enum"] == list(COMMANDS)
    assert len("sha256:") + 64 + len(" ") + schema["comment"]["maxLength"] == MAX_COMMAND


def test_literals_are_escaped():
    """No text ends a CEL string early."""
    assert literal("o'hara\\") == r"'o\'hara\\'"
    assert listed(["a", "b"]) == "['a', 'b']"


def test_quoting_escapes_backslashes_before_quotes():
    """The other order would escape the escapes."""
    expression = quoted("x")

    assert expression.index(r"replace('\\', '\\\\')") < expression.index(r"""replace('"', '\\"')""")
