"""Text of others inside our sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.settings import MODEST

from countersign.core.wording import one_line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("so be it", "so be it"),
        ("  a\n\n b\tc ", "a b c"),
        ("\x1b[2Jgone", "\\u{1b}[2Jgone"),
        ("a\u202eb", "a\\u{202e}b"),
        ("名前 é", "名前 é"),
        ("x" * 50, "x" * 20),
    ],
    ids=["plain", "lines", "a command to the terminal", "reversed", "other letters", "long"],
)
def test_one_line(text, expected):
    """Lines become one, what cannot be seen stands as its number."""
    assert one_line(text, limit=20) == expected


@MODEST
@given(st.text())
def test_printable(text):
    """Whatever somebody writes, it is one printable line, and writing it again changes nothing."""
    line = one_line(text, limit=40)
    assert line.isprintable()
    assert len(line) <= 40
    assert one_line(line, limit=40) == line.strip()
