"""Events on the real API server: what `kubectl describe` shows of a plan."""

import time

import pytest
from tests.support.scene import Scene, a_plan, tool_action

pytestmark = pytest.mark.cluster


def _events(scene: Scene, name: str, *, until: str) -> dict[str, dict]:
    """By reason, as soon as the last one is there."""
    end = time.monotonic() + 10
    path = f"/apis/events.k8s.io/v1/namespaces/{scene.namespace}/events"
    while True:
        items = scene.admin.get(path).body["items"]
        found = {item["reason"]: item for item in items if item["regarding"]["name"] == name}
        if until in found:
            return found
        assert time.monotonic() < end, f"{until} is not among {sorted(found)}"
        time.sleep(0.05)


def test_events_of_a_life(scene: Scene):
    """From validation to the end, each regarding this very plan; no comment and no address stands in them."""
    scene.submit(a_plan("told"))
    plan = scene.until("told", "AwaitingApproval")
    assert scene.decide("told", "approve", comment="between-us").ok
    scene.until("told", "Succeeded")
    found = _events(scene, "told", until="Executed")
    assert set(found) == {"Validated", "ApprovalRequired", "DecisionRecorded", "Started", "Executed"}
    assert {event["regarding"]["uid"] for event in found.values()} == {plan["metadata"]["uid"]}
    assert {event["type"] for event in found.values()} == {"Normal"}
    assert "between-us" not in str(found)
    assert "example.com" not in str(found)


def test_the_same_again_counts_up(scene: Scene):
    """A plan that was mended and is wrong in the same way once more has one event for it."""
    scene.submit(a_plan("twice", serviceAccountName="default"))
    scene.until("twice", "Invalid")
    _events(scene, "twice", until="Invalid")
    scene.edit("twice", serviceAccountName="countersign-executor")
    scene.until("twice", "AwaitingApproval")
    scene.edit("twice", serviceAccountName="default")
    scene.until("twice", "Invalid")
    end = time.monotonic() + 10
    while "series" not in (event := _events(scene, "twice", until="Invalid")["Invalid"]):
        assert time.monotonic() < end
        time.sleep(0.05)
    assert event["series"]["count"] == 2


def test_a_decision_that_does_not_count(scene: Scene, both):
    """A warning that says why."""
    scene.submit(a_plan("own", tool_action("payments")), by=both)
    scene.until("own", "AwaitingApproval")
    assert scene.decide("own", "approve", by=both).ok
    event = _events(scene, "own", until="DecisionIgnored")["DecisionIgnored"]
    assert event["type"] == "Warning"
    assert "does not count" in event["note"]
