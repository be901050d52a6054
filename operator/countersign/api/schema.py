"""Pydantic models as the structural schemas that a CustomResourceDefinition accepts.

pydantic writes JSON Schema 2020-12, the API server reads a stricter dialect of OpenAPI 3.0. What has an equal there is rewritten;
what has none is refused, because a check that is silently dropped is one that nobody misses until it matters.
Takes the models of api/ and actions/, gives crd.py its schemas.
"""

from typing import Any

from pydantic import BaseModel

from countersign.api.manifest import JSON

_KEPT = (
    "type",
    "description",
    "format",
    "enum",
    "default",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
)
_REWRITTEN = (
    "const",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "properties",
    "required",
    "items",
    "additionalProperties",
)
_DROPPED = ("title", "x-countersign-any")
_EXTENSION = "x-kubernetes-"
_FREE = "x-kubernetes-preserve-unknown-fields"


class StructureError(ValueError):
    """The model says something that a CustomResourceDefinition cannot say; the message names the place."""


def schema(model: type[BaseModel]) -> JSON:
    """The structural schema of the model, references inlined, in a stable order."""
    emitted = model.model_json_schema(by_alias=True)
    return _structural(_inlined(emitted, definitions=emitted.get("$defs", {})), at=model.__name__)


def without_defaults(node: JSON) -> JSON:
    """The same schema for what only the operator writes: the server must never fill in a verdict of its own."""
    return {key: _undefaulted(key, value) for key, value in node.items() if key != "default"}


def _undefaulted(key: str, value: Any) -> Any:
    match key:
        case "properties":
            return {name: without_defaults(field) for name, field in value.items()}
        case "items" | "additionalProperties":
            return without_defaults(value)
        case _:
            return value


def _inlined(node: Any, *, definitions: JSON, inside: tuple[str, ...] = ()) -> Any:
    """References replaced by what they refer to; what stands beside a reference wins."""
    match node:
        case {"$ref": reference, **beside}:
            name = reference.rpartition("/")[2]
            if name in inside:
                raise StructureError(f"{name}: it contains itself, which a structural schema cannot say")
            return {**_inlined(definitions[name], definitions=definitions, inside=(*inside, name)), **beside}
        case dict():
            return {
                key: _inlined(value, definitions=definitions, inside=inside)
                for key, value in node.items()
                if key != "$defs"
            }
        case list():
            return [_inlined(value, definitions=definitions, inside=inside) for value in node]
        case _:
            return node


def _structural(raw: JSON, *, at: str) -> JSON:
    node = _not_null(raw, at=at)
    if "x-countersign-any" in node:
        return {**_taken(node, ("description",)), _FREE: True}
    _refuse_strangers(node, at=at)
    return {**_taken(node, _KEPT), **_values(node), **_extensions(node), **_children(node, at=at)}


def _not_null(raw: JSON, *, at: str) -> JSON:
    """Without `or null`: a field that may be null may be left out, which is the same to people and simpler to the server."""
    node = {key: value for key, value in raw.items() if not (key == "default" and value is None)}
    if "anyOf" not in node:
        return node
    choices = [choice for choice in node.pop("anyOf") if choice.get("type") != "null"]
    if len(choices) != 1:
        raise StructureError(f"{at}: a union has no structural equal, give each type a field of its own")
    return {**choices[0], **node}


def _refuse_strangers(node: JSON, *, at: str) -> None:
    known = {*_KEPT, *_REWRITTEN, *_DROPPED}
    strangers = sorted(key for key in node if key not in known and not key.startswith(_EXTENSION))
    if strangers:
        raise StructureError(f"{at}: {', '.join(strangers)} has no structural equal")
    if "type" not in node:
        raise StructureError(f"{at}: mark a field that takes any JSON with ANY_JSON")


def _values(node: JSON) -> JSON:
    """Constants, exclusive bounds and integers in the words of OpenAPI 3.0."""
    rewritten: JSON = {"format": "int64"} if node["type"] == "integer" else {}
    if "const" in node:
        rewritten["enum"] = [node["const"]]
    for side in ("minimum", "maximum"):
        exclusive = f"exclusive{side.capitalize()}"
        if exclusive in node:
            rewritten |= {side: node[exclusive], exclusive: True}
    return rewritten


def _extensions(node: JSON) -> JSON:
    return {key: value for key, value in sorted(node.items()) if key.startswith(_EXTENSION)}


def _children(node: JSON, *, at: str) -> JSON:
    match node:
        case {"properties": fields}:
            return _fields(fields, required=node.get("required", []), at=at)
        case {"additionalProperties": dict(values)}:
            return {"additionalProperties": _structural(values, at=f"{at}.*")}
        case {"type": "object"} if not node.get(_FREE):
            raise StructureError(f"{at}: say what the map holds, or mark it with {_FREE}")
        case {"type": "array", "items": items}:
            # kubectl apply compares lists as a whole, and a default inside one would be a difference for ever.
            return {"items": without_defaults(_structural(items, at=f"{at}[]"))}
        case {"type": "array"}:
            raise StructureError(f"{at}: say what the list holds")
        case _:
            return {}


def _fields(fields: JSON, *, required: list[str], at: str) -> JSON:
    needed = [name for name in required if not _nullable(fields[name])]
    return {
        **({"required": needed} if needed else {}),
        "properties": {name: _structural(field, at=f"{at}.{name}") for name, field in fields.items()},
    }


def _nullable(field: JSON) -> bool:
    return any(choice.get("type") == "null" for choice in field.get("anyOf", []))


def _taken(node: JSON, keys: tuple[str, ...]) -> JSON:
    return {key: node[key] for key in keys if key in node}
