"""Two operators at once: one works, the other takes over wherever the first one left, and nothing is done twice."""

import signal
import time

import pytest
from tests.support.replicas import Replica, Replicas, replicated, seconds_between
from tests.support.scene import Scene, a_plan, tool_action

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(300)]

ACTIONS = 40


@pytest.fixture(scope="module")
def world(tmp_path_factory, control_plane):
    with replicated(tmp_path_factory.mktemp("replicas")) as found:
        yield found


@pytest.fixture
def replicas(world: Replicas):
    """None of the last test is left, and neither is its claim."""
    world.people["admin"].delete(
        "/apis/coordination.k8s.io/v1/namespaces/countersign-system/leases/countersign-operator"
    )
    yield world
    world.end()


@pytest.fixture
def scene(replicas: Replicas):
    yield from replicas.scene()


def _begun(scene: Scene, name: str) -> None:
    """A plan in the middle of its run."""
    actions = [tool_action(f"{name}-{index}", key=f"{name}.{index}") for index in range(ACTIONS)]
    assert scene.submit(a_plan(name, *actions)).ok
    scene.until(name, "AwaitingApproval")
    assert scene.decide(name, "approve").ok
    while not scene.has_tool(f"{name}-3"):
        time.sleep(0.005)


def _assert_done_once(scene: Scene, name: str) -> str:
    """The version of the finished plan."""
    plan = scene.until(name, "Succeeded", "ActionFailed", "PreviewChanged", seconds=60)
    status = plan["status"]
    assert status["reason"] == "Succeeded", status["message"]
    assert [entry["status"] for entry in status["actions"]] == ["applied"] * ACTIONS
    assert (status["publication"], status["outcome"]["entitiesAffected"]) == (1, ACTIONS)
    tools = scene.admin.get(scene.path(plural="tools")).body["items"]
    mine = [tool["metadata"]["generation"] for tool in tools if tool["metadata"]["name"].startswith(f"{name}-")]
    assert mine == [1] * ACTIONS
    return plan["metadata"]["resourceVersion"]


def test_a_killed_leader(replicas: Replicas, scene: Scene):
    """The other one waits until the claim has run out, and finishes what was begun."""
    leader, other = replicas.pair()
    _begun(scene, "killed")
    leader.end()
    assert not other.logged("lease acquired")
    _assert_done_once(scene, "killed")
    other.until_logged("lease acquired")


def test_a_leader_that_is_told_to_end(replicas: Replicas, scene: Scene):
    """It finishes the turn it is in, gives the Lease back, and nobody waits for it to run out."""
    leader, other = replicas.pair(duration="60s", deadline="10s")
    _begun(scene, "stopped")
    leader.send(signal.SIGTERM)
    assert leader.process.wait(30) == 0
    _assert_done_once(scene, "stopped")
    gap = seconds_between(leader.until_logged("lease released"), other.until_logged("lease acquired"))
    assert gap < 3
    assert scene.approved(a_plan("next"))["status"]["reason"] == "Succeeded"


def test_a_paused_leader(replicas: Replicas, scene: Scene):
    """While it sleeps the other one takes over; awake again it writes nothing, and stands by."""
    leader, other = replicas.pair()
    for number in range(1, 6):
        name = f"paused-{number}"
        _begun(scene, name)
        leader.send(signal.SIGSTOP)
        other.until_logged("lease acquired", times=(number + 1) // 2)
        version = _assert_done_once(scene, name)
        leader.send(signal.SIGCONT)
        leader.until_logged("lease lost", times=(number + 1) // 2)
        time.sleep(0.5)
        assert scene.plan(name)["metadata"]["resourceVersion"] == version
        assert _assert_done_once(scene, name) == version
        leader, other = other, leader
    assert not any(_broken(replica) for replica in (leader, other))


def test_a_standby_is_ready_and_only_watches(replicas: Replicas, scene: Scene):
    """Decisions and plans are the leader's; the standby knows all of them when its turn comes."""
    leader, other = replicas.pair()
    scene.approved(a_plan("seen"))
    assert not other.logged("action tried")
    assert len(leader.logged("action tried")) == 1
    leader.send(signal.SIGTERM)
    other.until_logged("lease acquired")
    time.sleep(0.5)
    assert not other.logged("action tried")


def _broken(replica: Replica) -> bool:
    return "Traceback" in replica.log.read_text()
