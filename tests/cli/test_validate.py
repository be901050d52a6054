"""`validate` gives the operator's verdict and keeps nothing."""

import json

import pytest
from tests.support.fake_plans import FakePlans
from tests.support.plans import TOOL, a_manifest, a_plan, an_action, invalid, waiting
from tests.support.typed import typed

from countersign.cli.convert import plan_name
from countersign.errors import Forbidden, Invalid

VALID = waiting(reason="ValidatedOnly", digest=None)
RUNAGENTS = {
    "plan_id": "Boot!",
    "actions": [{"id": "t", "type": "tool.upsert", "idempotency_key": "k", "params": TOOL}],
}


def validate(document, *arguments, fake, output="table"):
    return typed("validate", "-f", "-", "-o", output, *arguments, fake=fake, stdin=json.dumps(document))


@pytest.fixture
def fake():
    return FakePlans()


def test_valid(fake):
    """A valid plan exits with 0 and says what it would do."""
    fake.then(lambda: None, fake.verdict("payments", **VALID))
    result = validate(a_manifest(), fake=fake)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "✓ payments is valid: 1 action, high risk",
        "  ✓ tool-1 (tool.upsert): create tools.countersign.dev/payments-api, 2 changes, high risk",
    ]


def test_invalid(fake):
    """An invalid plan exits with 1 and names each path."""
    fake.then(fake.verdict("payments", **invalid()))
    result = validate(a_manifest(), fake=fake)
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "✗ payments is invalid: 1 action, 1 error",
        "  ✗ tool-1 (tool.upsert)",
        "    ✗ spec.actions[0].params.spec.connection.baseUrl: baseUrl is plain http; use https",
    ]


def test_nothing_is_kept(fake):
    """The plan that asked for the verdict never could run, and is deleted."""
    fake.then(fake.verdict("payments", **VALID))
    validate(a_manifest(), fake=fake)
    assert ("create", "payments-validate-00000001") in fake.calls
    assert fake.calls[-1] == ("delete", "payments-validate-00000001")
    assert fake.objects == {}


def test_response_of_runagents(fake):
    """-o json has the shape of RunAgents' response, plus diagnostics, and the paths of the author's file."""
    fake.then(fake.verdict(plan_name(RUNAGENTS), **invalid()))
    result = validate(RUNAGENTS, fake=fake, output="json")
    answer = json.loads(result.stdout)
    assert (result.exit_code, result.stderr) == (1, "")
    assert answer["diagnostics"][0]["code"] == "Structural.UnsafeAddress"
    assert answer["diagnostics"][0]["path"] == "actions[0].params.spec.connection.baseUrl"
    assert answer | {"diagnostics": []} == {
        "plan_id": "Boot!",
        "namespace": "default",
        "valid": False,
        "results": [
            {
                "id": "t",
                "type": "tool.upsert",
                "idempotency_key": "k",
                "resource_ref": "tools.countersign.dev/payments-api",
                "valid": False,
                "errors": ["actions[0].params.spec.connection.baseUrl: baseUrl is plain http; use https"],
                "warnings": [],
            }
        ],
        "diagnostics": [],
    }


def test_several_plans(fake):
    """Several plans are several answers, and one invalid plan makes the exit code 1."""
    fake.then(fake.verdict("a", **VALID), fake.verdict("b", **invalid()))
    text = f"---\n{json.dumps(a_manifest('a'))}\n---\n{json.dumps(a_manifest('b'))}"
    result = typed("validate", "-f", "-", "-o", "json", fake=fake, stdin=text)
    assert [answer["valid"] for answer in json.loads(result.stdout)] == [True, False]
    assert result.exit_code == 1


def test_offline():
    """Without a cluster the structure is checked, and said to be all that was."""
    fake = FakePlans()
    action = an_action(params={"name": "Wrong Name", "spec": {}})
    result = validate(a_manifest(actions=[action]), "--offline", fake=fake)
    assert (result.exit_code, fake.calls) == (1, [])
    assert "spec.actions[0].params.name: name must consist of lower case letters, digits and -" in result.stdout
    assert "Only the structure was checked" in result.stdout


def test_offline_valid():
    """A structurally sound plan exits with 0."""
    assert validate(a_manifest(), "--offline", fake=FakePlans()).exit_code == 0


def test_refused_by_the_server(fake):
    """What the API server would not store is an invalid plan, told in our words where we have some."""
    fake.refuses["create"] = Invalid("spec.continuOnError: field not declared in schema", code=500)
    result = validate(a_manifest(continuOnError=True), fake=fake)
    assert result.exit_code == 1
    assert "✗ spec.continuOnError: continuOnError is not a field here: did you mean continueOnError?" in result.stdout


def test_refused_in_its_own_words(fake):
    """Otherwise the server's causes are the findings."""
    causes = [
        {"field": "spec.actions[0].params", "message": "Invalid value: too deep"},
        {"field": "<nil>", "message": "-"},
    ]
    fake.refuses["create"] = Invalid("Plan is invalid", code=422, details={"causes": causes})
    result = validate(a_manifest(), fake=fake)
    assert result.exit_code == 1
    assert "    ✗ spec.actions[0].params: Invalid value: too deep" in result.stdout.splitlines()


def test_operator_away(fake):
    """Without an operator there is no verdict: a cluster error, and the plan is deleted all the same."""
    result = validate(a_manifest(), fake=fake)
    assert result.exit_code == 3
    assert result.stderr == "Error: The operator gave no verdict within 30 seconds: check that it runs\n"
    assert fake.objects == {}


def test_forbidden(fake):
    """A missing right is a cluster error of one line."""
    fake.refuses["create"] = Forbidden("pat may not create plans", code=403)
    result = validate(a_manifest(), fake=fake)
    assert (result.exit_code, result.stdout, result.stderr) == (3, "", "Error: pat may not create plans\n")


def test_used_key(fake):
    """A key that the plan of this name has applied with other params is refused here as it would be there."""
    ledger = [{"key": "payments.v1", "paramsDigest": "sha256:other", "publication": 1}]
    fake.holds(a_plan(status=waiting(ledger=ledger)))
    fake.then(fake.verdict("payments", **VALID))
    result = validate(a_manifest(), fake=fake)
    assert result.exit_code == 1
    assert (
        "    ✗ spec.actions[0].idempotencyKey: the idempotencyKey was applied with other params in publication 1: "
        "use a new key for a new intent"
    ) in result.stdout.splitlines()


def test_plan_that_may_not_be_read(fake):
    """Who may not read the plan of this name gets the verdict of the copy."""
    get = fake.get

    def forbidding(kind, *, namespace, name):
        if name == "payments":
            raise Forbidden("no", code=403)
        return get(kind, namespace=namespace, name=name)

    fake.get = forbidding
    fake.then(fake.verdict("payments", **VALID))
    assert validate(a_manifest(), fake=fake).exit_code == 0
