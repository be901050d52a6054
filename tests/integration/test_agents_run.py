"""What is said of an agent where pods really get a node, as far as the API can tell: scheduler and kubelet are no test's play."""

import pytest
from tests.support.own import own_cluster
from tests.support.scene import Scene, a_plan
from tests.support.waiting import eventually

from countersign.dev.launch import Options

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(180)]

IMAGE = "example.com/agents/support@sha256:" + "a" * 64
NODE = "/api/v1/nodes/node-0"


@pytest.fixture(scope="module")
def noded(tmp_path_factory, control_plane):
    """A control plane with a node, which the one that all tests share has not."""
    with own_cluster(tmp_path_factory.mktemp("nodes"), options=Options()) as own:
        yield own


@pytest.fixture
def scene(noded):
    yield from noded.scene()


def _deploy(scene: Scene, name: str, **params) -> None:
    wanted = {"agent_name": "support", "image": IMAGE, **params}
    action = {"id": "deploy", "type": "deploy.execute", "idempotencyKey": name, "params": wanted}
    assert scene.approved(a_plan(name, action))["status"]["reason"] == "Succeeded"


def _status(scene: Scene):
    return scene.admin.get(scene.path("support", plural="agents")).body.get("status", {})


def _becomes(scene: Scene, phase: str, reason: str | None) -> None:
    def said():
        status = _status(scene)
        return status.get("phase"), status.get("reason")

    assert eventually(lambda: said() == (phase, reason), within=20), _status(scene)


def test_runs(scene: Scene):
    """It is Running soon after it runs, and nothing more is said."""
    _deploy(scene, "first")
    _becomes(scene, "Running", None)
    assert _status(scene) == {"observedGeneration": 1, "phase": "Running"}


def test_no_node(noded, scene: Scene):
    """A pod that finds no node says why; once it has found one, the agent runs."""
    assert scene.admin.merge(NODE, {"spec": {"unschedulable": True}}).ok
    try:
        _deploy(scene, "first")
        _becomes(scene, "Pending", "Unschedulable")
        assert "1 node(s) were unschedulable" in _status(scene)["message"]
    finally:
        assert scene.admin.merge(NODE, {"spec": {"unschedulable": False}}).ok
    _becomes(scene, "Running", None)


def test_changed_deployment(noded, scene: Scene):
    """An agent that runs is looked at again when a plan changes its Deployment only."""
    _deploy(scene, "first")
    _becomes(scene, "Running", None)
    assert scene.admin.merge(NODE, {"spec": {"unschedulable": True}}).ok
    try:
        _deploy(scene, "second", env=[{"name": "LANGUAGE", "value": "de"}])
        _becomes(scene, "Running", "Unschedulable")
        assert _status(scene)["observedGeneration"] == 1
    finally:
        assert scene.admin.merge(NODE, {"spec": {"unschedulable": False}}).ok
    _becomes(scene, "Running", None)
