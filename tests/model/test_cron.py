"""Recurring moments in a time zone."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.model import cron

BERLIN = cron.zone("Europe/Berlin")
WEEK = timedelta(days=7)


def _latest(text, now, *, zone=BERLIN, within=WEEK):
    found = cron.latest(cron.parse(text), now=datetime.fromisoformat(now).astimezone(UTC), within=within, zone=zone)
    return found and found.astimezone(zone).isoformat()


@pytest.mark.parametrize(
    ("text", "now", "expected"),
    [
        ("0 18 * * fri", "2030-06-08T12:00:00+02:00", "2030-06-07T18:00:00+02:00"),
        ("0 18 * * 5", "2030-06-07T18:00:00+02:00", "2030-06-07T18:00:00+02:00"),
        ("0 18 * * 5", "2030-06-07T17:59:59+02:00", "2030-05-31T18:00:00+02:00"),
        ("*/15 9-17 * * mon-fri", "2030-06-08T12:00:00+02:00", "2030-06-07T17:45:00+02:00"),
        ("30 2,4 * jun *", "2030-06-08T03:00:00+02:00", "2030-06-08T02:30:00+02:00"),
        ("0 0 1 * *", "2030-06-05T00:00:00+02:00", "2030-06-01T00:00:00+02:00"),
        ("0 0 1 * *", "2030-06-15T00:00:00+02:00", None),
        ("0 0 1 * sun", "2030-06-05T00:00:00+02:00", "2030-06-02T00:00:00+02:00"),
        ("0 0 * * 7", "2030-06-05T00:00:00+02:00", "2030-06-02T00:00:00+02:00"),
        ("5/20 0 * * *", "2030-06-05T00:50:00+02:00", "2030-06-05T00:45:00+02:00"),
    ],
)
def test_latest(text, now, expected):
    """The last moment up to now, as cron counts: lists, ranges, steps and names; a date or a weekday when both are given."""
    assert _latest(text, now) == expected


def test_time_that_the_clock_skips():
    """In the night in which the clock jumps from two to three it happens after the jump, and still once."""
    assert _latest("30 2 * * *", "2030-03-31T12:00:00+02:00") == "2030-03-31T03:30:00+02:00"


def test_time_that_the_clock_repeats():
    """In the night in which an hour comes twice it happens the first time."""
    assert _latest("30 2 * * *", "2030-10-27T12:00:00+01:00") == "2030-10-27T02:30:00+02:00"


def test_far_zones():
    """The day is that of the zone, not that of Greenwich."""
    zone = cron.zone("Pacific/Auckland")
    assert _latest("0 1 * * mon", "2030-06-09T14:00:00+00:00", zone=zone) == "2030-06-10T01:00:00+12:00"


NO_SCHEDULES = """
* * * *|60 * * * *|* 24 * * *|* * 0 * *|* * * 13 *|* * * * 8|5-1 * * * *|*/0 * * * *|*/x * * * *|a * * * *|1-b * * * *|
1234567 * * * *|-1 * * * *|*/ * * * *|\u0661 * * * *|1, * * * *
"""


@pytest.mark.parametrize("text", NO_SCHEDULES.strip().split("|"))
def test_no_schedule(text):
    """What is none is refused with a sentence."""
    with pytest.raises(ValueError, match=r"field|lie|step"):
        cron.parse(text)


@pytest.mark.parametrize("name", ["Europe/Nowhere", "../../etc/passwd", "/etc/localtime", ""])
def test_no_zone(name):
    """A zone has to be one of the known ones."""
    with pytest.raises(ValueError):  # noqa: PT011  # each library words it in its own way
        cron.zone(name)


MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # zone is given


@given(MOMENTS, st.sampled_from(["0 18 * * 5", "*/20 * * * *", "0 3 1,15 * *", "30 2 * * *"]))
def test_never_in_the_future(now, text):
    """What it finds has happened, lately, and is found again at that very moment."""
    schedule = cron.parse(text)
    found = cron.latest(schedule, now=now, within=WEEK, zone=BERLIN)
    if found is not None:
        assert found <= now <= found + WEEK
        assert cron.latest(schedule, now=found, within=WEEK, zone=BERLIN) == found
