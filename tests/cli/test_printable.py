"""What others wrote cannot do anything to the terminal of whoever decides about it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.cli.printable import one_line, printable

_HIDING = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("Größe, 大きさ, 🚀", "Größe, 大きさ, 🚀"),
        ("two\n\tlines", "two\n\tlines"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x9b31mred", "\\x9b31mred"),
        ("back\rforth", "back\\rforth"),
        ("de\u202eserver", "de\\u202eserver"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("\u2028", "\\u2028"),
        ("\ud800", "\\ud800"),
    ],
)
def test_control(text, shown):
    """Characters without a glyph stand as their escapes, all others as they are."""
    assert printable(text) == shown


@given(st.text(st.characters()))
def test_nothing_is_left(text):
    """Whatever the text, nothing that is invisible or moves the cursor is left of it."""
    assert (
        not {unicodedata.category(character) for character in printable(text).replace("\n", "").replace("\t", "")}
        & _HIDING
    )


def test_one_line():
    """A value cannot bring a line of its own along."""
    assert one_line("fine\n\nRisk   low\n") == "fine Risk low"
