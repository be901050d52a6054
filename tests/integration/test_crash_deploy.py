"""kill -9 after each of the objects that a deployment consists of: every object is written once, and the agent gets whole."""

import time
from typing import Any

import pytest
from tests.support.deploys import IMAGE
from tests.support.own import Own, own_cluster
from tests.support.scene import Scene, a_plan
from tests.support.trail import Trail

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(400)]

OBJECTS = ["tools", "serviceaccounts", "configmaps", "services", "deployments", "agents", "deploydrafts"]
"""In the order in which they are written."""


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    with own_cluster(tmp_path_factory.mktemp("crash-deploy")) as found:
        yield found


@pytest.fixture
def scene(own: Own):
    yield from own.scene()


def _put_draft(scene: Scene, name: str) -> None:
    spec = {"version": 1, "agentConfig": {"useCustomImage": True, "customImage": IMAGE}}
    body = {"apiVersion": "countersign.dev/v1alpha1", "kind": "DeployDraft", "metadata": {"name": name}, "spec": spec}
    # As if an earlier plan had made it: a draft that somebody else owns is not completed.
    made = scene.admin.apply(scene.path(name, plural="deploydrafts"), body, fieldManager="countersign")
    assert made.ok, made.message


def _plan(name: str) -> dict[str, Any]:
    params = {
        "agent_name": name,
        "draft_id": name,
        "tools_to_create": [{"name": f"{name}-orders", "base_url": "https://orders.example.com"}],
        "env": [{"name": "LANGUAGE", "value": "en"}],
    }
    return a_plan(
        name, {"id": "deploy", "type": "deploy.execute", "idempotencyKey": f"deploy.{name}", "params": params}
    )


def _kill_after(own: Own, trail: Trail, count: int) -> None:
    """Without a pause in between: the operator goes on meanwhile."""
    end = time.monotonic() + 60
    while len(trail.so_far()) < count:
        assert time.monotonic() < end, trail.found
    own.kill_operator()


@pytest.mark.parametrize(
    "counts", [(2, 5, 7), pytest.param((1, 3, 4, 6), marks=pytest.mark.faults)], ids=["some", "others"]
)
def test_killed_after_each_object(own: Own, scene: Scene, counts: tuple[int, ...]):
    """However many of the seven were there, the plan ends Executed under its one approval, and none was written twice."""
    stopped = 0
    for count in counts:
        name = f"bot-{count}"
        _put_draft(scene, name)
        assert scene.submit(_plan(name)).ok
        with own.explained():
            scene.until(name, "AwaitingApproval", seconds=120)
        trail = Trail(own.plane.log("audit"), scene.namespace)
        assert scene.decide(name, "approve").ok
        _kill_after(own, trail, count)
        stopped += len(trail.so_far()) < len(OBJECTS)
        own.start_operator()
        with own.explained():
            status = scene.until(name, "Succeeded", "ActionFailed", "PreviewChanged", seconds=120)["status"]
        assert (status["reason"], status["publication"]) == ("Succeeded", 1), status["message"]
        assert [entry["status"] for entry in status["actions"]] == ["applied"]
        assert status["outcome"]["entitiesAffected"] == len(OBJECTS)
        assert [effect.resource for _, effect in trail.effects()] == OBJECTS
        draft = scene.admin.get(scene.path(name, plural="deploydrafts")).body["spec"]
        assert (draft["status"], draft["version"]) == ("COMPLETED", 2)
    assert stopped >= len(counts) // 2, "the operator was always through before it was killed: kill it earlier"
    assert "Traceback" not in own.log()
