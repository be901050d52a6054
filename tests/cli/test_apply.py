"""`apply` submits plans, and with --wait its exit code says what came of them."""

import json

import pytest
from tests.support.fake_plans import FakePlans
from tests.support.plans import a_manifest, a_plan, an_action, an_entry, executed, invalid, waiting
from tests.support.typed import typed

from countersign.errors import FieldConflict, Forbidden, Invalid, OwnedField, Unavailable


def apply(document, *arguments, fake, output="table"):
    return typed("apply", "-f", "-", "-o", output, *arguments, fake=fake, stdin=json.dumps(document))


@pytest.fixture
def fake():
    return FakePlans()


def test_created_configured_unchanged(fake):
    """It says what it did, like kubectl."""
    for action, told in ((an_action(), "created"), (an_action(), "unchanged"), (an_action(risk="high"), "configured")):
        result = apply(a_manifest(actions=[action]), fake=fake)
        assert (result.exit_code, result.stdout) == (0, f"plan.countersign.dev/payments {told}\n")


def test_json_without_waiting(fake):
    """Without --wait the answer is the plan as it was stored, alone on stdout."""
    result = apply(a_manifest(), fake=fake, output="json")
    assert json.loads(result.stdout)["metadata"]["name"] == "payments"
    assert result.stderr == "plan.countersign.dev/payments created\n"


def test_executed(fake):
    """A plan that is approved and executed while waiting exits with 0; what to do is said once."""
    fake.then(fake.verdict("payments", **waiting()), lambda: None, fake.verdict("payments", **executed()))
    result = apply(a_manifest(), "--wait", fake=fake)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "✓ payments: Executed (Succeeded): 1 created"
    assert result.stderr == (
        "payments: AwaitingApproval (high risk, 0/1 approvals): an approver runs 'countersign approve payments -n default'\n"
    )


def test_response_of_runagents(fake):
    """-o json has the shape of RunAgents' apply response; where the plan stands comes with it."""
    actions = [
        an_entry(status="applied"),
        an_entry(id="tool-2", status="failed", error={"type": "Conflict", "message": "somebody owns the field"}),
        an_entry(id="tool-3", status="skipped", reason="NotReached", operation=None, changes=0, resourceRefs=[]),
    ]
    status = {"phase": "Failed", "reason": "ActionFailed", "actions": actions}
    fake.then(fake.verdict("payments", **(executed() | status)))
    named = [an_action(id=f"tool-{n}", idempotencyKey=f"k{n}") for n in (1, 2, 3)]
    result = apply(a_manifest(actions=named, planId="p-1"), "--wait", fake=fake, output="json")
    answer = json.loads(result.stdout)
    assert result.exit_code == 1
    assert {key: value for key, value in answer.items() if key != "results"} == {
        "plan_id": "p-1",
        "namespace": "default",
        "applied": False,
        "applied_count": 1,
        "failed_count": 1,
        "phase": "Failed",
        "reason": "ActionFailed",
        "message": "1 created",
    }
    assert answer["results"][1] == {
        "id": "tool-2",
        "type": "tool.upsert",
        "idempotency_key": "k2",
        "resource_ref": "tools.countersign.dev/payments-api",
        "status": "failed",
        "error": "somebody owns the field",
        "output": {"operation": "created", "changes": 2, "resource_refs": ["tools.countersign.dev/payments-api"]},
    }
    assert answer["results"][2]["output"] == {"reason": "NotReached"}


def test_unknown_is_not_skipped(fake):
    """RunAgents has no word for an action of which nobody knows whether it happened: it is told as failed, with the reason."""
    message = "nobody could tell whether effect 1 of 1 happened when the run ended"
    actions = [an_entry(status="unknown", reason="OutcomeUnknown", message=message)]
    status = {"phase": "Failed", "reason": "Cancelled", "actions": actions}
    fake.then(fake.verdict("payments", **(executed() | status)))
    answer = json.loads(apply(a_manifest(), "--wait", fake=fake, output="json").stdout)
    (result,) = answer["results"]
    assert (result["status"], result["error"], answer["failed_count"]) == ("failed", message, 1)


@pytest.mark.parametrize(
    "reason", ["Rejected", "RevisionRequested", "Expired", "TooManyDecisions", "Blocked", "Oversized", "Invalid"]
)
def test_ends_without_running(fake, reason):
    """A plan that will not run by itself ends the waiting with 1, and its actions were skipped or invalid."""
    status = invalid(reason=reason) if reason in ("Blocked", "Oversized", "Invalid") else waiting(reason=reason)
    fake.then(fake.verdict("payments", **status))
    result = apply(a_manifest(), "--wait", fake=fake, output="json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["results"][0]["status"] == ("invalid" if "code" in str(status) else "skipped")


def test_withdrawn(fake):
    """A plan that was cancelled before it ran has failed; its validity is not the point."""
    fake.then(fake.verdict("payments", phase="Failed", reason="Cancelled", message="Cancelled before it ran"))
    result = apply(a_manifest(), "--wait", fake=fake)
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == "✗ payments: Failed (Cancelled): Cancelled before it ran"


def test_time_is_over(fake):
    """Waiting ends after --timeout with 4; actions on their way are not called anything else."""
    fake.then(fake.verdict("payments", **waiting()))
    result = apply(a_manifest(), "--wait", "--timeout", "90s", fake=fake, output="json")
    assert result.exit_code == 4
    assert json.loads(result.stdout)["results"][0]["status"] == "pending"


def test_old_verdict_is_no_verdict(fake):
    """A status about an earlier content of the plan is waited out."""
    fake.holds(a_plan(status=executed()))
    fake.then(lambda: None, fake.verdict("payments", **waiting(reason="Rejected")))
    result = apply(a_manifest(description="new"), "--wait", fake=fake)
    assert (result.exit_code, "Rejected" in result.stdout) == (1, True)


def test_deleted_while_waiting(fake):
    """A plan that disappears is not waited for."""
    fake.then(fake.objects.clear)
    result = apply(a_manifest(), "--wait", fake=fake)
    assert (result.exit_code, result.stderr) == (1, "Error: The plan payments was deleted while it was waited for\n")


def test_server_away_for_a_moment(fake):
    """An API server that restarts ends nothing."""
    away = Unavailable("cannot be reached")

    def leaves():
        fake.refuses["get"] = away

    def returns():
        fake.refuses.clear()
        fake.verdict("payments", **executed())()

    fake.then(leaves, lambda: None, returns)
    assert apply(a_manifest(), "--wait", fake=fake).exit_code == 0


def test_refused_by_the_server(fake):
    """A plan that the API server does not store is invalid; nothing is waited for."""
    fake.refuses["apply"] = Invalid("the plan is executing: only suspend and cancel can change", code=422)
    result = apply(a_manifest(), "--wait", fake=fake)
    assert result.exit_code == 1
    assert "✗ the plan is executing: only suspend and cancel can change" in result.stdout


def test_conflict(fake):
    """Fields of others are named with their owners, and are taken over only on demand."""
    conflict = FieldConflict("conflict", code=409)
    conflict.fields = (OwnedField("kubectl-client-side-apply", ".spec.actions"),)
    fake.refuses["apply"] = conflict
    result = apply(a_manifest(), fake=fake)
    assert result.exit_code == 3
    assert result.stderr == (
        "Error: The plan payments was not changed, because others set these fields: .spec.actions "
        "(kubectl-client-side-apply); take them over with --force-conflicts\n"
    )
    assert apply(a_manifest(), "--force-conflicts", fake=fake).exit_code == 0


def test_forbidden(fake):
    """A missing right is a cluster error."""
    fake.refuses["apply"] = Forbidden("pat may not create plans", code=403)
    assert apply(a_manifest(), fake=fake).exit_code == 3


def test_interrupted(fake):
    """Ctrl-C leaves with 130 and without a stack; the plan goes on."""

    def interrupt():
        raise KeyboardInterrupt

    fake.then(interrupt)
    result = apply(a_manifest(), "--wait", fake=fake)
    assert result.exit_code == 130
    assert "Traceback" not in result.output
    assert fake.plan("payments")


def test_one_of_several_fails(fake):
    """With several plans a failure outweighs a time that is over."""
    fake.then(fake.verdict("a", **waiting()), fake.verdict("b", **waiting(reason="Rejected")))
    text = f"---\n{json.dumps(a_manifest('a'))}\n---\n{json.dumps(a_manifest('b'))}"
    result = typed("apply", "-f", "-", "--wait", "--timeout", "5s", fake=fake, stdin=text)
    assert result.exit_code == 1


def test_wrong_duration(fake):
    """A timeout that is no duration is a wrong call."""
    result = apply(a_manifest(), "--wait", "--timeout", "soon", fake=fake)
    assert result.exit_code == 2
    assert "soon is no duration: write for example 90s, 10m or 1h30m" in result.stderr
