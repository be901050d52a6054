"""An action of several effects that comes to an end half way: what it made stays, is counted, and is never called undone."""

import pytest
from tests.support.action_types import a_set
from tests.support.lives import Crash, Life
from tests.support.snapshots import a_spec, an_action

from countersign.core.steps import Failure

pytestmark = pytest.mark.usefixtures("sets")

FINAL = Failure("Forbidden", "Tool c: the executor may not", passing=False)
PASSING = Failure("Unavailable", "Tool c: timeout", passing=True)
TOOLS = ["tools.countersign.dev/a", "tools.countersign.dev/b"]


def _life(*more, names="abcde", retries=3, **spec):
    return Life(a_spec(a_set(*names, retries=retries), *more, **spec)).turn()


def _entry(life):
    entry = life.status.actions[0]
    return entry.status, entry.reason, entry.effects_done


def _killed_before(life, name):
    """The operator is killed right before it writes this object."""

    def before(written):
        if written == name:
            raise Crash

    life.world.before = before
    life.turn()
    life.world.before = lambda _: None
    return life


def test_failed_half_way():
    """What was made before the failure stays, stands in the entry, and is counted as what it is."""
    life = _life()
    life.world.failures["c"] = [FINAL]
    outcome = life.decide().turns().status.outcome
    assert _entry(life) == ("failed", "Forbidden", 2)
    assert (outcome.entities_affected, outcome.summary) == (2, "2 created, 1 failed")
    assert (outcome.details["created"], outcome.details["failed"]) == (TOOLS, ["set"])
    assert life.world.writes == ["a", "b"]


def test_each_as_what_it_is():
    """Of one action some objects are made, some changed and some left as they are; each is counted as that."""
    life = _life(names="abc")
    life.world.meddle("a", description="one of a set")
    life.world.meddle("b", riskTags=["theirs"])
    life.turn().decide().turns()
    assert life.status.actions[0].operations == ["unchanged", "configured", "created"]
    assert life.status.outcome.summary == "1 created, 1 configured, 1 unchanged"
    assert life.status.outcome.entities_affected == 2


def test_killed_then_failed():
    """What an operator made before it was killed is counted by the one after it."""
    life = _killed_before(_life().decide(), "c")
    life.world.failures["c"] = [FINAL]
    life.turns()
    assert (_entry(life), life.status.outcome.entities_affected) == (("failed", "Forbidden", 2), 2)


def test_repeated():
    """While it waits for its next attempt the entry says how far it is; when it is applied all of it is."""
    life = _life().decide()
    life.world.failures["c"] = [PASSING]
    life.turn()
    assert _entry(life) == ("waiting", "Unavailable", 2)
    assert _entry(life.turns()) == ("applied", "", None)
    assert life.status.outcome.entities_affected == 5


def test_refused_before_it_was_tried_again():
    """An effect that may not even be tried any more ends the action; those before it stay counted."""
    life = _killed_before(_life(retries=0).decide(), "c")
    life.world.meddle("c", description="theirs")
    life.turns()
    assert _entry(life) == ("failed", "OwnedByOther", 2)
    assert life.status.outcome.entities_affected == 2


@pytest.mark.parametrize("killed", [True, False], ids=["killed", "waiting for its next attempt"])
def test_cancelled_half_way(killed):
    """A plan that is cancelled calls a half done action neither done nor undone."""
    life = _life(an_action("later")).decide()
    if killed:
        _killed_before(life, "c")
    else:
        life.world.failures["c"] = [PASSING]
        life.turn()
    life.edit(cancel=True).turns()
    assert _entry(life) == ("failed", "Incomplete", 2)
    message = "2 of 5 effects are done and stay: the plan was cancelled before the rest"
    assert life.status.actions[0].message == message
    assert life.status.reason == "Cancelled"
    assert life.status.outcome.summary == "2 created, 1 failed, 1 not run"


def test_cancelled_when_all_was_written():
    """What is there is applied, also if a part of it was so before."""
    life = _life(an_action("later"), names="abc")
    life.world.meddle("a", description="one of a set")
    _killed_before(life.turn().decide(), "later").edit(cancel=True).turns()
    assert _entry(life) == ("applied", "", None)
    assert life.status.outcome.summary == "2 created, 1 unchanged, 1 not run"


def test_cancelled_before_anything_was_changed():
    """What was as wanted before the plan is nothing that it did."""
    life = _life(names="abc")
    life.world.meddle("a", description="one of a set")
    _killed_before(life.turn().decide(), "b").edit(cancel=True).turns()
    assert _entry(life)[:2] == ("skipped", "Cancelled")
    assert life.status.outcome.entities_affected == 0


def test_suspended_half_way():
    """Somebody who looks at a suspended plan sees how far it is."""
    life = _killed_before(_life().decide(), "c").edit(suspend=True).turn()
    assert (life.status.reason, life.status.actions[0].effects_done) == ("Suspended", 2)
    assert life.edit(suspend=False).turns().status.outcome.entities_affected == 5


def test_interrupted_half_way():
    """A run that met another world is remembered with what it made; the next one makes the rest."""
    life = _killed_before(_life().decide(), "c")
    life.world.meddle("c", riskTags=["pii"])
    life.turns()
    assert life.status.history[0].summary == "Tool c is no longer what the approvers saw; 2 created"
    life.decide().turns()
    assert life.status.actions[0].operations == ["unchanged", "unchanged", "configured", "created", "created"]
    assert (life.status.outcome.entities_affected, life.world.writes) == (3, list("abcde"))


def test_beside_a_failure():
    """In a graph, an action that waits half done when another one fails is not called unreached."""
    life = _life(an_action("x", dependsOn=["y"]), an_action("y"))
    life.world.failures |= {"c": [PASSING], "x": [FINAL]}
    life.decide().turns()
    assert _entry(life) == ("failed", "Incomplete", 2)
    assert life.status.outcome.summary == "3 created, 2 failed"


def test_tried_again_by_people():
    """A retry makes what is left and nothing twice."""
    life = _life()
    life.world.failures["c"] = [FINAL]
    life.decide().turns().retry().turn().decide().turns()
    assert (life.status.reason, life.world.writes) == ("Succeeded", list("abcde"))
    assert life.status.outcome.summary == "3 created, 2 unchanged"
