"""How pydantic models become structural schemas, and what is refused because it has no equal there."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from countersign.api.plan_spec import ANY_JSON
from countersign.api.schema import StructureError, schema, without_defaults
from countersign.model.base import Model


def of(kind: Any, **extra: Any) -> dict[str, Any]:
    """The schema of one field of this type."""
    model = type("Holder", (Model,), {"__annotations__": {"it": kind}, **extra})
    return schema(model)["properties"]["it"]


class Inner(Model):
    """An inner thing."""

    name: Annotated[str, Field(max_length=5)]
    """Its name."""


class Outer(Model):
    """An outer thing."""

    one: Inner
    """The one that counts."""
    many: Annotated[tuple[Inner, ...], Field(max_length=3)] = ()
    maybe: Inner | None = None
    by_name: Annotated[dict[str, Inner], Field(max_length=2)] = Field(default={})


def test_references_are_inlined():
    """A CRD knows no $ref; the docstring of the field wins over that of the type."""
    fields = schema(Outer)["properties"]

    inner = {
        "required": ["name"],
        "properties": {"name": {"type": "string", "description": "Its name.", "maxLength": 5}},
    }
    assert fields["one"] == {"type": "object", "description": "The one that counts.", **inner}
    assert fields["many"]["items"] == {"type": "object", "description": "An inner thing.", **inner}
    assert fields["maybe"] == {"type": "object", "description": "An inner thing.", **inner}
    assert fields["byName"]["additionalProperties"] == fields["maybe"]
    assert fields["byName"]["maxProperties"] == 2


def test_only_what_has_to_be_there_is_required():
    """A field with a default is not, and neither is one that may be null."""

    class Some(Model):
        must: bool
        may: bool = True
        null: bool | None
        gone: bool | None = None

    assert schema(Some)["required"] == ["must"]
    assert all("null" not in str(field) for field in schema(Some)["properties"].values())


def test_a_model_without_required_fields_lists_none():
    """An empty list of required fields is refused by the server."""
    assert "required" not in schema(type("Nothing", (Model,), {"__annotations__": {"a": bool}, "a": True}))


def test_defaults_stay_in_a_spec():
    """The server fills them in, so that everybody sees them."""
    assert of(bool, it=True)["default"] is True
    assert of(str | None, it=None) == {"type": "string"}


def test_defaults_go_in_a_status():
    """At every depth: the server must not invent a verdict."""
    plain = without_defaults(schema(Outer))

    assert "default" not in plain["properties"]["many"]
    assert without_defaults({"type": "array", "items": {"type": "string", "default": "x"}})["items"] == {
        "type": "string"
    }
    assert without_defaults({"additionalProperties": {"default": 1}}) == {"additionalProperties": {}}


def test_a_field_called_default_is_a_field():
    """Names of fields are never taken for keywords."""
    assert without_defaults({"properties": {"default": {"type": "string", "default": "x"}}}) == {
        "properties": {"default": {"type": "string"}}
    }


def test_a_constant_is_an_enum_of_one():
    """OpenAPI 3.0 has no const."""
    assert of(Literal["a"]) == {"type": "string", "enum": ["a"]}
    assert of(Literal["a", "b"]) == {"type": "string", "enum": ["a", "b"]}


def test_exclusive_bounds_are_flags():
    """In OpenAPI 3.0 the bound is one keyword and its exclusion another."""
    assert of(Annotated[int, Field(gt=1, le=9)]) == {
        "type": "integer",
        "format": "int64",
        "minimum": 1,
        "exclusiveMinimum": True,
        "maximum": 9,
    }
    assert of(Annotated[float, Field(ge=0.5, lt=2)]) == {
        "type": "number",
        "minimum": 0.5,
        "maximum": 2.0,
        "exclusiveMaximum": True,
    }


def test_extensions_pass_through():
    """What only Kubernetes understands is written into the model as it is."""
    rules = [{"rule": "self", "message": "m"}]

    assert (
        of(Annotated[bool, Field(json_schema_extra={"x-kubernetes-validations": rules})])["x-kubernetes-validations"]
        == rules
    )


def test_any_json_has_no_type():
    """A string, a number or a tree: the server keeps it and looks at nothing."""
    kind = Annotated[Any, Field(json_schema_extra=ANY_JSON, description="Anything.")]

    assert of(kind, it=None) == {"description": "Anything.", "x-kubernetes-preserve-unknown-fields": True}


def test_a_free_map_has_to_say_so():
    """Marked, it is an object of which nothing is known."""
    kind = Annotated[dict[str, Any], Field(json_schema_extra={"x-kubernetes-preserve-unknown-fields": True})]

    assert of(kind) == {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


class Tree(Model):
    """Contains itself."""

    branches: tuple["Tree", ...] = ()


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        (str | int, "Holder.it: a union has no structural equal, give each type a field of its own"),
        (list[str | int], "Holder.it[]: a union"),
        (dict[str, str | int], "Holder.it.*: a union"),
        (tuple[str, int], "Holder.it: prefixItems has no structural equal"),
        (Annotated[set[str], Field(max_length=3)], "Holder.it: uniqueItems has no structural equal"),
        (dict[Annotated[str, Field(pattern="a")], str], "Holder.it: patternProperties has no structural equal"),
        (dict[str, Any], "Holder.it: say what the map holds, or mark it with x-kubernetes-preserve-unknown-fields"),
        (list, "Holder.it[]: mark a field that takes any JSON with ANY_JSON"),
        (Any, "Holder.it: mark a field that takes any JSON with ANY_JSON"),
        (
            Annotated[list[str], Field(json_schema_extra=lambda it: it.pop("items"))],
            "Holder.it: say what the list holds",
        ),
        (Tree, "Tree: it contains itself, which a structural schema cannot say"),
    ],
    ids=[
        "a union",
        "a union in a list",
        "a union in a map",
        "a tuple",
        "a set",
        "keys with a pattern",
        "a map of anything",
        "a list of anything",
        "anything",
        "a list without items",
        "itself",
    ],
)
def test_what_has_no_equal_is_refused(kind, says):
    """Loudly, naming the place: a check that is silently dropped is missed too late."""
    with pytest.raises(StructureError) as refusal:
        of(kind)

    assert says in str(refusal.value)


def test_a_discriminated_union_is_refused():
    """Branches of oneOf may not have types."""

    class A(BaseModel):
        kind: Literal["a"]

    class B(BaseModel):
        kind: Literal["b"]

    with pytest.raises(StructureError, match="discriminator, oneOf has no structural equal"):
        of(Annotated[A | B, Field(discriminator="kind")])


def test_no_default_inside_a_list():
    """Items of lists carry no defaults, so that applying the same list again is no difference."""

    class Item(Model):
        tags: Annotated[list[Annotated[str, Field(max_length=9)]], Field(max_length=9)] = Field(default=[])

    class Holder(Model):
        items: Annotated[list[Item], Field(max_length=9)] = Field(default=[])

    item = schema(Holder)["properties"]["items"]["items"]
    assert "default" not in item["properties"]["tags"]
    assert schema(Holder)["properties"]["items"]["default"] == []
