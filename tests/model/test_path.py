"""Paths as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.model.path import show


@pytest.mark.parametrize(
    ("parts", "shown"),
    [
        ((), ""),
        (("spec",), "spec"),
        (("spec", "actions", 3, "params", "baseUrl"), "spec.actions[3].params.baseUrl"),
        ((0, "a"), "[0].a"),
        (("metadata", "labels", "app.kubernetes.io/name"), 'metadata.labels["app.kubernetes.io/name"]'),
        (("tool_mappings", "x-y"), "tool_mappings.x-y"),
        (("a", 'b"c\\'), 'a["b\\"c\\\\"]'),
        (("", "3"), '[""]["3"]'),
        (("a\nb", "\u202e", "\U000e0001", "é"), '["a\\u{a}b"]["\\u{202e}"]["\\u{e0001}"]["é"]'),
    ],
)
def test_show(parts, shown):
    """Plain words stand behind dots, positions and everything else in brackets."""
    assert show(parts) == shown


@given(
    st.lists(st.text(max_size=4) | st.integers(0, 9), max_size=4),
    st.lists(st.text(max_size=4) | st.integers(0, 9), max_size=4),
)
def test_unambiguous(one, other):
    """Two paths are shown alike only if they are the same."""
    assert (show(one) == show(other)) == (one == other)
