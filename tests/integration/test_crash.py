"""kill -9 at any moment: nothing is done twice, nothing is forgotten."""

import random
import time

import pytest
from tests.support.own import Own, own_cluster
from tests.support.scene import Scene, a_plan, tool_action

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(400)]

ACTIONS = 20
MOMENTS = 30
_SPAN = 0.6
"""Seconds from the approval within which a plan of 20 actions has long finished when nobody disturbs it."""


@pytest.fixture(scope="module")
def own(tmp_path_factory, control_plane):
    with own_cluster(tmp_path_factory.mktemp("crash")) as found:
        yield found


@pytest.fixture
def scene(own: Own):
    yield from own.scene()


def _generations(scene: Scene) -> list[int]:
    items = scene.admin.get(scene.path(plural="tools")).body["items"]
    return [item["metadata"]["generation"] for item in items]


def _assert_done_once(scene: Scene, name: str) -> None:
    """However long the operator takes to come back: other tests may have the processors meanwhile."""
    status = scene.until(name, "Succeeded", "ActionFailed", "PreviewChanged", seconds=120)["status"]
    assert (status["reason"], status["publication"]) == ("Succeeded", 1), status["message"]
    assert [entry["status"] for entry in status["actions"]] == ["applied"] * ACTIONS
    assert status["outcome"]["entitiesAffected"] == ACTIONS


def test_killed_at_random_moments(own: Own, scene: Scene):
    """Thirty times killed at a random moment, a plan of 20 actions always ends Executed with every tool at generation 1."""
    moments = random.Random(20261121)
    caught = 0
    for number in range(MOMENTS):
        actions = [tool_action(f"t{number}-{index}", key=f"k{number}.{index}") for index in range(ACTIONS)]
        name = f"plan-{number}"
        assert scene.submit(a_plan(name, *actions)).ok
        with own.explained():
            scene.until(name, "AwaitingApproval", seconds=120)
        assert scene.decide(name, "approve").ok
        time.sleep(moments.uniform(0, _SPAN))
        own.kill_operator()
        caught += scene.plan(name)["status"]["reason"] in ("AwaitingApproval", "Running")
        own.start_operator()
        with own.explained():
            _assert_done_once(scene, name)
    assert _generations(scene) == [1] * ACTIONS * MOMENTS
    assert caught >= MOMENTS // 4, "the moments missed the run: make the span shorter"
    assert "Traceback" not in own.log()
