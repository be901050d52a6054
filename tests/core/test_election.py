"""Who may work, judged from a Lease: nobody's wall clock is trusted, and no claim outlives its own promise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.settings import MODEST

from countersign.core.election import Acquire, Claim, Hold, Sight, Wait, claimed, decide, released, see

OTHERS = Claim(holder="b", seconds=15.0, acquired="then", renewed="later", transitions=3)


@pytest.mark.parametrize(
    ("claim", "since", "verdict"),
    [
        (Claim(), 0.0, Acquire()),
        (released(OTHERS, now="now"), 100.0, Acquire()),
        (OTHERS, 100.0, Wait(115.0)),
        (OTHERS, 85.1, Wait(100.1)),
        (OTHERS, 85.0, Acquire()),
        (Claim(holder="a", seconds=15.0), 0.0, Hold()),
    ],
    ids=["never taken", "given back", "just seen", "almost over", "over", "ours"],
)
def test_decide(claim, since, verdict):
    """At 100 s of our clock, as the replica a."""
    assert decide(Sight(claim, since), identity="a", now=100.0) == verdict


def test_time_runs_from_the_first_look():
    """However old the claim says it is; any change of it starts again."""
    first = see(OTHERS, None, now=5.0)
    assert see(OTHERS, first, now=9.0) == Sight(OTHERS, 5.0)
    renewed = claimed(OTHERS, identity="b", seconds=15.0, now="still later")
    assert see(renewed, first, now=9.0) == Sight(renewed, 9.0)


def test_a_renewal():
    """It keeps since when the Lease is ours."""
    assert claimed(OTHERS, identity="b", seconds=15.0, now="now") == Claim("b", 15.0, "then", "now", 3)


def test_a_new_holder():
    """It counts as a transition."""
    assert claimed(OTHERS, identity="a", seconds=10.0, now="now") == Claim("a", 10.0, "now", "now", 4)


@MODEST
@given(gaps=st.lists(st.floats(0.01, 14.9), max_size=8), silence=st.floats(0, 30))
def test_never_early(gaps, silence):
    """Nobody takes over from a holder whose claim changed less than its promise ago, and everybody does afterwards."""
    sight, now = see(OTHERS, None, now=0.0), 0.0
    for number, gap in enumerate(gaps):
        now += gap
        assert isinstance(decide(sight, identity="a", now=now), Wait)
        sight = see(claimed(OTHERS, identity="b", seconds=15.0, now=str(number)), sight, now=now)
    verdict = decide(sight, identity="a", now=now + silence)
    assert isinstance(verdict, Acquire) == (now + 15.0 <= now + silence)
