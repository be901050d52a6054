"""The operator is killed at every moment around a call, and the world misbehaves: no call is made twice, and none is forgotten."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.counting import a_count
from tests.support.lives import Life
from tests.support.settings import MODEST
from tests.support.snapshots import a_spec, an_action

pytestmark = pytest.mark.usefixtures("counting")

MOMENTS = range(1, 14)
FAULTS = ["", "busy", "unreachable", "lost", "vanished", "slow"]


def _waiting(*, retries=3, **spec):
    actions = (an_action("x"), a_count("call a", "tool y", "call b", retries=retries))
    return Life(a_spec(*actions, **spec)).turn().decide()


def _counts(life):
    return sorted(life.world.counted.counts.values())


@pytest.mark.parametrize("moment", MOMENTS)
def test_once(moment):
    """Killed before any one write or call, the plan goes on where it was: each call is made once and counted."""
    life = _waiting()
    life.crash_in = moment
    life.turn().turns()
    assert (life.status.reason, _counts(life)) == ("Succeeded", [1, 1])
    assert life.status.outcome.summary == "2 created, 2 called"


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_before_anybody_can_tell(moment):
    """What nobody can tell is not done again: the plan waits, or it was clear that nothing was sent."""
    life = _waiting()
    life.world.counted.tells = False
    life.crash_in = moment
    life.turn().turn()
    assert max(_counts(life), default=0) <= 1
    if life.status.reason == "Waiting":
        assert life.status.actions[1].status == "unknown"
        life.edit(cancel=True).turns()
        assert (life.status.reason, life.status.actions[1].status) == ("Cancelled", "unknown")
    else:
        assert (life.status.reason, _counts(life)) == ("Succeeded", [1, 1])


@pytest.mark.parametrize("moment", range(2, 8))
def test_killed_again_and_again(moment):
    """An operator that is killed after every few writes makes each call once in the end."""
    life = _waiting(retries=10)
    for _ in range(20):
        life.crash_in = moment
        life.turn().later(minutes=3)
    life.crash_in = None
    _end(life)
    assert _counts(life) == [1, 1]


@pytest.mark.parametrize("moment", MOMENTS)
def test_cancelled_meanwhile(moment):
    """A plan that is cancelled while the operator is down makes no other call, and counts those that were made."""
    life = _waiting()
    life.crash_in = moment
    life.turn()
    before = _counts(life)
    life.edit(cancel=True).turns()
    assert _counts(life) == before
    outcome = life.status.outcome
    assert len(outcome.details.get("called", []) if outcome else []) == len(before)


def _end(life):
    """Until the plan is over; a retry is approved when it failed."""
    for _ in range(40):
        life.turn()
        if life.status.phase == "Executed":
            return
        if life.status.phase == "Failed":
            life.retry().turn().decide()
        life.now = max(life.now, life.until or life.now)
    raise AssertionError(f"it does not end: {life.status.message}")


@MODEST
@given(
    faults=st.lists(st.sampled_from(FAULTS), max_size=8),
    crashes=st.lists(st.integers(1, 12), max_size=6),
    mute=st.lists(st.booleans(), max_size=6),
    retries=st.integers(0, 3),
)
def test_any_misfortune(faults, crashes, mute, retries):
    """Whatever is lost, late, refused for now or killed, in any order, and whether anybody can tell at the time or not: no call is

    ever made twice, and when somebody can tell in the end each was made once, over as many retries as it takes.
    """
    life = _waiting(retries=retries)
    life.world.counted.faults = list(faults)
    for number, crash in enumerate(crashes):
        life.world.counted.tells = not (number < len(mute) and mute[number])
        life.crash_in = crash
        life.turn()
        assert max(_counts(life), default=0) <= 1
        life.now = max(life.now, life.until or life.now)
    life.crash_in, life.world.counted.tells = None, True
    _end(life)
    assert _counts(life) == [1, 1]
