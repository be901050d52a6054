"""Content addresses."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.model.digest import PREFIX, canonical, keyed, sha256

SCALARS = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=15
)


def _turned(value):
    match value:
        case dict():
            return {key: _turned(item) for key, item in reversed(value.items())}
        case list():
            return [_turned(item) for item in value]
        case _:
            return value


@given(VALUES)
def test_order_of_keys(value):
    """The order in which keys were written makes no difference."""
    assert sha256(_turned(value)) == sha256(value)


@given(VALUES)
def test_round_trip(value):
    """The same value read back from JSON has the same digest, and its canonical form loses nothing."""
    assert sha256(json.loads(json.dumps(value))) == sha256(value)
    assert json.loads(canonical(value)) == value


@given(VALUES, VALUES)
def test_different(one, other):
    """Different values have different digests: nothing is left out of what is hashed."""
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert (sha256(one) == sha256(other)) == same


def test_known():
    """The digest of a value is the same in every release."""
    assert (
        sha256({"b": [1, True, None], "a": "ü"})
        == "sha256:11ade5cf6a232567d9d8a70ae0d9e61aff06f1d4e857b2c7dd1a1bcaff3fc3d3"
    )
    assert canonical({"b": [1, True, None], "a": "ü"}) == '{"a":"ü","b":[1,true,null]}'.encode()


@pytest.mark.parametrize(
    "value", [2**53, -(2**53), float("nan"), float("inf"), {"a": [2**60]}, {1: "a"}, {"a": object()}]
)
def test_refused(value):
    """What does not survive JSON has no digest."""
    with pytest.raises((ValueError, TypeError)):
        sha256(value)


@given(VALUES)
def test_keyed(value):
    """A keyed digest is stable for one key, differs for another and never looks like a plain one."""
    assert keyed(value, key=b"a") == keyed(_turned(value), key=b"a")
    assert keyed(value, key=b"a") != keyed(value, key=b"b")
    assert not keyed(value, key=b"a").startswith(PREFIX)
