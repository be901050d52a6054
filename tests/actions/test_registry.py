"""Every registered action type keeps the contract, whoever wrote it."""

import inspect
import json
import re
from typing import ClassVar

import pytest

from countersign.actions import ACTIONS
from countersign.actions.base import ActionType, World
from countersign.model.base import Model
from countersign.model.credential import suspicious
from countersign.model.digest import canonical
from countersign.model.effect import TOOL, Target
from countersign.model.risk import Factor

TYPES = [pytest.param(action, id=name) for name, action in sorted(ACTIONS.items())]
_UNSTRUCTURAL = {
    "oneOf",
    "allOf",
    "not",
    "if",
    "discriminator",
    "patternProperties",
    "propertyNames",
    "prefixItems",
    "const",
}


class Nothing(ActionType[Model]):
    """The least a type can be."""

    type = "nothing.do"
    params = Model
    example: ClassVar = {}
    kinds = ()

    def compile(self, params, world):
        return ()

    def assess(self, params, seen):
        return ()


def _parsed(action):
    return action.params.read(canonical(action.example))


def _places(node, at="params"):
    """Every schema inside a JSON schema, with where it stands."""
    match node:
        case dict():
            if "type" in node or "enum" in node:
                yield at, node
            for key, value in node.items():
                yield from _places(value, f"{at}.{key}")
        case list():
            for index, value in enumerate(node):
                yield from _places(value, f"{at}[{index}]")


def test_least():
    """A type that checks nothing, needs nothing and waits for nothing need not say so."""
    least, params, world = Nothing(), Model(), World("team-a")
    asked = (least.reads, least.references, least.examine, least.awaited)
    assert (*least.check(params), *(found for ask in asked for found in ask(params, world))) == ()
    assert least.settle(params, world) is None
    assert Nothing().hints == {}


def test_world():
    """A world holds what was looked up in one namespace."""
    world = World("team-a", objects={Target(TOOL, "team-a", "payments"): {"spec": {}}})
    assert world.find(TOOL, "payments") == {"spec": {}}
    assert world.find(TOOL, "other") is None


def test_names():
    """Every type is registered once, under its own name, which reads as noun and verb."""
    assert all(action.type == name for name, action in ACTIONS.items())
    assert len({type(action) for action in ACTIONS.values()}) == len(ACTIONS)
    assert all(re.fullmatch(r"[a-z_]+\.[a-z_]+", name) for name in ACTIONS)


@pytest.mark.parametrize("action", TYPES)
def test_docstrings(action):
    """A type, its module and each of its fields say what they are for."""
    assert type(action).__doc__
    assert inspect.getmodule(type(action)).__doc__
    schema = action.params.model_json_schema()
    assert [f"{at}.{name}" for at, name, field in _fields(schema) if not _described(schema, field)] == []


def _fields(schema):
    return [(at, name, field) for at, node in _places(schema) for name, field in node.get("properties", {}).items()]


def _described(schema, field):
    """A field that says the same as its own model leaves it to the model."""
    return field.get("description") or _resolved(schema, field).get("description")


@pytest.mark.parametrize("action", TYPES)
def test_example(action):
    """The example parses, has nothing wrong with it and carries no credential."""
    assert list(action.check(_parsed(action))) == []
    assert list(suspicious(dict(action.example))) == []


@pytest.mark.parametrize("action", TYPES)
def test_effects(action):
    """The example has effects, always the same, in the namespace asked for, of kinds that the type declares."""
    effects = action.compile(_parsed(action), World("team-a"))
    assert effects == action.compile(_parsed(action), World("team-a"))
    assert effects
    assert {effect.target.kind for effect in effects} <= set(action.kinds)
    assert {effect.target.namespace for effect in effects} == {"team-a"}
    assert all(kind.namespaced for kind in action.kinds)
    assert all(json.loads(canonical(dict(effect.fields))) == effect.fields for effect in effects)
    assert not any({"apiVersion", "kind", "status"} & effect.fields.keys() for effect in effects)


@pytest.mark.parametrize("action", TYPES)
def test_risk(action):
    """The example has at least one reason for its risk, even before anything was seen, and says so without a stop."""
    factors = action.assess(_parsed(action), ())
    assert factors
    assert all(isinstance(factor, Factor) and factor.rule and factor.why for factor in factors)
    assert not any(factor.why.endswith(".") or "\n" in factor.why for factor in factors)


@pytest.mark.parametrize("action", TYPES)
def test_hints(action):
    """Hints are for fields that the type does not have."""
    for path, remedy in action.hints.items():
        assert not _known(action.params.model_json_schema(), path.split("."))
        assert not remedy.endswith(".")


def _known(schema, parts):
    node = schema
    for part in parts:
        node = _resolved(schema, node).get("properties", {}).get(part)
        if node is None:
            return False
    return True


def _resolved(schema, node):
    choices = [node, *node.get("anyOf", [])]
    reference = next((choice["$ref"] for choice in choices if "$ref" in choice), None)
    return schema["$defs"][reference.rpartition("/")[2]] if reference else node


@pytest.mark.parametrize("action", TYPES)
def test_bounds(action):
    """Every string, list, map and number of the params has a bound, so that none can fill the store or the rule budget."""
    unbounded = [at for at, node in _places(action.params.model_json_schema()) if not _bounded(node)]
    assert unbounded == []


def _bounded(node):
    match node.get("type"):
        case "string":
            return "maxLength" in node or "enum" in node
        case "array":
            return "maxItems" in node
        case "integer" | "number":
            return "maximum" in node
        case "object":
            return "properties" in node or "maxProperties" in node
        case _:
            return True


@pytest.mark.parametrize("action", TYPES)
def test_structural(action):
    """The params use nothing that a structural schema cannot say."""
    places = list(_places(action.params.model_json_schema()))
    assert [(at, key) for at, node in places for key in node if key in _UNSTRUCTURAL] == []
    assert all(len(node.get("anyOf", [])) in (0, 2) for _, node in places)
