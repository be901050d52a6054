"""What counts as a change."""

from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.model.change import MISSING, Change, Operation, compare, meaningful, operation
from countersign.model.digest import canonical

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)
SPECS = st.dictionaries(st.text(max_size=3), VALUES, max_size=3)


def _tool(spec=None, **metadata):
    return {"kind": "Tool", "metadata": {"name": "echo", **metadata}, "spec": {} if spec is None else spec}


def _changes(live, result, *, desired=None):
    found = compare(_tool(live), _tool(result), desired=_tool(result if desired is None else desired))
    return [(change.path[1:], change.old, change.new) for change in found]


TABLE = {
    "a value becomes another": ({"a": 1}, {"a": 2}, [(("a",), 1, 2)]),
    "a value is added": ({}, {"a": 1}, [(("a",), MISSING, 1)]),
    "a value goes away": ({"a": 1}, {}, [(("a",), 1, MISSING)]),
    "an object is added leaf by leaf": (
        {},
        {"a": {"b": 1, "c": 2}},
        [(("a", "b"), MISSING, 1), (("a", "c"), MISSING, 2)],
    ),
    "an object goes away leaf by leaf": (
        {"a": {"b": 1, "c": 2}},
        {},
        [(("a", "b"), 1, MISSING), (("a", "c"), 2, MISSING)],
    ),
    "an empty object is added": ({}, {"a": {}}, [(("a",), MISSING, {})]),
    "an empty object goes away": ({"a": {}}, {}, [(("a",), {}, MISSING)]),
    "a list grows": ({"a": [1]}, {"a": [1, 2]}, [(("a", 1), MISSING, 2)]),
    "a list shrinks": ({"a": [1, 2]}, {"a": [2]}, [(("a", 0), 1, 2), (("a", 1), 2, MISSING)]),
    "an object becomes a list": ({"a": {"b": 1}}, {"a": [1]}, [(("a",), {"b": 1}, [1])]),
    "true becomes one": ({"a": True}, {"a": 1}, [(("a",), True, 1)]),
    "zero becomes false": ({"a": [0]}, {"a": [False]}, [(("a", 0), 0, False)]),
    "null becomes empty": ({"a": None}, {"a": ""}, [(("a",), None, "")]),
    "sorted by path, numbers as numbers": (
        {"b": 1, "a": list(range(11))},
        {"b": 2, "a": [*range(2), 9, *range(3, 10), 0]},
        [(("a", 2), 2, 9), (("a", 10), 10, 0), (("b",), 1, 2)],
    ),
}


@pytest.mark.parametrize(("live", "result", "expected"), [pytest.param(*row, id=name) for name, row in TABLE.items()])
def test_compare(live, result, expected):
    """A change is the smallest place at which two objects differ."""
    found = _changes(live, result)
    assert found == expected
    assert [(type(old), type(new)) for _, old, new in found] == [(type(old), type(new)) for _, old, new in expected]


@given(SPECS)
def test_same(spec):
    """An object does not differ from itself."""
    assert compare(_tool(spec), _tool(deepcopy(spec)), desired=_tool(spec)) == ()


@given(SPECS, SPECS)
def test_no_change_is_the_same_json(live, result):
    """Where everything was asked for, there is no change exactly when the JSON is the same."""
    assert (_changes(live, result) == []) == (canonical(live) == canonical(result))


@given(SPECS, SPECS)
def test_order_of_keys(live, result):
    """The order in which keys stand makes no difference."""
    turned = dict(reversed(result.items()))
    assert _changes(live, result) == _changes(live, turned)


@given(SPECS, SPECS)
def test_defaults(live, result):
    """What is added and nobody asked for is the server's default and no change; what goes away always is one."""
    found = compare(_tool(live), _tool(result), desired={"kind": "Tool", "metadata": {"name": "echo"}})
    assert all(change.old is not MISSING for change in found)


def test_asked_for():
    """Of what is added, only what was asked for counts, also inside lists."""
    result = {"tools": [{"name": "echo", "port": 443}, {"name": "late"}], "mode": "Open", "size": 1}
    desired = {"tools": [{"name": "echo"}], "mode": "Open", "size": {"unit": 1}}
    assert _changes({}, {**result, "size": {"value": 1}}, desired=desired) == [
        (("mode",), MISSING, "Open"),
        (("tools",), MISSING, result["tools"]),
    ]
    assert _changes({"tools": [{}]}, result, desired={"tools": [{"name": "echo"}]}) == [
        (("tools", 0, "name"), MISSING, "echo")
    ]


def test_new_object():
    """Everything asked for in a new object is a change."""
    found = compare(None, _tool({"a": 1}), desired=_tool({"a": 1}))
    assert [change.path for change in found] == [("spec", "a")]


def test_server_owned():
    """What the server keeps for itself, and our own tracking metadata, never count."""
    live = _tool({"a": 1}, uid="1", resourceVersion="7", labels={"countersign.dev/plan-uid": "1"})
    result = _tool({"a": 1}, uid="1", resourceVersion="8", annotations={"countersign.dev/plan": "next"}) | {
        "status": {"phase": "Available"}
    }
    assert compare(live, result, desired=result) == ()


def test_own_labels_count():
    """Labels and annotations of people do count."""
    found = compare(
        _tool(labels={"team": "a"}), _tool(labels={"team": "b", "countersign.dev/plan-uid": "1"}), desired={}
    )
    assert found == (Change(("metadata", "labels", "team"), "a", "b"),)


def test_nothing_is_meaningful():
    """An object that is not there has nothing meaningful."""
    assert meaningful(None) == {}


@pytest.mark.parametrize(
    ("live", "changes", "expected"),
    [
        (None, (), Operation.CREATED),
        ({}, (), Operation.UNCHANGED),
        ({}, (Change(("a",), 1, 2),), Operation.CONFIGURED),
    ],
)
def test_operation(live, changes, expected):
    """An object is created, configured or left alone."""
    assert operation(live, changes) is expected


def test_missing_is_shown():
    """In a failing test MISSING reads as what it is."""
    assert repr(MISSING) == "MISSING"


def test_defaults_inside_a_new_list():
    """What the server filled in inside a new list is no part of the change."""
    asked = {"spec": {"calls": [{"name": "refund"}, "plain"]}}
    result = {"spec": {"calls": [{"name": "refund", "riskTags": []}, "plain"]}}
    (found,) = compare(None, result, desired=asked)
    assert found.new == [{"name": "refund"}, "plain"]


def test_new_list_that_the_server_lengthened():
    """A list that came back with more items than were asked for is shown as it came back."""
    (found,) = compare(None, {"spec": {"calls": ["a", "b"]}}, desired={"spec": {"calls": ["a"]}})
    assert found.new == ["a", "b"]
