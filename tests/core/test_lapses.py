"""The guard is down, was down, or could not be asked: nothing starts, and what came meanwhile does not count."""

import pytest
from tests.support.lives import Life
from tests.support.pretend import World
from tests.support.snapshots import DOWN, RULES, a_snapshot

from countersign.core.snapshot import Guard
from countersign.core.steps import Look, Rest
from countersign.core.turn import next_step
from countersign.model.facts import Unavailable


def test_guard_down():
    """While the guard is down nothing is recorded and nothing starts; afterwards the approval that came meanwhile counts."""
    life = Life(guard=DOWN).turn()
    assert (life.status.reason, life.status.message) == ("GuardMissing", DOWN.message)
    assert (life.status.digest, life.status.approval.authors) == (None, [])
    life.guard = Guard()
    life.turn().decide()
    life.guard = DOWN
    life.turn()
    assert (life.status.reason, life.status.approval.decisions, life.world.writes) == ("GuardMissing", [], [])
    life.guard = Guard()
    assert life.turns().status.reason == "Succeeded"


def test_guard_down_and_edited():
    """While the guard is down no digest stands beside a verdict about something else."""
    life = Life().turn()
    life.guard = DOWN
    life.edit(description="new").turn()
    assert (life.status.reason, life.status.digest, life.status.approval.generation) == ("GuardMissing", None, 1)
    life.guard = Guard()
    assert life.turn().status.publication == 2


def test_guard_that_could_not_be_asked():
    """When nobody knows how the guard stands nothing starts, and what was said stays."""
    life = Life().turn().decide()
    before, life.guard = life.status, Guard(ok=False, message="timeout", asked=False)
    life.turn()
    assert (life.status, life.world.writes) == (before, [])
    assert life.until >= life.now + RULES.revalidate_after
    assert not life.edit(cancel=True).turn().world.writes
    assert life.status.reason == "Cancelled"
    life = Life(guard=life.guard).turn()
    assert (life.status.reason, life.status.message) == ("GuardMissing", "timeout")


def test_nothing_is_asked_while_the_guard_gets_no_answer():
    """A plan that was published waits for the guard to be told how it stands; then it has another turn at once."""
    plan, away = Life().turn().plan, Guard(ok=False, message="timeout", asked=False)
    assert isinstance(next_step(a_snapshot(plan, guard=away)), Rest)
    assert isinstance(next_step(a_snapshot(plan)), Look)


def test_distrusted_edit():
    """A plan that was edited during a lapse of the guard has an unknown author and is approved by nobody."""
    life = Life().turn().edit(description="who wrote this")
    life.distrusted = True
    life.turn()
    life.distrusted = False
    life.decide().turns()
    assert (life.status.reason, life.world.writes) == ("GuardMissing", [])
    assert "delete it and submit it again" in life.status.message


def test_distrusted_decision():
    """A decision that came during a lapse is recorded as not counting, and may be made again."""
    life = Life().turn().decide()
    life.distrusted = True
    life.turn()
    assert not life.status.approval.decisions[0].counts
    life.distrusted = False
    assert life.decide().turns().status.reason == "Succeeded"


def test_lapse_while_the_api_is_away():
    """What came during a lapse is noted as such even when the plan could not be judged at that moment."""
    life = Life().turn().decide()
    life.distrusted, life.world.account = True, Unavailable("timeout")
    life.turn()
    life.distrusted, life.world.account = False, World().account
    life.turn()
    assert (life.status.reason, life.world.writes) == ("AwaitingApproval", [])


@pytest.mark.parametrize("author", ["unknown author", ""], ids=["noted as unknown", "not noted at all"])
def test_unknown_author(author):
    """A plan whose authors are not known can be approved by nobody."""
    life = Life(by=author)
    assert life.turn().decide().turns().status.reason == "GuardMissing"
