"""Params in the words of the seed, objects in those of Kubernetes."""

import pytest
from pydantic import ValidationError

from countersign.model.snake import Snake


class Inner(Snake):
    base_url: str


class Outer(Snake):
    tool_mappings: dict[str, Inner]


def test_read_and_written():
    """Names are translated at every depth; the keys of a map are nobody's names."""
    outer = Outer.read(b'{"tool_mappings": {"my_tool": {"base_url": "x"}}}')
    assert outer.written() == {"toolMappings": {"my_tool": {"baseUrl": "x"}}}


def test_other_words():
    """Camel case is refused on the way in."""
    with pytest.raises(ValidationError):
        Outer.read(b'{"toolMappings": {}}')
