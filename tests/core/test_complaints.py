"""From pydantic's errors to sentences for people who wrote YAML."""

import pytest
from pydantic import Field, ValidationError, field_validator

from countersign.actions import ACTIONS
from countersign.api.plan_spec import PlanSpec
from countersign.core.complaints import _IN_WORDS, complaints
from countersign.model.base import Model
from countersign.model.digest import canonical


class Inner(Model):
    base_url: str = Field(pattern="^h", max_length=5)
    port: int = Field(default=1, ge=1, le=9)
    on: bool = False


class Outer(Model):
    name: str = Field(min_length=2)
    inner: Inner | None = None
    many: tuple[Inner, ...] = ()
    words: list[str] = Field(default=[], max_length=1, min_length=0)
    labels: dict[str, str] = Field(default_factory=dict)

    @field_validator("name")
    @classmethod
    def _not_bad(cls, value):
        if value == "bad":
            raise ValueError("name is bad: use another.")
        return value


def _said(value, **hints):
    with pytest.raises(ValidationError) as caught:
        Outer.read(canonical(value))
    return [complaint.message for complaint in complaints(caught.value, model=Outer, hints=hints)]


TABLE = {
    "missing": ({}, "name is required"),
    "not even a mapping": ([], "the value must be a mapping"),
    "a number for text": ({"name": 1}, "name must be a string"),
    "too short": ({"name": "a"}, "name must have at least 2 characters"),
    "too long": ({"name": "ab", "inner": {"baseUrl": "h" * 6}}, "inner.baseUrl must have at most 5 characters"),
    "another shape": ({"name": "ab", "inner": {"baseUrl": "x"}}, "inner.baseUrl must match ^h"),
    "text for a number": (
        {"name": "ab", "inner": {"baseUrl": "h", "port": "1"}},
        "inner.port must be a whole number, not text",
    ),
    "too small": ({"name": "ab", "inner": {"baseUrl": "h", "port": 0}}, "inner.port must be at least 1"),
    "too big": ({"name": "ab", "inner": {"baseUrl": "h", "port": 10}}, "inner.port must be at most 9"),
    "text for a switch": ({"name": "ab", "inner": {"baseUrl": "h", "on": "yes"}}, "inner.on must be true or false"),
    "no list": ({"name": "ab", "words": "x"}, "words must be a list"),
    "too many": ({"name": "ab", "words": ["a", "b"]}, "words must have at most 1 entries"),
    "no mapping": ({"name": "ab", "labels": []}, "labels must be a mapping"),
    "no object": ({"name": "ab", "many": [7]}, "many[0] must be a mapping"),
    "a rule of our own": ({"name": "bad"}, "name name is bad: use another"),
    "a typing error": ({"name": "ab", "namee": 1}, "namee is not a field here: did you mean name?"),
    "a typing error further in": (
        {"name": "ab", "many": [{"baseUrl": "h", "prt": 1}]},
        "many[0].prt is not a field here: did you mean port?",
    ),
    "nothing like it": ({"name": "ab", "zzz": 1}, "zzz is not a field here: remove it"),
    "python's name of a field": (
        {"name": "ab", "inner": {"baseUrl": "h", "base_url": "h"}},
        "inner.base_url is not a field here: did you mean baseUrl?",
    ),
}


@pytest.mark.parametrize(("value", "message"), TABLE.values(), ids=TABLE.keys())
def test_sentences(value, message):
    """Each complaint names the field, the problem and, where there is one, the remedy."""
    assert _said(value) == [message]


def test_hints():
    """Well-known mistakes have their own remedy."""
    assert _said({"name": "ab", "url": 1}, url="write inner.baseUrl") == [
        "url is not a field here: write inner.baseUrl"
    ]
    many = {"name": "ab", "many": [{"baseUrl": "h"}, {"baseUrl": "h", "ports": 1}]}
    assert _said(many, **{"many[].ports": "write port"}) == ["many[1].ports is not a field here: write port"]


def test_sorted():
    """All complaints, sorted by path."""
    assert [message.split()[0] for message in _said({"words": 1, "labels": 1})] == ["labels", "name", "words"]


def test_guesses_are_for_people():
    """Remedies are worked out for the first hundred wrong fields; the others are still named."""
    messages = _said({"name": "ab", **{f"field{number:03}": 1 for number in range(120)}})
    assert [message.endswith("remove it") for message in messages] == [True] * 100 + [False] * 20
    assert messages[-1] == "field119 is not a field here"


def test_inside_something_without_fields():
    """Where a model has no fields of its own there is nothing to guess."""
    with pytest.raises(ValidationError) as caught:
        Outer.read(canonical({"name": "ab", "inner": {"baseUrl": "h", "deep": 1}}))
    (complaint,) = complaints(caught.value, model=Inner, hints={})
    assert complaint.message == "inner.deep is not a field here: remove it"


def test_patterns_in_words_are_in_use():
    """A pattern that changes takes its sentence with it: each is one of a field of plans."""
    models = [PlanSpec, *(action.params for action in ACTIONS.values())]
    used = {found for model in models for found in _patterns(model.model_json_schema())}
    assert set(_IN_WORDS) - used == set()


def _patterns(schema):
    if isinstance(schema, list):
        return {found for each in schema for found in _patterns(each)}
    if not isinstance(schema, dict):
        return set()
    own = {schema["pattern"]} if isinstance(schema.get("pattern"), str) else set()
    return own | {found for each in schema.values() for found in _patterns(each)}
