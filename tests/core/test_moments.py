"""Points in time that stand in a status."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.support.snapshots import NOW

from countersign.core.moments import later, moment


@pytest.mark.parametrize("text", ["2030-01-01T12:00:00Z", "2030-01-01T14:00:00+02:00", "20300101T120000Z"])
def test_moment(text):
    """Any spelling of a point in time, in any time zone."""
    assert moment(text) == datetime(2030, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [None, "", "soon", "2030-01-01", "2030-01-01T12:00:00", "0001-01-01T00:00:00+23:59", "\ud800"],
    ids=["nothing", "empty", "a word", "a day", "no time zone", "before the calendar", "half a character"],
)
def test_no_moment(text):
    """What names no single point in time is none."""
    assert moment(text) is None


def test_later():
    """Beyond the end of the calendar is never."""
    assert later(NOW, timedelta(days=1)) == datetime(2030, 1, 2, 12, tzinfo=UTC)
    assert later(NOW, timedelta(days=4_000_000)) is None
