"""Everything that can be said about a plan and done to it by the command line, on a real API server with the real operator."""

import json
from typing import Any

import pytest
from tests.support.cli import Cli
from tests.support.operated import kubeconfigs
from tests.support.refusing import refusing
from tests.support.scene import Scene, a_plan, tool_action

from countersign.cli.cluster import MANAGER

pytestmark = pytest.mark.cluster


@pytest.fixture
def cli(operated, scene: Scene) -> Cli:
    return Cli(kubeconfigs(operated), scene.namespace)


def waiting(scene: Scene, name: str, *actions: dict[str, Any], **rest: Any) -> None:
    assert scene.submit(a_plan(name, *actions, **rest)).ok
    scene.until(name, "AwaitingApproval")


def answer(cli: Cli, who: str, *arguments: str) -> Any:
    ended = cli(who, *arguments, "-o", "json")
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def test_diff(cli: Cli, scene: Scene):
    """Approvers see every change, in colour where somebody looks; proposers are told which role shows it."""
    waiting(scene, "seen")
    ended = cli("approver", "diff", "seen", "--exit-code")
    assert ended.returncode == 1, ended.stderr
    assert "+ spec.connection.baseUrl: https://payments.example.com" in ended.stdout
    assert "\x1b" not in ended.stdout
    code, shown = cli.at_terminal("approver", "diff", "seen")
    assert (code, "\x1b[32m+" in shown) == (0, True)
    refused = cli("proposer", "diff", "seen")
    assert refused.returncode == 3
    assert "ask the platform team for the role countersign-approver" in refused.stderr


def test_explain(cli: Cli, scene: Scene, both):
    """The reasoning of the operator: stages, rules of the risk, the gate, the decision that does not count, what is missing."""
    assert scene.submit(a_plan("why"), by=both).ok
    scene.until("why", "AwaitingApproval")
    assert cli("both", "approve", "why", "--yes").returncode == 1
    told = answer(cli, "approver", "explain", "why")
    assert [stage["number"] for stage in told["stages"]] == list(range(1, 14))
    assert told["risks"][0]["reasons"][0]["rule"].startswith("tool.")
    assert (told["gate"]["gate"], told["gate"]["policies"]) == ("humanInTheLoop", ["built-in"])
    assert (told["decisions"][0]["counts"], told["decisions"][0]["decision"]["by"]) == (False, "both")
    assert told["missing"] == ["1 more approval is needed, by people who are not among the authors (both)"]
    shown = cli("proposer", "explain", "why")
    assert shown.returncode == 0
    assert "the sentences stand in the PlanPreview" in shown.stdout


def test_minds_change(cli: Cli, scene: Scene, tmp_path):
    """A revision is asked for with a proposal and taken back; an approval is taken back while the plan is suspended."""
    waiting(scene, "moody")
    proposal = tmp_path / "proposal.yaml"
    proposal.write_text("description: say why\n")
    asked = answer(cli, "approver", "revise", "moody", "--yes", "--partial", str(proposal))
    assert asked["reason"] == "RevisionRequested"
    assert json.loads(asked["decision"]["comment"]) == {"partial": {"description": "say why"}}
    assert answer(cli, "approver", "revoke", "moody", "--yes")["reason"] == "AwaitingApproval"
    assert answer(cli, "approver", "suspend", "moody")["reason"] == "AwaitingApproval"
    assert answer(cli, "approver", "approve", "moody", "--yes")["reason"] == "Suspended"
    assert answer(cli, "proposer", "wait", "moody", "--for=approved")["reached"] is True
    assert answer(cli, "approver", "revoke", "moody", "--yes")["approvals"] == {"approved": 0, "required": 1}
    assert answer(cli, "approver2", "approve", "moody", "--yes")["reason"] == "Suspended"
    assert cli("approver", "resume", "moody").returncode == 0
    assert answer(cli, "proposer", "wait", "moody", "--for=condition=Succeeded")["phase"] == "Executed"
    assert scene.has_tool("payments")


def test_cancel(cli: Cli, scene: Scene):
    """A cancelled plan is over: nothing is waited for, retried or cancelled again."""
    waiting(scene, "over")
    code, shown = cli.at_terminal("approver", "cancel", "over", answers="n\n")
    assert (code, "It cannot be taken back [y/N]:" in shown) == (1, True)
    assert cli("approver", "cancel", "over", "--yes").returncode == 0
    assert "is cancelled already" in cli("approver", "cancel", "over", "--yes").stdout
    assert cli("proposer", "wait", "over").returncode == 1
    refused = cli("proposer", "retry", "over")
    assert (refused.returncode, "it was cancelled and stays so" in refused.stderr) == (1, True)


def test_retry(cli: Cli, scene: Scene):
    """What failed is tried again with a new approval, what was applied is not; the history tells both runs."""
    with refusing(scene, "two"):
        waiting(scene, "partly", tool_action("one"), tool_action("two"))
        assert cli("approver", "approve", "partly", "--yes").returncode == 0
        assert cli("proposer", "wait", "partly").returncode == 1
    refused = cli("approver", "retry", "partly")
    assert (refused.returncode, "countersign-proposer" in refused.stderr) == (3, True)
    assert answer(cli, "proposer", "retry", "partly")["publication"] == 2
    assert "no change Tool one" in cli("approver2", "approve", "partly", "--yes").stdout
    assert cli("proposer", "wait", "partly").returncode == 0
    told = answer(cli, "proposer", "history", "partly")
    assert [(run["result"], run["approvedBy"]) for run in told["runs"]] == [
        ("ActionFailed", ["approver"]),
        ("Succeeded", ["approver2"]),
    ]
    assert [entry["publication"] for entry in told["ledger"]] == [1, 2]


def test_key_in_use(cli: Cli, scene: Scene):
    """Validating a changed plan under its own name tells what submitting it would."""
    scene.approved(a_plan("keyed"))
    changed = a_plan("keyed", tool_action("payments", url="https://elsewhere.example.com"))
    ended = cli("proposer", "validate", "-f", "-", plan=changed)
    assert ended.returncode == 1
    assert "the idempotencyKey was applied with other params in publication 1" in ended.stdout


def test_unchanged_apply(cli: Cli, scene: Scene):
    """Applying the same plan again writes nothing, before and after it ran; what others made is co-owned once."""
    for name, make in (("ours", lambda plan: cli("proposer", "apply", "-f", "-", plan=plan)), ("theirs", scene.submit)):
        plan = a_plan(name, tool_action(name))
        make(plan)
        scene.until(name, "AwaitingApproval")
        versions = [applied(cli, scene, plan) for _ in range(3)]
        assert len(set(versions)) == 1
        assert scene.decide(name, "approve").ok
        scene.until(name, "Succeeded")
        before = scene.plan(name)["metadata"]["resourceVersion"]
        assert applied(cli, scene, plan) == before


def applied(cli: Cli, scene: Scene, plan: Any) -> str:
    ended = cli("proposer", "apply", "-f", "-", plan=plan)
    assert ended.stdout == f"plan.countersign.dev/{plan['metadata']['name']} unchanged\n", ended.stderr
    return scene.plan(plan["metadata"]["name"])["metadata"]["resourceVersion"]


def test_field_manager(cli: Cli, scene: Scene):
    """All that the command line writes is written under its own name."""
    waiting(scene, "named")
    for arguments in (("suspend",), ("approve", "--yes"), ("resume",)):
        assert cli("approver", *arguments, "named").returncode == 0
    managers = {entry["manager"] for entry in scene.plan("named")["metadata"]["managedFields"]}
    assert MANAGER in managers
    assert not MANAGER.startswith("kubectl")
