"""Plans that have to share: those that wait in line, those that find no room, and those that write the same object."""

import json
import time
from typing import Any

import pytest
from tests.support.own import Own, own_cluster
from tests.support.scene import Scene, a_plan, tool_action
from tests.support.waiting import eventually

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(240)]

OPERATOR = "system:serviceaccount:countersign-system:countersign-operator"
SMALL = {
    "COUNTERSIGN_MAX_RUNNING_PLANS": "1",
    "COUNTERSIGN_MAX_RUNNING_PLANS_OVERALL": "2",
    "COUNTERSIGN_MAX_OPEN_PLANS": "4",
}


@pytest.fixture(scope="module")
def own(tmp_path_factory, control_plane):
    with pytest.MonkeyPatch.context() as environment:
        for name, value in SMALL.items():
            environment.setenv(name, value)
        with own_cluster(tmp_path_factory.mktemp("fair")) as found:
            yield found


@pytest.fixture
def scene(own: Own):
    yield from own.scene()


@pytest.fixture
def second(own: Own):
    """Another namespace."""
    yield from own.scene()


@pytest.fixture
def third(own: Own):
    yield from own.scene()


def _approved(scene: Scene, plan: dict[str, Any]) -> None:
    name = plan["metadata"]["name"]
    assert scene.submit(plan).ok
    scene.until(name, "AwaitingApproval")
    assert scene.decide(name, "approve").ok


def _running(scene: Scene) -> None:
    """A plan that runs until it is cancelled: without a kubelet its agent never gets ready, and nothing else is left to do."""
    image = "example.com/agents/support@sha256:" + "a" * 64
    params = {"agent_name": "support", "image": image, "wait": True}
    action = {"id": "deploy", "type": "deploy.execute", "idempotencyKey": "deploy", "timeout": "10m", "params": params}
    _approved(scene, a_plan("slow", action))
    scene.until("slow", "Waiting")


def _queued(scene: Scene, name: str) -> dict[str, Any]:
    _approved(scene, a_plan(name, tool_action(name)))
    return scene.until(name, "Queued")["status"]


def _started(own: Own) -> list[str]:
    """In the order in which the operator started them."""
    lines = [json.loads(line) for line in own.log().splitlines() if line.startswith("{")]
    return [line["plan"].partition("/")[2] for line in lines if line["msg"] == "plan started"]


def test_line(own: Own, scene: Scene):
    """Beyond the cap approved plans are Queued; they start in the order of approval, also when the operator was restarted."""
    _running(scene)
    told = _queued(scene, "zebra")
    assert (
        "number 1 in the line of its namespace: plans that run at once are capped at 1 in a namespace"
        in told["message"]
    )
    assert {item["type"]: item["status"] for item in told["conditions"]} == {
        "Approved": "True",
        "Ready": "True",
        "Succeeded": "Unknown",
        "Validated": "True",
    }
    time.sleep(1.1)  # the times of approvals are whole seconds
    assert "number 2 in the line" in _queued(scene, "apple")["message"]
    before = len(own.log())
    own.kill_operator()
    own.start_operator()
    own.until_logged('"msg": "guard changed"', since=before)
    assert [scene.until(name, "Queued")["status"]["phase"] for name in ("zebra", "apple")] == ["Approved"] * 2
    scene.edit("slow", cancel=True)
    scene.until("slow", "Succeeded")
    for name in ("apple", "zebra"):
        scene.until(name, "Succeeded")
    assert _started(own)[-2:] == ["zebra", "apple"]


def test_judged_again(scene: Scene):
    """Whoever is suspended or rejected in line goes out of it and holds up nobody; what is resumed comes in again."""
    _running(scene)
    for name in ("sleepy", "refused", "last"):
        _queued(scene, name)
    scene.edit("sleepy", suspend=True)
    scene.until("sleepy", "Suspended")
    assert scene.decide("refused", "reject").ok
    scene.until("refused", "Rejected")
    scene.edit("slow", cancel=True)
    scene.until("last", "Succeeded")
    assert not scene.has_tool("sleepy")
    scene.edit("sleepy", suspend=False)
    scene.until("sleepy", "Succeeded")
    assert scene.plan("refused")["status"]["reason"] == "Rejected"


def test_line_of_all(scene: Scene, second: Scene, third: Scene):
    """What runs in two namespaces can use up the cap on all of them; who waits for it starts when either ends."""
    _running(scene)
    _running(second)
    told = _queued(third, "patient")
    assert "capped at 2 in all namespaces together" in told["message"]
    second.edit("slow", cancel=True)
    third.until("patient", "Succeeded")
    scene.edit("slow", cancel=True)
    scene.until("slow", "Succeeded")


def test_crowd(scene: Scene):
    """Beyond the cap on open plans a plan is neither validated nor previewed; when another ends it is taken up by itself."""
    for name in ("a", "b", "c", "d"):
        scene.submit(a_plan(name, tool_action(name)))
        scene.until(name, "AwaitingApproval")
    scene.submit(a_plan("one-more", tool_action("one-more")))
    status = scene.until("one-more", "Blocked")["status"]
    (found,) = status["validation"]["diagnostics"]
    assert (found["code"], found["severity"], found["retryable"]) == ("Budget.TooManyOpenPlans", "error", True)
    assert "finish, cancel or delete some" in status["message"]
    previews = scene.admin.get(scene.path(plural="planpreviews")).body["items"]
    assert not [item for item in previews if item["metadata"]["name"].startswith("one-more")]
    assert scene.edit("b", cancel=True).ok
    scene.until("one-more", "AwaitingApproval")
    assert scene.admin.delete(scene.path("one-more")).ok
    scene.submit(a_plan("another", tool_action("another")))
    scene.until("another", "AwaitingApproval")


def _warnings(scene: Scene, name: str) -> list[str]:
    found = scene.plan(name)["status"]["validation"].get("diagnostics", ())
    return [item["message"] for item in found if item["code"] == "Coherence.OtherPlan"]


def _asked(own: Own, scene: Scene) -> int:
    """How often the operator tried something in the namespace."""
    lines = (own.plane.directory / "logs" / "audit.log").read_text().splitlines()
    events = [json.loads(line) for line in lines]
    return sum(
        event["user"]["username"] == OPERATOR and f"/namespaces/{scene.namespace}/" in event["requestURI"]
        for event in events
    )


def _is_quiet(own: Own, scene: Scene) -> bool:
    """For four seconds; two plans that keep waking each other never are."""
    before = _asked(own, scene)
    time.sleep(4.0)
    return _asked(own, scene) == before


def test_rivals(own: Own, scene: Scene):
    """Two waiting plans for one object warn of each other, keep their digests, and then leave each other alone."""
    scene.submit(a_plan("red", tool_action("payments", description="red")))
    digest = scene.until("red", "AwaitingApproval")["status"]["digest"]
    assert _warnings(scene, "red") == []
    scene.submit(a_plan("blue", tool_action("payments", description="blue")))
    plan = scene.until("blue", "AwaitingApproval")
    assert plan["status"]["validation"]["valid"] is True
    assert [message.partition(":")[0] for message in _warnings(scene, "blue")] == [
        "Tool payments is also written by plan red"
    ]
    assert eventually(lambda: "plan blue" in "".join(_warnings(scene, "red")))
    assert scene.plan("red")["status"]["digest"] == digest
    assert eventually(lambda: _is_quiet(own, scene), within=30)
    assert scene.decide("blue", "approve").ok
    scene.until("blue", "Succeeded")
    scene.until("red", "PreviewChanged")
    assert eventually(lambda: _warnings(scene, "red") == [])
