"""When nothing may start."""

from datetime import datetime

import pytest
from tests.support.policies import a_policy

from countersign.core.policies.freezes import Frozen, frozen

HOLIDAYS = {"name": "holidays", "starts": "2030-12-20T00:00:00Z", "ends": "2031-01-02T00:00:00Z"}
WEEKENDS = {"name": "weekends", "schedule": "0 18 * * fri", "duration": "62h", "timeZone": "Europe/Berlin"}


def _until(now, *freezes):
    found = frozen([a_policy(freezes=list(freezes))], now=datetime.fromisoformat(now))
    return found and (found.name, found.until.isoformat())


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2030-12-19T23:59:59+00:00", None),
        ("2030-12-20T00:00:00+00:00", ("holidays", "2031-01-02T00:00:00+00:00")),
        ("2031-01-01T23:59:59+00:00", ("holidays", "2031-01-02T00:00:00+00:00")),
        ("2031-01-02T00:00:00+00:00", None),
    ],
)
def test_absolute(now, expected):
    """From its first moment on, and at its end it is over."""
    assert _until(now, HOLIDAYS) == expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2030-06-07T15:59:59+00:00", None),
        ("2030-06-07T16:00:00+00:00", ("weekends", "2030-06-10T06:00:00+00:00")),
        ("2030-06-10T05:59:59+00:00", ("weekends", "2030-06-10T06:00:00+00:00")),
        ("2030-06-10T06:00:00+00:00", None),
    ],
)
def test_recurring(now, expected):
    """Each time for its duration, by the clock of its zone."""
    assert _until(now, WEEKENDS) == expected


def test_the_longest_counts():
    """Of several the one that ends last is named."""
    now = datetime.fromisoformat("2030-12-21T12:00:00+00:00")
    policies = [a_policy("a", freezes=[HOLIDAYS]), a_policy("b", freezes=[WEEKENDS])]
    assert frozen(policies, now=now) == Frozen("a", "holidays", datetime.fromisoformat("2031-01-02T00:00:00+00:00"))
