"""Nobody counts twice: who approves as usual and who breaks the glass are different people, and as many as there can be."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st
from tests.support.settings import MODEST

from countersign.core.seating import Seats, seat

PEOPLE = ("ann", "bob", "cid", "dan", "eve")
SETS = st.lists(st.sampled_from(PEOPLE), unique=True)
QUORUM = st.integers(0, 3)


def _filled(seats: Seats, required: int, glass: int) -> int:
    return min(len(seats.usual), required) + min(len(seats.glass), glass)


def _most(approved_by: list[str], broken_by: list[str], required: int, glass: int) -> int:
    """Of all ways to send those who could be either to one side."""
    either = sorted(set(approved_by) & set(broken_by))
    ways = (set(chosen) for size in range(len(either) + 1) for chosen in combinations(either, size))
    return max(
        min(len(set(approved_by) - way), required) + min(len(set(broken_by) - (set(approved_by) - way)), glass)
        for way in ways
    )


@MODEST
@given(SETS, SETS, QUORUM, QUORUM)
def test_as_many_as_there_can_be(approved_by, broken_by, required, glass):
    """Nobody sits twice, nobody where he may not, and no other way of sitting down would fill more seats."""
    found = seat(approved_by, broken_by, required=required)
    assert not set(found.usual) & set(found.glass)
    assert set(found.usual) | set(found.glass) == set(approved_by) | set(broken_by)
    assert set(found.usual) <= set(approved_by)
    assert set(found.glass) <= set(broken_by)
    assert _filled(found, required, glass) == _most(approved_by, broken_by, required, glass)


@MODEST
@given(SETS, SETS, st.tuples(QUORUM, QUORUM), st.sampled_from(PEOPLE), st.sampled_from(["usual", "glass", "either"]))
def test_one_more_never_empties_a_seat(approved_by, broken_by, quorums, who, could):
    """Whoever adds an approval fills a seat or none; with somebody new neither side ever has fewer."""
    required, glass = quorums
    before = seat(approved_by, broken_by, required=required)
    more_approved = [*approved_by, who] if could != "glass" and who not in approved_by else approved_by
    more_broken = [*broken_by, who] if could != "usual" and who not in broken_by else broken_by
    after = seat(more_approved, more_broken, required=required)
    assert _filled(after, required, glass) >= _filled(before, required, glass)
    if who not in (*approved_by, *broken_by):
        assert len(after.usual) >= len(before.usual)
        assert len(after.glass) >= len(before.glass)


def test_usual_seats_first():
    """Who could fill either fills the usual seat, and the first who spoke before the others."""
    assert seat(["ann", "bob"], ["bob", "ann"], required=1) == Seats(("ann",), ("bob",))
    assert seat(["ann", "bob"], ["bob"], required=1) == Seats(("ann",), ("bob",))
    assert seat(["ann"], ["ann"], required=1) == Seats(("ann",), ())
    assert seat(["ann"], ["ann"], required=0) == Seats((), ("ann",))
