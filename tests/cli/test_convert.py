"""RunAgents plans become Plan manifests that say the same."""

import json

import pytest
import yaml
from tests.support.typed import typed

from countersign.cli.convert import convert, in_document, plan_name

ACTION = {
    "id": "t",
    "type": "tool.upsert",
    "idempotency_key": "k",
    "params": {"name": "a", "tool_mappings": {"x_y": 1}},
}


def test_envelope_is_renamed():
    """The envelope gets our names; params stay untouched, with the names they have."""
    converted = convert({"plan_id": "boot", "continue_on_error": True, "actions": [ACTION]})
    assert converted.findings == ()
    assert converted.manifest == {
        "apiVersion": "countersign.dev/v1alpha1",
        "kind": "Plan",
        "metadata": {"name": "boot"},
        "spec": {
            "planId": "boot",
            "continueOnError": True,
            "actions": [
                {
                    "id": "t",
                    "type": "tool.upsert",
                    "idempotencyKey": "k",
                    "params": {"name": "a", "tool_mappings": {"x_y": 1}},
                }
            ],
        },
    }


@pytest.mark.parametrize(
    ("plan_id", "name"),
    [
        ("bootstrap-payments", "bootstrap-payments"),
        ("team.payments", "team.payments"),
        ("Bootstrap Payments!", "bootstrap-payments-9bd48312"),
        ("bootstrap_payments", "bootstrap-payments-b6b4d134"),
        ("-a-", "a-7c8b00c6"),
        ("支払い", "plan-6278569a"),
        ("", "plan-12ae32cb"),
    ],
)
def test_name(plan_id, name):
    """A plan_id that is no name becomes one, with a hash because something was lost; in every release the same one."""
    assert plan_name({"plan_id": plan_id}) == name


def test_names_differ():
    """Plan ids that differ in what a name cannot say get different names, and long ones stay within bounds."""
    names = {plan_name({"plan_id": text}) for text in ("a b", "a_b", "A b", "a  b", "x" * 300, "x" * 301, "X" * 200)}
    assert len(names) == 7
    assert max(map(len, names)) <= 63


def test_without_plan_id():
    """A plan without plan_id is named after its content, so that applying it twice is one plan."""
    first, again = (plan_name({"actions": [ACTION]}) for _ in range(2))
    assert first == again
    assert first != plan_name({"actions": []})


@pytest.mark.parametrize(
    ("document", "path", "message"),
    [
        (
            {"actions": [ACTION], "planId": "x"},
            "planId",
            "planId is not a field of a RunAgents plan: did you mean plan_id?",
        ),
        ({"actions": [ACTION], "comment": "x"}, "comment", "comment is not a field of a RunAgents plan: remove it"),
        (
            {"actions": [{"type": "t", "idempotencyKey": "k"}]},
            "actions[0].idempotencyKey",
            "idempotencyKey is not a field of a RunAgents plan: did you mean idempotency_key?",
        ),
        ({"actions": ["x"]}, "actions[0]", "an action must be a mapping"),
        ({"plan_id": "x"}, "actions", "actions is required: list at least one action"),
    ],
)
def test_complaints(document, path, message):
    """A field that RunAgents does not have is named, with the one that was meant."""
    found = convert(document).findings
    assert [(finding.path, finding.message) for finding in found] == [(path, message)]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("spec.planId", "plan_id"),
        ("spec.continueOnError", "continue_on_error"),
        ("spec.actions[3].idempotencyKey", "actions[3].idempotency_key"),
        ("spec.actions[3].params.spec.idempotencyKey", "actions[3].params.spec.idempotencyKey"),
        ("metadata.name", "metadata.name"),
    ],
)
def test_paths(ours, theirs):
    """Paths of findings are those of the author's file."""
    assert in_document(ours) == theirs


def test_command_prints_yaml():
    """`convert` prints what kubectl can apply."""
    result = typed("convert", "-f", "-", "-n", "team", stdin=json.dumps({"plan_id": "a", "actions": [ACTION]}))
    assert result.exit_code == 0
    assert yaml.safe_load(result.stdout)["metadata"] == {"name": "a", "namespace": "team"}


def test_command_prints_several():
    """Several plans become several documents, or one List in JSON."""
    plans = "\n---\n".join(json.dumps({"plan_id": name, "actions": [ACTION]}) for name in ("a", "b"))
    documents = typed("convert", "-f", "-", stdin=f"---\n{plans}")
    assert [each["metadata"]["name"] for each in yaml.safe_load_all(documents.stdout)] == ["a", "b"]
    listed = json.loads(typed("convert", "-f", "-", "-o", "json", stdin=f"---\n{plans}").stdout)
    assert (listed["kind"], len(listed["items"])) == ("List", 2)


def test_command_refuses():
    """An unknown key is an error that names the key; nothing is printed."""
    result = typed("convert", "-f", "-", stdin=json.dumps({"plan_id": "a", "actions": [ACTION], "foo": 1}))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "Error: foo: foo is not a field of a RunAgents plan: remove it\n"
