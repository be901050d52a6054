"""The one rule for changing a list of conditions."""

from hypothesis import given
from hypothesis import strategies as st

from countersign.model.condition import Condition, renew

THEN, NOW = "2030-01-01T00:00:00Z", "2030-01-02T00:00:00Z"


def _condition(type_="Validated", status="True", *, at=NOW, **rest):
    return Condition(type=type_, status=status, reason=rest.pop("reason", "Done"), last_transition_time=at, **rest)


def test_time_moves_on_a_change():
    """A condition whose status changes gets the new time."""
    assert renew([_condition(status="False", at=THEN)], [_condition()]) == (_condition(at=NOW),)


def test_time_stays_without_a_change():
    """A condition that only changes its words keeps its time."""
    renewed = renew(
        [_condition(at=THEN, reason="Old")], [_condition(reason="New", message="so", observed_generation=2)]
    )
    assert renewed == (_condition(at=THEN, reason="New", message="so", observed_generation=2),)


def test_new_and_gone():
    """A new condition is taken as it is; one that is no longer given goes away."""
    assert renew([_condition("Approved", at=THEN)], [_condition("Ready")]) == (_condition("Ready"),)


@given(st.permutations(["Approved", "Ready", "Succeeded", "Validated"]))
def test_sorted(types):
    """Conditions stand sorted by type, in whatever order they were found."""
    assert [condition.type for condition in renew([], map(_condition, types))] == sorted(types)


@given(st.lists(st.sampled_from(["True", "False", "Unknown"]), min_size=1, max_size=6))
def test_time_of_the_last_change(statuses):
    """Over any history the time is that of the last real change."""
    recorded, expected, before = (), "", None
    for second, status in enumerate(statuses):
        at = f"2030-01-01T00:00:0{second}Z"
        recorded = renew(recorded, [_condition(status=status, at=at)])
        expected = expected if status == before else at
        before = status
    assert recorded[0].last_transition_time == expected
