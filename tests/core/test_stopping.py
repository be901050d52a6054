"""Suspended, resumed and cancelled at every boundary of a run."""

import pytest
from tests.support.lives import Life
from tests.support.snapshots import a_spec, some_actions

from countersign.model.facts import Unavailable


def _states(life):
    return [(entry.status, entry.reason) for entry in life.status.actions]


def _waiting(count=3, **spec):
    return Life(a_spec(*some_actions(count), **spec)).turn()


@pytest.mark.parametrize("done", range(4))
def test_suspended(done):
    """Suspended at any boundary, the run stops before the next action and goes on when it is resumed."""
    life = _waiting()
    life.meanwhile = [*[lambda: None] * done, lambda: life.edit(suspend=True)]
    life.decide().turn()
    assert len(life.world.writes) == done
    assert life.status.reason == ("Suspended" if done < 3 else "Succeeded")
    if done < 3:
        assert (life.status.phase, life.status.progress) == ("Executing", f"{done}/3")
        assert life.turn().status.reason == "Suspended"
    life.edit(suspend=False).turns()
    assert (life.status.reason, len(life.world.writes)) == ("Succeeded", 3)


@pytest.mark.parametrize("done", range(3))
def test_cancelled(done):
    """Cancelled at any boundary, what is done stays and the rest is skipped; nothing brings the plan back."""
    life = _waiting()
    life.meanwhile = [*[lambda: None] * done, lambda: life.edit(cancel=True)]
    life.decide().turn()
    assert _states(life) == [("applied", "")] * done + [("skipped", "Cancelled")] * (3 - done)
    assert (life.status.phase, life.status.reason, life.status.progress) == ("Failed", "Cancelled", f"{done}/3")
    assert "retry" not in life.status.message
    life.retry().turn().edit(description="again").turns()
    assert (life.status.reason, len(life.world.writes)) == ("Cancelled", done)
    assert (life.status.history, life.status.outcome.entities_affected) == ([], done)


def test_cancelled_too_late():
    """A cancel that arrives when everything is done cancels nothing."""
    life = _waiting(1).decide()
    life.crash_in = 3
    life.turn()
    assert life.world.writes == ["tool-1"]
    assert life.edit(cancel=True).turn().status.reason == "Succeeded"


def test_cancelled_after_a_crash():
    """What an interrupted turn had written is called applied, not skipped."""
    life = _waiting().decide()
    life.crash_in = 4
    life.turn()
    assert life.world.writes == ["tool-1", "tool-2"]
    life.edit(cancel=True).turn()
    assert _states(life) == [("applied", ""), ("applied", ""), ("skipped", "Cancelled")]
    assert life.status.outcome.entities_affected == 2


def test_suspended_after_a_crash():
    """The journal of a suspended run says exactly what was made, also if the turn that made it could not say so."""
    life = _waiting().decide()
    life.crash_in = 4
    life.turn()
    life.edit(suspend=True).turn()
    assert _states(life) == [("applied", ""), ("applied", ""), ("pending", "")]
    assert (life.status.reason, life.status.progress, life.world.writes) == ("Suspended", "2/3", ["tool-1", "tool-2"])
    life.edit(suspend=False).turns()
    assert (life.status.reason, life.world.writes) == ("Succeeded", ["tool-1", "tool-2", "tool-3"])


def test_cancelled_and_nobody_can_look():
    """A cancelled plan ends even if nobody can look whether its current action had been carried out."""
    life = _waiting().decide()
    life.crash_in = 2
    life.turn()
    life.world.refusals["tool-1"] = Unavailable("timeout")
    assert life.edit(cancel=True).turn().status.reason == "Cancelled"


def test_cancelled_while_suspended():
    """Cancel wins over suspend."""
    life = _waiting()
    life.meanwhile = [lambda: life.edit(suspend=True)]
    life.decide().turn().edit(cancel=True).turn()
    assert life.status.reason == "Cancelled"
