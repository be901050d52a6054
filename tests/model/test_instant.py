"""Points in time as Kubernetes writes them."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from countersign.model.instant import parse, show


def test_utc():
    """A time of any zone is written in UTC, in whole seconds."""
    moment = datetime(2030, 1, 1, 1, 30, 15, 999, tzinfo=timezone(timedelta(hours=2)))
    assert show(moment) == "2029-12-31T23:30:15Z"


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(9999, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001  # hypothesis wants its limits without a zone
def test_round_trip(moment):
    """What was written is read back as it was, to the second."""
    assert parse(show(moment)) == moment.replace(microsecond=0)
