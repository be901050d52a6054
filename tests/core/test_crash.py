"""The operator is killed at every moment: nothing is done twice, nothing is forgotten, and the record is right."""

import pytest
from tests.support.lives import Life
from tests.support.snapshots import a_spec, some_actions

from countersign.core.steps import Failure

MOMENTS = range(1, 9)
ACTIONS = 3
TOOLS = [f"tool-{number}" for number in range(1, ACTIONS + 1)]
PASSING = Failure("Timeout", "not done within 60 s", passing=True)


def _waiting(*, journal=False, **spec):
    return Life(a_spec(*some_actions(ACTIONS), **spec), journal=journal).turn().decide()


def _applied(life):
    return [entry.id for entry in life.status.actions if entry.status == "applied"]


@pytest.mark.parametrize("journal", [False, True], ids=["noted at the end", "noted before each action"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_once(moment, journal):
    """Killed before any one write, the plan goes on where it was: every tool is written once and counted."""
    life = _waiting(journal=journal)
    life.crash_in = moment
    life.turn().turns()
    assert life.world.writes == TOOLS
    assert (life.status.reason, life.status.progress) == ("Succeeded", "3/3")
    assert life.status.outcome.entities_affected == ACTIONS
    assert life.status.publication == 1


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_again_and_again(moment):
    """An operator that is killed after every few writes finishes the plan in the end."""
    life = _waiting(journal=True)
    for _ in range(20):
        life.crash_in = moment
        life.turn()
    life.crash_in = None
    life.turns()
    assert (life.world.writes, life.status.reason) == (TOOLS, "Succeeded")


@pytest.mark.parametrize("moment", MOMENTS)
def test_cancelled_meanwhile(moment):
    """A plan that is cancelled while the operator is down calls applied exactly what it wrote."""
    life = _waiting()
    life.crash_in = moment
    life.turn().edit(cancel=True).turns()
    assert life.status.reason == ("Cancelled" if len(life.world.writes) < ACTIONS else "Succeeded")
    assert _applied(life) == life.world.writes


@pytest.mark.parametrize("moment", MOMENTS)
def test_suspended_meanwhile(moment):
    """A plan that is suspended while the operator is down writes nothing until it goes on."""
    life = _waiting()
    life.crash_in = moment
    life.turn()
    before = list(life.world.writes)
    life.edit(suspend=True).turns()
    assert life.world.writes == before
    life.edit(suspend=False).turns()
    assert (life.world.writes, life.status.reason) == (TOOLS, "Succeeded")


@pytest.mark.parametrize("moment", MOMENTS)
def test_failing_meanwhile(moment):
    """Retries go on after a crash, and the failed action stays the only one."""
    life = _waiting(journal=True, continueOnError=True)
    life.world.failures["tool-2"] = [PASSING] * 9
    life.crash_in = moment
    life.turn().turns()
    assert life.world.writes == ["tool-1", "tool-3"]
    assert [entry.status for entry in life.status.actions] == ["applied", "failed", "applied"]


@pytest.mark.parametrize("moment", MOMENTS)
def test_world_changes_meanwhile(moment):
    """What somebody made while the operator was down is not overwritten without a new approval."""
    life = _waiting()
    life.crash_in = moment
    life.turn()
    if "tool-3" in life.world.tools:
        return
    life.world.meddle("tool-3", riskTags=["pii"])
    life.turns()
    assert life.status.reason == "PreviewChanged"
    assert "tool-3" not in life.world.writes
    life.decide().turns()
    assert (life.world.writes, life.status.reason) == (TOOLS, "Succeeded")


@pytest.mark.parametrize("moment", MOMENTS)
def test_approval_is_used_once(moment):
    """However often the operator dies, one approval starts one run."""
    life = _waiting()
    life.world.failures["tool-2"] = [Failure("Invalid", "Tool tool-2: wrong", passing=False)] * 9
    life.crash_in = moment
    life.turn().turns().turns()
    started = {status.execution.started_at for status in life.written if status.execution}
    assert (life.status.reason, len(started), life.status.history) == ("ActionFailed", 1, [])
    life.later(hours=1).turn()
    assert life.status.phase == "Failed"
