"""kill -9 at any moment: nothing is done twice, nothing is forgotten."""

import random
import time

import pytest
from tests.support.own import Own, own_cluster
from tests.support.scene import Scene, a_plan, tool_action

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(300)]

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


def test_killed_at_random_moments(own: Own, scene: Scene):
    """Thirty times killed at a random moment, a plan of 20 actions always ends Executed with every tool at generation 1."""
    moments = random.Random(20261121)
    caught = 0
    for number in range(MOMENTS):
        actions = [tool_action(f"t{number}-{index}", key=f"k{number}.{index}") for index in range(ACTIONS)]
        name = f"plan-{number}"
        assert scene.submit(a_plan(name, *actions)).ok
        scene.until(name, "AwaitingApproval")
        assert scene.decide(name, "approve").ok
        time.sleep(moments.uniform(0, _SPAN))
        own.kill_operator()
        caught += scene.plan(name)["status"]["reason"] in ("AwaitingApproval", "Running")
        own.start_operator()
        plan = scene.until(name, "Succeeded", "ActionFailed", "PreviewChanged")
        assert plan["status"]["reason"] == "Succeeded"
        assert [entry["status"] for entry in plan["status"]["actions"]] == ["applied"] * ACTIONS
        assert plan["status"]["outcome"]["entitiesAffected"] == ACTIONS
        assert plan["status"]["publication"] == 1
    assert _generations(scene) == [1] * ACTIONS * MOMENTS
    assert caught >= MOMENTS // 4, "the moments missed the run: make the span shorter"
    assert "Traceback" not in own.log()
