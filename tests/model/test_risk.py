"""Levels of risk and the only way to combine them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.model.risk import Factor, Level, highest

FACTORS = st.lists(st.builds(Factor, st.sampled_from(Level), st.text(max_size=3), st.text(max_size=3)))


def test_order():
    """Low is below medium, medium below high, high below critical."""
    assert sorted([Level.HIGH, Level.LOW, Level.CRITICAL, Level.MEDIUM]) == [
        Level.LOW,
        Level.MEDIUM,
        Level.HIGH,
        Level.CRITICAL,
    ]
    assert Level.CRITICAL >= Level.CRITICAL


def test_levels_compare_with_levels_only():
    """A level is not above or below anything else."""
    with pytest.raises(TypeError):
        assert Level.LOW < "medium"


def test_nothing_known():
    """Without any factor nothing is known, and that is critical."""
    assert highest([]) is Level.CRITICAL


@given(FACTORS.filter(bool))
def test_highest(factors):
    """The risk is that of one of the factors, and none is above it."""
    assert highest(factors) in {factor.level for factor in factors}
    assert all(factor.level <= highest(factors) for factor in factors)


@given(FACTORS.filter(bool), FACTORS)
def test_more_reasons_never_lower_it(factors, more):
    """A further factor raises the risk or leaves it."""
    assert highest([*factors, *more]) >= highest(factors)
