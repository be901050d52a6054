"""The operator as a whole: it starts when it can, ends when it is told to, and ends loudly when a part of it fails."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
import yaml
from tests.support.api_stub import connection_to
from tests.support.fake_api import FakeApi
from tests.support.guarded import installed
from tests.support.scene import Scene, a_plan
from tests.support.waiting import eventually, until

from countersign.errors import Unavailable
from countersign.handlers.operator import Operator
from countersign.handlers.patience import patiently
from countersign.handlers.signals import until_signalled
from countersign.settings import Settings
from countersign.shell.buckets import Buckets
from countersign.shell.calls import NOBODY
from countersign.shell.client import Clients
from countersign.shell.guarded import GUARDED
from countersign.shell.key import Key
from countersign.shell.metrics import Metrics

NOWHERE = "http://127.0.0.1:1"


def operator(api: FakeApi) -> Operator:
    clients = Clients(api, unfenced=api)
    settings, metrics = Settings(workers=2), Metrics(host=NOWHERE)
    return Operator(connection_to(NOWHERE), clients, settings, metrics, buckets=Buckets(), callers=NOBODY)


async def test_a_part_that_fails_ends_the_whole():
    """An operator whose guard has died must not go on; a new process is cheap."""
    api, checks = FakeApi(), []

    async def second_check(verb, plural):
        if (verb, plural) == ("list", GUARDED[0].plural):
            checks.append(verb)
            if len(checks) > 1:
                raise KeyError("surprise")

    api.before = second_check
    with pytest.raises(ExceptionGroup) as raised:
        await operator(api).live()
    assert raised.group_contains(KeyError, match="surprise")


async def test_ready_only_when_everything_is_known():
    """Every kind listed and the policies checked, whatever the verdict."""
    found = operator(FakeApi())
    assert "listed" in found._unready()
    task = asyncio.create_task(found.live())
    await until(lambda: not found._unready())
    assert found._unhealthy() == ""
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_server_that_is_not_there_yet():
    """It is asked until it answers."""
    answers = [Unavailable("down"), Unavailable("down"), "up"]

    async def ask():
        match answers.pop(0):
            case Unavailable() as error:
                raise error
            case answer:
                return answer

    assert await patiently(ask, pause=0.0) == "up"


async def test_what_is_unhealthy():
    """Hanging watches, plans that nobody takes; a server that is away is no reason to be killed."""
    found = operator(FakeApi())
    assert found._unhealthy() == ""
    found.pulse._last = -1000.0
    assert found._unhealthy() == "the watches hang"
    found.queue.clock = lambda: 0.0
    found.queue.add(Key("shop", "p"))
    found.queue.clock = lambda: 61.0
    assert found._unhealthy() == "nobody takes the plans that wait"


async def test_told_to_end():
    """What runs may finish first, and then everything is cancelled."""
    order = []

    async def life():
        os.kill(os.getpid(), signal.SIGTERM)
        try:
            await asyncio.Event().wait()
        finally:
            order.append("cancelled")

    async def drain():
        order.append("drained")

    await until_signalled(life(), before_the_end=drain)
    assert order == ["drained", "cancelled"]


async def test_a_life_that_fails():
    """It is raised, and nothing is drained."""

    async def life():
        raise LookupError

    async def drain():
        raise AssertionError

    with pytest.raises(LookupError):
        await until_signalled(life(), before_the_end=drain)


def _kubeconfig(folder: Path, server: str) -> Path:
    content = {
        "current-context": "c",
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": {"token": "t"}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
    }
    (folder / "kubeconfig").write_text(yaml.safe_dump(content))
    return folder / "kubeconfig"


def _lines(log: Path) -> list[dict]:
    return [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]


def _address(log: Path) -> str:
    (line,) = [line for line in _lines(log) if line["msg"] == "serving"]
    return line["addresses"][0]


def _get(address: str, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://{address}{path}", timeout=5) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_ended_before_it_began(tmp_path):
    """While it waits for an API server it is alive and not ready, and SIGTERM ends it at once."""
    command = [sys.executable, "-m", "countersign", "run", "--kubeconfig", str(_kubeconfig(tmp_path, NOWHERE))]
    log = tmp_path / "log"
    with (
        log.open("w") as written,
        subprocess.Popen([*command, "--http-address", "127.0.0.1:0"], stderr=written) as process,
    ):
        try:
            assert eventually(lambda: "waiting for the API server" in log.read_text(), within=60)
            assert _get(_address(log), "/healthz") == (200, "ok")
            assert _get(_address(log), "/readyz") == (503, "not every kind has been listed yet")
            process.terminate()
            assert process.wait(5) == 0
        finally:
            process.kill()


@pytest.mark.cluster
def test_probes_and_metrics_of_a_running_operator(operated, scene: Scene):
    """It is alive and ready, and after a plan has run the names that dashboards use are there."""
    scene.approved(a_plan("seen"))
    address = _address(operated.directory / "logs" / "operator.log")
    assert _get(address, "/healthz") == (200, "ok")
    assert _get(address, "/readyz") == (200, "ok")
    code, text = _get(address, "/metrics")
    assert code == 200
    for name in (
        'controller_runtime_reconcile_total{controller="plan",result="success"}',
        "controller_runtime_reconcile_time_seconds_bucket",
        "rest_client_requests_total",
        "rest_client_request_duration_seconds_bucket",
        "workqueue_depth",
        "workqueue_queue_duration_seconds_bucket",
        'countersign_action_duration_seconds_count{type="tool.upsert"}',
        "countersign_approval_wait_seconds_count",
        'countersign_plans{phase="Executed",reason="Succeeded"}',
        'countersign_actions_total{status="applied",type="tool.upsert"}',
        'countersign_decisions_total{counts="true",outcome="approve"}',
        "countersign_guard_ok 1.0",
        "countersign_build_info",
    ):
        assert name in text
    assert scene.namespace not in text


@pytest.mark.cluster
def test_logs_hold_no_values(operated, scene: Scene):
    """One JSON object per line that names the plan; descriptions and addresses of tools never stand there."""
    scene.approved(a_plan("logged"))
    log = operated.directory / "logs" / "operator.log"
    mine = [line for line in _lines(log) if line.get("plan") == f"{scene.namespace}/logged"]
    (tried,) = [line for line in mine if line["msg"] == "action tried"]
    assert {"uid", "generation", "action", "attempt", "result"} <= tried.keys()
    assert all({"uid", "generation"} <= line.keys() for line in mine)
    assert "example.com" not in log.read_text()


async def test_watches_that_ended_may_have_missed_something():
    """Until they have begun anew the guard compares everything before each start."""
    api = installed()
    found = operator(api)
    await found.guard.check(drill=True)
    found._watches_restarted("broken")
    api.calls.clear()
    await found.guard.confirm()
    assert api.calls == [("list", kind.plural) for kind in GUARDED]
