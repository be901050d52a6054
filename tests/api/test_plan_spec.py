"""What people write into a Plan, as the core reads it back."""

import pytest
from pydantic import ValidationError

from countersign.api.plan_spec import FREELY_CHANGEABLE, MAX_ACTIONS, NOT_APPROVED, PlannedAction, PlanSpec
from countersign.model.digest import canonical

ACTION = {"type": "tool.upsert", "idempotencyKey": "payments.v1"}


def _read(**fields):
    return PlanSpec.read(canonical({"actions": [ACTION], **fields}))


def _action(**fields):
    return _read(actions=[{**ACTION, **fields}]).actions[0]


def test_least():
    """One action with a type and a key is a plan; the rest has defaults."""
    spec = _read()
    assert (spec.service_account_name, spec.continue_on_error, spec.validate_only) == (
        "countersign-executor",
        False,
        False,
    )
    assert (spec.suspend, spec.cancel, spec.ttl_after_finished) == (False, False, None)
    assert (spec.actions[0].params, spec.actions[0].id, spec.actions[0].risk) == ({}, None, None)


WRONG = {
    "no actions": {"actions": []},
    "too many actions": {"actions": [ACTION] * (MAX_ACTIONS + 1)},
    "a field that does not exist": {"continueOnErrors": True},
    "Python's name of a field": {"continue_on_error": True},
    "text for a switch": {"suspend": "true"},
    "no duration": {"ttlAfterFinished": "soon"},
    "a long description": {"description": "x" * 1025},
    "an account without a name": {"serviceAccountName": ""},
    "a plan id with a line break": {"planId": "a\nb"},
}
WRONG_ACTIONS = {
    "an empty id": {"id": ""},
    "a long id": {"id": "x" * 129},
    "an id with a line break": {"id": "a\nb"},
    "no key": {"idempotencyKey": ""},
    "a long key": {"idempotencyKey": "x" * 129},
    "an unknown risk": {"risk": "none"},
    "no such duration": {"timeout": "60"},
    "too many retries": {"retries": 11},
    "fewer than no retries": {"retries": -1},
    "text for a number": {"retries": "3"},
    "a list for params": {"params": []},
    "a field that does not exist": {"dependOn": []},
}


@pytest.mark.parametrize("fields", WRONG.values(), ids=WRONG.keys())
def test_wrong(fields):
    """What is not written as documented is refused, not guessed at."""
    with pytest.raises(ValidationError):
        _read(**fields)


@pytest.mark.parametrize("fields", WRONG_ACTIONS.values(), ids=WRONG_ACTIONS.keys())
def test_wrong_actions(fields):
    """So it is in actions."""
    with pytest.raises(ValidationError):
        _action(**fields)


@pytest.mark.parametrize("value", [None, 7, "text", [1, {"a": None}], {"a": {"b": []}}])
def test_context(value):
    """The context is any JSON, and comes out as it went in."""
    assert _read(context=value).context == value
    assert _read(context=value).wire().get("context") == value


def test_ids_are_sentences():
    """People write sentences into ids, in any language."""
    assert _action(id="Zuerst das Zahlungs-Tool anlegen, 名前").id == "Zuerst das Zahlungs-Tool anlegen, 名前"


def test_what_an_approval_leaves_out():
    """What may change freely is never part of an approval, and every field that is left out exists."""
    assert set(FREELY_CHANGEABLE) < set(NOT_APPROVED) < set(PlanSpec.model_fields)


def test_every_field_is_explained():
    """Whoever asks kubectl explain gets an answer for each field."""
    for model in (PlanSpec, PlannedAction):
        assert [name for name, field in model.model_fields.items() if not field.description] == []
