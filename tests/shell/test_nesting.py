"""Answers that are nested deeper than Python reads."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.shell.answers import Lines
from countersign.shell.nesting import DEEPEST, shallow
from countersign.shell.responses import answer

ODD = '{"[\\\\\\"'
VALUES = st.recursive(
    st.none() | st.integers() | st.text() | st.just(ODD),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.just(ODD), inner),
)


def nested(levels: int, *, inner: str = "1", text: str = "x") -> str:
    return json.dumps({text: [0]})[:-2] + "," + '{"a":' * levels + inner + "}" * levels + "]}"


@given(VALUES)
def test_what_is_flat_stays(value):
    """Every byte of it, whatever brackets and quotes stand in its texts."""
    body = json.dumps(value).encode()
    assert shallow(body) == body


@given(st.text(), st.integers(1, 400), VALUES)
def test_what_is_deep_is_cut(text, levels, value):
    """What stands beside it and above it stays; what is left is no deeper than what is kept."""
    body = json.dumps([text, 0, value])[:-1] + "," + nested(levels, text=text + ODD) + "," + json.dumps(value) + "]"
    found = json.loads(shallow(body.encode()))
    assert (found[0], found[2], found[4]) == (text, value, value)
    inner, depth = found[3][text + ODD][1], 3
    while isinstance(inner, dict):
        inner, depth = inner["a"], depth + 1
    assert depth - 3 == min(levels, DEEPEST - 3)
    assert inner == (1 if levels <= DEEPEST - 3 else None)


@pytest.mark.parametrize(
    "body", [b"", b"<html>{{</html>", b"{" * 300, b'{"a": "{' + b"[" * 300, b"}" * 300 + b"{" * 300]
)
def test_what_is_no_json(body):
    """It is left to whoever reads it to complain."""
    with pytest.raises(json.JSONDecodeError):
        json.loads(shallow(body))


def test_answers():
    """The deepest that the API server stores is read."""
    assert answer(200, warnings=(), body=nested(9900).encode()).content["x"][0] == 0


class Chunks:
    """Content that comes in pieces."""

    at_eof = "asked"

    def __init__(self, *pieces):
        self.pieces = pieces

    async def iter_chunked(self, _size):
        for piece in self.pieces:
            yield piece


async def test_lines():
    """A watch may break its lines anywhere; each is read as a whole, the last one too if it was not ended."""
    text = f"{nested(300)}\n{nested(2)}\n{nested(9000)}".encode()
    lines = Lines(Chunks(text[:700], text[700:4000], text[4000:]))
    read = b"".join([piece async for piece in lines.iter_chunked(1)]).split(b"\n")
    assert [json.loads(line)["x"][0] for line in read] == [0, 0, 0]
    assert lines.at_eof == "asked"
