"""Objects that others write all the time: a plan comes through where it can, and gives up where it cannot."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from tests.support.scene import Scene, a_plan, tool_action
from tests.support.waiting import eventually
from tests.support.webhook import called_back

pytestmark = pytest.mark.cluster

TRIES = 10


def _approved_and_suspended(scene: Scene, *, retries: int) -> None:
    scene.approved(a_plan("make", tool_action("busy", description="first")))
    action = tool_action("busy", key="second", description="second") | {"retries": retries}
    scene.submit(a_plan("late", action, suspend=True))
    scene.until("late", "AwaitingApproval")
    assert scene.decide("late", "approve").ok
    scene.until("late", "Suspended")


def _touch(scene: Scene) -> Callable[[], None]:
    """Each call is one write of somebody to a field that is no plan's."""
    count = iter(range(1_000_000))

    def touch() -> None:
        change = {"metadata": {"annotations": {"tests/touched": str(next(count))}}}
        assert scene.admin.merge(scene.path("busy", plural="tools"), change).ok

    return touch


@contextmanager
def _ten_times_a_second(act: Callable[[], None]) -> Iterator[None]:
    done = threading.Event()

    def go_on() -> None:
        while not done.wait(0.1):
            act()

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _touched(scene: Scene) -> int:
    return int(scene.tool("busy")["metadata"]["annotations"].get("tests/touched", -1))


def test_busy_object(scene: Scene):
    """Ten writes a second to other fields keep no plan from its own, and none of them is lost."""
    _approved_and_suspended(scene, retries=3)
    with _ten_times_a_second(_touch(scene)):
        assert eventually(lambda: _touched(scene) > 0)
        scene.edit("late", suspend=False)
        plan = scene.until("late", "Succeeded", "ActionFailed")
    assert plan["status"]["reason"] == "Succeeded", plan["status"]["actions"]
    assert scene.tool("busy")["spec"]["description"] == "second"
    assert _touched(scene) > 0


def test_contended_object(scene: Scene, tmp_path):
    """Where somebody writes before every try, an attempt has ten; between attempts the plan waits, and says for what."""
    _approved_and_suspended(scene, retries=1)
    calls, touch = [], _touch(scene)

    def outrun() -> None:
        touch()
        calls.append(scene.plan("late")["status"]["actions"][0].get("attempts"))

    with called_back(scene.admin, scene.namespace, tmp_path, outrun):
        scene.edit("late", suspend=False)
        waiting = scene.until("late", "Contended")
        plan = scene.until("late", "ActionFailed", "Succeeded")
    assert "will be repeated: Tool busy was changed by others 10 times in a row" in waiting["status"]["message"]
    action = plan["status"]["actions"][0]
    assert (action["status"], action["attempts"], len(calls)) == ("failed", 2, 2 * TRIES)
    assert action["error"]["message"] == "Tool busy was changed by others 10 times in a row"
    assert scene.tool("busy")["spec"]["description"] == "first"
