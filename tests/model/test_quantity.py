"""Quantities as Kubernetes writes them."""

from decimal import Decimal

import pytest

from countersign.model.quantity import parse, show


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", "0"),
        ("3", "3"),
        ("1.5", "1.5"),
        (".5", "0.5"),
        ("100m", "0.1"),
        ("7n", "0.000000007"),
        ("2k", "2000"),
        ("1Ki", "1024"),
        ("1.5Gi", "1610612736"),
        ("1E", "1000000000000000000"),
        ("1e3", "1000"),
        ("12E-1", "1.2"),
        ("-1", "-1"),
    ],
)
def test_parse(text, number):
    """Every unit that the API server writes is read exactly."""
    assert parse(text) == Decimal(number)


@pytest.mark.parametrize("text", ["", "Mi", "1 Gi", "1Gib", "1kk", "many", "1.2.3"])
def test_no_quantity(text):
    """Everything else is none."""
    with pytest.raises((ValueError, ArithmeticError)):
        parse(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("0", "0"),
        ("1100m", "1.1"),
        ("10", "10"),
        ("100", "100"),
        ("384Mi", "384Mi"),
        ("2048Mi", "2Gi"),
        ("1500Mi", "1500Mi"),
    ],
)
def test_show(text, shown):
    """People see the unit that needs no fraction."""
    assert show(parse(text)) == shown
