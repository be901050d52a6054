"""From an effect and its dry run to what it changes, and to the digest that an approval binds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.settings import MODEST

from countersign.core.effects import body, carries, is_sensitive, weigh, written_by
from countersign.core.questions import Tracking
from countersign.model.change import Operation
from countersign.model.digest import canonical
from countersign.model.effect import TOOL, Apply, Target
from countersign.model.facts import Base, Previewed

KEY = b"key"
MARK = Tracking(plan_uid="uid-1", plan="plan", action="a", key="k", params_digest="sha256:p")
TARGET = Target(TOOL, "team-a", "echo")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


def _effect(spec=None, *, sensitive=(), **metadata):
    fields = {"spec": spec or {}} | ({"metadata": metadata} if metadata else {})
    return Apply(TARGET, fields, sensitive=sensitive)


def _live(spec=None, *, labels=None, annotations=None):
    metadata = {"name": "echo", "uid": "1", "resourceVersion": "7", "labels": labels, "annotations": annotations}
    return {"kind": "Tool", "metadata": {key: value for key, value in metadata.items() if value}, "spec": spec or {}}


def _weighed(effect, live=None, result=None, *, key=KEY):
    result = _live(effect.fields["spec"]) if result is None else result
    return weigh(effect, Previewed(Base("1", "7") if live else None, live, result), key=key)


def _digest(spec, **rest):
    return _weighed(_effect(spec, **rest)).digest


def test_body():
    """The object is sent complete, with who made it for what."""
    sent = body(_effect({"a": 1}, labels={"team": "blue"}, annotations={"note": "x"}), MARK)
    assert (sent["apiVersion"], sent["kind"], sent["spec"]) == ("countersign.dev/v1alpha1", "Tool", {"a": 1})
    assert (sent["metadata"]["name"], sent["metadata"]["namespace"]) == ("echo", "team-a")
    assert sent["metadata"]["labels"] == {"team": "blue", "countersign.dev/plan-uid": "uid-1"}
    assert sent["metadata"]["annotations"] == {
        "note": "x",
        "countersign.dev/plan": "plan",
        "countersign.dev/action": "a",
        "countersign.dev/idempotency-key": "k",
        "countersign.dev/params-digest": "sha256:p",
    }


def test_carries():
    """An object tells which intent it was written for, and by which plan."""
    sent = body(_effect(), MARK)
    live = _live(labels=sent["metadata"]["labels"], annotations=sent["metadata"]["annotations"])
    assert carries(live, MARK)
    assert written_by(live, MARK)
    other_plan = Tracking(plan_uid="uid-2", plan="plan", action="a", key="k", params_digest="sha256:p")
    assert carries(live, other_plan)
    assert not written_by(live, other_plan)
    other_params = Tracking(plan_uid="uid-1", plan="plan", action="a", key="k", params_digest="sha256:q")
    assert not carries(live, other_params)
    assert not any(found(live, MARK) for found in (carries, written_by) for live in (None, _live()))


def test_operations():
    """Created, configured or unchanged, with what changes."""
    created = _weighed(_effect({"a": 1}))
    assert (created.operation, len(created.changes)) == (Operation.CREATED, 1)
    assert _weighed(_effect({"a": 1}), _live({"a": 2})).operation is Operation.CONFIGURED
    assert _weighed(_effect({"a": 1}), _live({"a": 1})).operation is Operation.UNCHANGED
    assert created.seen().live is None


@MODEST
@given(st.dictionaries(st.text(max_size=3), JSON, max_size=3), st.dictionaries(st.text(max_size=3), JSON, max_size=3))
def test_digest_covers_what_is_wanted(one, two):
    """Two effects have one digest exactly when they want the same."""
    assert (_digest(one) == _digest(two)) == (canonical(one) == canonical(two))


def test_digest_covers_the_target():
    """The same fields for another object are another effect."""
    effect = Apply(Target(TOOL, "team-a", "other"), {"spec": {}})
    assert _weighed(effect, result=_live()).digest != _digest({})


def test_digest_covers_what_was_there():
    """What a change takes away is part of it."""
    digests = {_weighed(_effect({"a": 1}), _live({"a": old})).digest for old in (1, 2, 3)}
    assert len(digests) == 3


def test_digest_leaves_out_the_state():
    """Versions, identities, tracking metadata and the server's defaults are no part of the effect."""
    first = _weighed(_effect({"a": 1}), _live({"a": 2}))
    noisy = _live({"a": 2, "default": True}, labels={"countersign.dev/plan-uid": "x"})
    noisy["metadata"]["resourceVersion"] = "99"
    second = _weighed(_effect({"a": 1}), noisy, _live({"a": 1, "default": True}))
    assert first.digest == second.digest


def test_sensitive_values_are_keyed():
    """A sensitive value is part of the digest, but nobody can find it out by trying."""
    sensitive = (("spec", "headers", "*"),)
    spec = {"headers": {"x-key": "secret"}}
    one = _weighed(_effect(spec, sensitive=sensitive))
    assert one.digest == _weighed(_effect(spec, sensitive=sensitive)).digest
    assert one.digest != _weighed(_effect(spec, sensitive=sensitive), key=b"other").digest
    assert one.digest != _weighed(_effect({"headers": {"x-key": "other"}}, sensitive=sensitive)).digest
    assert _digest(spec) == _weighed(_effect(spec), key=b"other").digest


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("spec", "env", 0, "value"), True),
        (("spec", "env", 7, "value", "deeper"), True),
        (("spec", "env", 0, "name"), False),
        (("spec", "env", 0), False),
        ((), False),
    ],
    ids=["at it", "below it", "beside it", "above it", "the whole"],
)
def test_is_sensitive(path, expected):
    """At or below a sensitive path, in whose place of a star anything may stand."""
    assert is_sensitive(_effect(sensitive=(("spec", "env", "*", "value"),)), path) is expected


def test_lists():
    """Sensitive values inside lists are found."""
    effect = _effect({"env": [{"name": "a", "value": "1"}]}, sensitive=(("spec", "env", "*", "value"),))
    assert _weighed(effect).digest != _weighed(effect, key=b"other").digest
