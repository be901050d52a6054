"""Another plan for the same object: a warning that closes no gate and voids no approval."""

from tests.support.lives import Life
from tests.support.pretend import World
from tests.support.reviews import a_review
from tests.support.snapshots import a_spec, an_action, some_actions

from countersign.core.others import AskRivals
from countersign.core.rivalry import open_rivals, rivalry
from countersign.model.facts import Absent, Rival

REF = "tools.countersign.dev/payments"


def _warnings(life):
    found = life.status.validation.diagnostics
    return [item for item in found if item.code == "Coherence.OtherPlan"]


def test_warning():
    """It names the other plan, the object and what to do, at the action that writes it."""
    life = Life(world=World(rivals=(Rival("other", REF),))).turn()
    (found,) = _warnings(life)
    assert (found.stage, found.severity, found.action, found.path) == (7, "warning", "payments", "spec.actions[0]")
    assert found.message.startswith("Tool payments is also written by plan other: cancel what is not wanted")
    assert (life.status.reason, life.status.validation.valid) == ("AwaitingApproval", True)


def test_question():
    """All objects of the plan at once, each once; nothing before it is known who acts."""
    actions = (*some_actions(2), an_action("tool-1", id="again", key="again"))
    found = a_review(*actions)
    asked = AskRivals("team-a", "plan", ("tools.countersign.dev/tool-1", "tools.countersign.dev/tool-2"))
    assert open_rivals(found) == (asked,)
    assert open_rivals(a_review(world=World(account=Absent()))) == ()


def test_once_for_each_object():
    """However many actions and plans write it."""
    world = World(rivals=(Rival("a", REF), Rival("b", REF)))
    twice = (an_action(), an_action(id="again", key="again"))
    life = Life(a_spec(*twice), world=world).turn()
    (found,) = _warnings(life)
    assert "is also written by plan a and b" in found.message


def test_no_rivals():
    """Nobody is warned of nobody, nor before it was asked."""
    assert _warnings(Life().turn()) == []
    assert list(rivalry(a_review())) == []


def test_approvals_hold():
    """A rival that comes or goes leaves digest and approval as they are, and what is approved starts."""
    life = Life(a_spec(suspend=True)).turn().decide().turn()
    digest = life.status.digest
    life.world.rivals = (Rival("other", REF),)
    life.later(minutes=10).turn()
    assert (life.status.digest, life.status.reason, len(_warnings(life))) == (digest, "Suspended", 1)
    life.world.rivals = ()
    life.later(minutes=10).turn()
    assert (life.status.digest, _warnings(life)) == (digest, [])
    life.world.rivals = (Rival("other", REF),)
    assert life.edit(suspend=False).turn().status.reason == "Succeeded"
