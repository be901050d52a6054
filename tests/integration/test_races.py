"""Two plans race for one object: one of them is first, and the other never overwrites what nobody has seen."""

import pytest
from tests.support.scene import Scene, a_plan, tool_action

pytestmark = pytest.mark.cluster

NAMES = ("red", "blue")
TRACE = "countersign.dev/plan"


def _race(scene: Scene, **actions: dict) -> tuple[str, dict]:
    """Both approved on the same state and let go together: who lost, and its plan as soon as that is said."""
    for name in NAMES:
        scene.submit(a_plan(name, actions[name], suspend=True))
        scene.until(name, "AwaitingApproval")
        assert scene.decide(name, "approve").ok
    for name in NAMES:
        scene.until(name, "Suspended")
    for name in NAMES:
        scene.edit(name, suspend=False)
    ended = {name: scene.until(name, "Succeeded", "PreviewChanged", "ActionFailed") for name in NAMES}
    (loser,) = [name for name, plan in ended.items() if plan["status"]["reason"] != "Succeeded"]
    return loser, ended[loser]


def test_different_intents(scene: Scene):
    """The second is told PreviewChanged and its approval is void; approved again, it changes what it has shown."""
    loser, plan = _race(scene, **{name: tool_action("payments", key=name, description=name) for name in NAMES})
    (winner,) = set(NAMES) - {loser}
    assert (plan["status"]["reason"], plan["status"]["approval"]["approved"]) == ("PreviewChanged", 0)
    tool = scene.tool("payments")
    assert (tool["spec"]["description"], tool["metadata"]["annotations"][TRACE]) == (winner, winner)
    preview = scene.approver.get(scene.path(plan["status"]["preview"], plural="planpreviews")).body
    (change,) = preview["spec"]["effects"][0]["changes"]
    assert (change["old"], change["new"]) == (winner, loser)
    assert scene.decide(loser, "approve").ok
    plan = scene.until(loser, "Succeeded", "ActionFailed")
    assert plan["status"]["actions"][0]["operation"] == "configured"
    assert scene.tool("payments")["spec"]["description"] == loser


def test_same_intent(scene: Scene):
    """The second finds everything done: once somebody has seen that, it writes nothing."""
    loser, plan = _race(scene, **{name: tool_action("payments") for name in NAMES})
    assert plan["status"]["reason"] == "PreviewChanged"
    before = scene.tool("payments")["metadata"]["resourceVersion"]
    assert scene.decide(loser, "approve").ok
    action = scene.until(loser, "Succeeded", "ActionFailed")["status"]["actions"][0]
    assert (action["status"], action["reason"]) == ("skipped", "AlreadyApplied")
    assert scene.tool("payments")["metadata"]["resourceVersion"] == before
