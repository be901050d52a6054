"""The command line as people use it: processes, a real API server, the real operator."""

import json
import os
import pty
import subprocess
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from tests.support.cli import Cli, read_terminal
from tests.support.operated import kubeconfigs
from tests.support.scene import Scene, a_plan, tool_action

from countersign.cli.convert import plan_name

pytestmark = pytest.mark.cluster

RUNAGENTS = {
    "plan_id": "Bootstrap Payments",
    "continue_on_error": False,
    "actions": [
        {
            "id": "t1",
            "type": "tool.upsert",
            "idempotency_key": "payments.v1",
            "params": {"name": "payments", "spec": {"connection": {"baseUrl": "https://payments.example.com"}}},
        }
    ],
}


@pytest.fixture
def cli(operated, scene: Scene) -> Cli:
    return Cli(kubeconfigs(operated) | {"admin": operated.admin_kubeconfig}, scene.namespace)


@pytest.fixture
def meanwhile() -> Any:
    """Runs a step in the background; what it raises fails the test."""
    threads: list[tuple[threading.Thread, list[BaseException]]] = []

    def start(step: Callable[[], object]) -> None:
        raised: list[BaseException] = []

        def run() -> None:
            try:
                step()
            except BaseException as error:  # noqa: BLE001 - raised again below
                raised.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        threads.append((thread, raised))

    yield start
    for thread, raised in threads:
        thread.join()
        assert not raised, raised


def waiting(scene: Scene, name: str, **rest: Any) -> None:
    assert scene.submit(a_plan(name, **rest)).ok
    scene.until(name, "AwaitingApproval")


def appears(scene: Scene, name: str) -> None:
    end = time.monotonic() + 20
    while not scene.admin.get(scene.path(name)).ok:
        assert time.monotonic() < end, f"nobody submitted {name}"
        time.sleep(0.05)


def test_whole_life(cli: Cli, scene: Scene, meanwhile):
    """A RunAgents plan is submitted and waited for while somebody else reads and approves it; then it is applied."""
    name = plan_name(RUNAGENTS)

    def approve() -> None:
        appears(scene, name)
        approved = cli("approver", "approve", name, "--yes", "-m", "looks right")
        assert approved.returncode == 0, approved.stderr
        assert "+ spec.connection.baseUrl: https://payments.example.com" in approved.stdout

    meanwhile(approve)
    ended = cli("proposer", "apply", "-f", "-", "--wait", "-o", "json", plan=RUNAGENTS)
    assert ended.returncode == 0, ended.stderr
    answer = json.loads(ended.stdout)
    assert (answer["plan_id"], answer["applied"], answer["applied_count"]) == ("Bootstrap Payments", True, 1)
    assert answer["results"][0]["status"] == "applied"
    assert "an approver runs 'countersign approve" in ended.stderr
    assert scene.has_tool("payments")


def test_validate_keeps_nothing(cli: Cli, scene: Scene):
    """The verdict of the operator comes with nothing left behind."""
    good = cli("proposer", "validate", "-f", "-", plan=RUNAGENTS)
    assert (good.returncode, good.stderr) == (0, "")
    assert "create tools.countersign.dev/payments" in good.stdout
    bad = json.loads(json.dumps(RUNAGENTS).replace("https://", "http://"))
    ended = cli("proposer", "validate", "-f", "-", "-o", "json", plan=bad)
    assert ended.returncode == 1
    assert json.loads(ended.stdout)["diagnostics"][0]["path"] == "actions[0].params.spec.connection.baseUrl"
    assert json.loads(cli("proposer", "list", "-o", "json").stdout)["items"] == []


def test_refused_manifest(cli: Cli):
    """A misspelled field is not dropped: it is named, also by apply."""
    for command in ("validate", "apply"):
        ended = cli("proposer", command, "-f", "-", plan=a_plan("typo", continuOnError=True))
        assert ended.returncode == 1, ended.stderr
        assert "spec.continuOnError: continuOnError is not a field here" in ended.stdout


def test_approve_at_a_terminal(cli: Cli, scene: Scene):
    """On a terminal the difference is coloured, the question is asked, and no means no."""
    waiting(scene, "asked")
    code, shown = cli.at_terminal("approver", "approve", "asked", answers="n\n")
    assert code == 1
    assert "\x1b[32m+" in shown
    assert shown.rindex("sha256:") < shown.index("Approve asked? [y/N]:")
    assert scene.plan("asked")["status"]["reason"] == "AwaitingApproval"
    code, shown = cli.at_terminal("approver", "approve", "asked", answers="y\n")
    assert code == 0, shown
    scene.until("asked", "Succeeded")


def test_changed_while_reading(cli: Cli, scene: Scene):
    """A plan that is edited while somebody reads it is not approved by their yes."""
    waiting(scene, "moved")
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        cli.command("approver", "approve", "moved"), stdin=follower, stdout=follower, stderr=follower
    )
    os.close(follower)
    shown = b""
    while not shown.endswith(b"[y/N]: "):
        shown += os.read(leader, 65536)
    assert scene.edit("moved", description="something else").ok
    scene.until_true("moved", lambda plan: plan["status"].get("publication") == 2, what="published anew")
    os.write(leader, b"y\n")
    while chunk := read_terminal(leader):
        shown += chunk
    assert process.wait() == 1
    assert b"has changed since it was shown, nothing was decided" in shown
    assert "decisions" not in scene.plan("moved")["status"]["approval"]


def test_reject_at_a_terminal(cli: Cli, scene: Scene):
    """A rejection asks for its reason, and the waiting proposer hears it."""
    waiting(scene, "unwanted")
    code, shown = cli.at_terminal("approver", "reject", "unwanted", answers="not on a Friday\ny\n")
    assert code == 0, shown
    ended = cli("proposer", "apply", "-f", "-", "--wait", plan=a_plan("unwanted"))
    assert ended.returncode == 1
    assert "Rejected by approver: not on a Friday" in ended.stdout


def test_own_plan(cli: Cli, scene: Scene, both):
    """Nobody approves their own plan; the record says why it does not count."""
    assert scene.submit(a_plan("own"), by=both).ok
    scene.until("own", "AwaitingApproval")
    ended = cli("both", "approve", "own", "--yes", "-o", "json")
    assert ended.returncode == 1
    decision = json.loads(ended.stdout)["decision"]
    assert (decision["by"], decision["counts"]) == ("both", False)


def test_two_approvers_at_once(cli: Cli, scene: Scene, meanwhile):
    """Two people who approve at the same moment are both recorded, or told to try again."""
    waiting(scene, "rush")
    meanwhile(lambda: cli("approver2", "approve", "rush", "--yes"))
    ended = cli("approver", "approve", "rush", "--yes")
    assert ended.returncode in (0, 1, 3)
    assert "Traceback" not in ended.stderr
    scene.until("rush", "Succeeded")


def test_rights(cli: Cli, scene: Scene):
    """Who lacks a right is told which, in one line, with exit code 3."""
    waiting(scene, "foreign")
    for who, arguments in (("proposer", ("approve", "foreign", "--yes")), ("approver", ("init",))):
        ended = cli(who, *arguments)
        assert ended.returncode == 3, ended.stdout
        assert len(ended.stderr.splitlines()) == 1
        assert "ask the platform team for the role" in ended.stderr
    ended = cli("approver", "apply", "-f", "-", plan=a_plan("foreign", description="mine"))
    assert ended.returncode == 3
    assert "may not change plans" in ended.stderr


def test_pending(cli: Cli, scene: Scene):
    """Approvers find what waits for them, in all namespaces."""
    waiting(scene, "todo")
    waiting(scene, "done")
    assert cli("approver", "approve", "done", "--yes").returncode == 0
    listed = json.loads(cli("approver", "list", "--pending", "-o", "json").stdout)
    assert [plan["metadata"]["name"] for plan in listed["items"]] == ["todo"]
    lines = [line.split() for line in cli("approver", "list", "--pending", "-A").stdout.splitlines()]
    assert [scene.namespace, "todo"] in [line[:2] for line in lines]


def test_time_out(cli: Cli, scene: Scene):
    """Waiting for an approval that does not come ends with 4."""
    ended = cli("proposer", "apply", "-f", "-", "--wait", "--timeout", "2s", plan=a_plan("slow"))
    assert ended.returncode == 4
    assert "slow is not finished in time: AwaitingApproval" in ended.stdout


def test_interrupt(cli: Cli, scene: Scene):
    """Ctrl-C while waiting leaves with 130 and without a stack; the plan stays."""
    process = subprocess.Popen(
        cli.command("proposer", "apply", "-f", "-", "--wait"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(a_plan("left")))
    process.stdin.close()
    process.stdin = None
    appears(scene, "left")
    scene.until("left", "AwaitingApproval")
    process.send_signal(2)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert scene.plan("left")["status"]["phase"] == "Draft"


def test_fields_of_others(cli: Cli, scene: Scene):
    """A plan that somebody else manages is taken over on demand only."""
    assert scene.submit(a_plan("shared")).ok
    changed = a_plan("shared", tool_action("other"))
    ended = cli("proposer", "apply", "-f", "-", plan=changed)
    assert ended.returncode == 3
    assert ".spec.actions (tests); take them over with --force-conflicts" in ended.stderr
    assert cli("proposer", "apply", "-f", "-", "--force-conflicts", plan=changed).returncode == 0


def test_init(cli: Cli, scene: Scene, operated):
    """A new namespace is prepared by one command, and a plan runs in it."""
    name = f"{scene.namespace}-new"
    made = scene.admin.create(
        "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    )
    assert made.ok
    fresh = Cli(cli.configs, name)
    assert "serviceaccount/countersign-executor created" in fresh("admin", "init").stdout
    assert "unchanged" in fresh("admin", "init").stdout
    assert fresh("proposer", "validate", "-f", "-", plan=a_plan("first")).returncode == 0
    scene.admin.delete(f"/api/v1/namespaces/{name}")


def test_show(cli: Cli, scene: Scene):
    """Everything about a plan that ran, with who approved it and why."""
    waiting(scene, "told")
    assert cli("approver", "approve", "told", "--yes", "-m", "as agreed").returncode == 0
    scene.until("told", "Succeeded")
    ended = cli("proposer", "show", "told")
    assert ended.returncode == 0
    for text in ("Executed (Succeeded)", "approve   approver", "as agreed", "applied   created", "1 created"):
        assert text in ended.stdout
    assert json.loads(cli("proposer", "show", "told", "-o", "json").stdout)["status"]["phase"] == "Executed"


def test_no_cluster(cli: Cli, tmp_path):
    """Without a server there is one line, and no stack."""
    config = yaml.safe_load(cli.configs["proposer"].read_text())
    config["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:1"
    cli.configs["nowhere"] = tmp_path / "nowhere.kubeconfig"
    cli.configs["nowhere"].write_text(yaml.safe_dump(config))
    ended = cli("nowhere", "list")
    assert (ended.returncode, ended.stdout) == (3, "")
    assert (
        ended.stderr == "Error: The API server https://127.0.0.1:1 cannot be reached: check the network and --context\n"
    )
