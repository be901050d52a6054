"""Durations as people write them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.model.duration import is_duration, parse, show


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("60s", 60), ("5m", 300), ("24h", 86_400), ("1h30m", 5_400), ("2d", 172_800), ("0s", 0), ("30s30s", 60)],
)
def test_parse(text, seconds):
    """Numbers with units add up."""
    assert is_duration(text)
    assert parse(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "5", "m", "5 m", "-5m", "1.5h", "5M", "5ms", "soon", "5m ", "1234567s"])
def test_no_duration(text):
    """Everything else is none."""
    assert not is_duration(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (-5, "0s"), (59, "59s"), (300, "5m"), (5_401, "1h30m"), (86_400 * 2 + 3_600 * 3 + 60, "2d3h")],
)
def test_show(seconds, text):
    """People see the two largest units, and never less than nothing."""
    assert show(timedelta(seconds=seconds)) == text


@given(st.integers(0, 86_399 // 60).map(lambda minutes: timedelta(minutes=minutes)))
def test_round_trip(span):
    """What two units can say is read back as it was."""
    assert parse(show(span)) == span
