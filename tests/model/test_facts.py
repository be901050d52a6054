"""What was found out about the world, as values."""

from countersign.model.facts import Absent, Base, Present, Previewed, Refusal, Refused, Unavailable


def test_facts_compare_by_value():
    """Two answers that say the same are the same, so asking twice settles nothing new."""
    previewed = Previewed(base=Base("1", "7"), live={"a": 1}, result={"a": 2})
    assert previewed == Previewed(base=Base("1", "7"), live={"a": 1}, result={"a": 2})
    assert previewed != Previewed(base=Base("1", "7"), live={"a": 1}, result={"a": 3})
    assert len({previewed, Previewed(base=Base("1", "7"), live={"a": 1}, result={"a": 3})}) == 2


def test_not_knowing_is_a_fact():
    """That something is not there differs from not having been able to ask."""
    assert len({Absent(), Unavailable("timeout"), Present("1"), Refused(Refusal.FORBIDDEN, "no")}) == 4
