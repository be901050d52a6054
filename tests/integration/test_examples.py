"""Every registered action type, on the real API server: its example validates, is previewed and applied, and then stays."""

import pytest
from tests.support.scene import Scene, a_plan

from countersign.actions import ACTIONS

pytestmark = pytest.mark.cluster


def _example(action_type, *, key):
    params = dict(ACTIONS[action_type].example)
    return {"id": "example", "type": action_type, "idempotencyKey": key, "params": params}


@pytest.mark.parametrize("action_type", sorted(ACTIONS))
def test_example(scene: Scene, action_type):
    """The example of the documents is applied; the same from another plan changes nothing."""
    first = scene.approved(a_plan("first", _example(action_type, key="example.v1")))
    assert first["status"]["reason"] == "Succeeded", first["status"]["message"]
    assert first["status"]["outcome"]["entitiesAffected"] > 0
    second = scene.approved(a_plan("second", _example(action_type, key="example.v2")))
    assert second["status"]["reason"] == "Succeeded", second["status"]["message"]
    assert second["status"]["outcome"]["entitiesAffected"] == 0
    assert [entry["changes"] for entry in second["status"]["actions"]] == [0]
