"""What an action may do, as values."""

from countersign.model.effect import SECRET, TOOL, Apply, ResourceKind, Target


def test_api_version():
    """A kind is named with its group, and a core kind without one."""
    assert TOOL.api_version == "countersign.dev/v1alpha1"
    assert SECRET.api_version == "v1"


def test_kinds_are_namespaced():
    """A kind is namespaced unless it says otherwise."""
    assert ResourceKind(group="", version="v1", kind="Secret", plural="secrets") == SECRET
    assert SECRET.namespaced


def test_target_is_shown():
    """An object reads as kind and name."""
    assert str(Target(TOOL, "team-a", "payments-api")) == "Tool payments-api"


def test_effects_are_hashable():
    """Effects can be looked up, and differ when only their fields do."""
    target = Target(TOOL, "team-a", "payments-api")
    asked = {Apply(target, {"spec": {}}): "answer"}
    assert asked[Apply(target, {"spec": {}})] == "answer"
    assert Apply(target, {"spec": {"a": 1}}) not in asked
