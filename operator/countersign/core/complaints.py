"""Turns pydantic's errors into sentences with a path, for people who wrote YAML and have never heard of pydantic."""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from countersign.model import address, duration, path
from countersign.model.path import Part

_HELPED = 100
_INDEX = re.compile(r"\[[0-9]+\]")


@dataclass(frozen=True, slots=True)
class Complaint:
    """`unknown` marks a field that the model does not have."""

    path: tuple[Part, ...]
    message: str
    unknown: bool = False


def _fixed(sentence: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda _: sentence


_IN_WORDS = {
    r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$": "must consist of lower case letters, digits and -, and begin and end with a letter or digit",
    address.PATTERN: "must begin with http:// or https:// and have no blanks",
    duration.PATTERN: "must be a length of time such as 30s, 5m or 1h30m",
}
"""The patterns that people run into, said so that nobody has to read them."""

_SENTENCES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "missing": _fixed("is required"),
    "extra_forbidden": _fixed("is not a field here"),
    "string_type": _fixed("must be a string"),
    "string_too_short": lambda ctx: f"must have at least {ctx['min_length']} characters",
    "string_too_long": lambda ctx: f"must have at most {ctx['max_length']} characters",
    "string_pattern_mismatch": lambda ctx: _IN_WORDS.get(ctx["pattern"], f"must match {ctx['pattern']}"),
    "int_type": _fixed("must be a whole number, not text"),
    "bool_type": _fixed("must be true or false"),
    "list_type": _fixed("must be a list"),
    "dict_type": _fixed("must be a mapping"),
    "model_type": _fixed("must be a mapping"),
    "model_attributes_type": _fixed("must be a mapping"),
    "enum": lambda ctx: f"must be one of {ctx['expected']}",
    "literal_error": lambda ctx: f"must be one of {ctx['expected']}",
    "too_short": lambda ctx: f"must have at least {ctx['min_length']} entries",
    "too_long": lambda ctx: f"must have at most {ctx['max_length']} entries",
    "greater_than_equal": lambda ctx: f"must be at least {ctx['ge']}",
    "less_than_equal": lambda ctx: f"must be at most {ctx['le']}",
}


def complaints(error: ValidationError, *, model: type[BaseModel], hints: Mapping[str, str]) -> tuple[Complaint, ...]:
    """All of them, sorted by path. `hints` name the right field for well-known wrong ones; `[]` stands for any entry."""
    details = error.errors(include_url=False, include_input=False)
    found = sorted(map(_complaint, details), key=lambda complaint: path.show(complaint.path))
    # To guess what was meant takes long, and nobody reads the guesses for ten thousand wrong fields.
    helped = (_with_remedy(complaint, model=model, hints=hints) for complaint in found[:_HELPED])
    return (*helped, *found[_HELPED:])


def _complaint(detail: ErrorDetails) -> Complaint:
    where = tuple(detail["loc"])
    say = _SENTENCES.get(detail["type"], _fixed(_plain(detail["msg"])))
    message = f"{path.show(where) or 'the value'} {say(detail.get('ctx', {}))}"
    return Complaint(path=where, message=message, unknown=detail["type"] == "extra_forbidden")


def _with_remedy(complaint: Complaint, *, model: type[BaseModel], hints: Mapping[str, str]) -> Complaint:
    if not complaint.unknown:
        return complaint
    remedy = _remedy(complaint.path, model=model, hints=hints)
    return replace(complaint, message=complaint.message + remedy)


def _plain(message: str) -> str:
    """What our own validators say comes prefixed by pydantic; its own sentences end in a full stop."""
    return message.removeprefix("Value error, ").rstrip(".")


def _remedy(where: tuple[Part, ...], *, model: type[BaseModel], hints: Mapping[str, str]) -> str:
    hint = hints.get(_INDEX.sub("[]", path.show(where)))
    if hint is not None:
        return f": {hint}"
    close = difflib.get_close_matches(str(where[-1]), _fields(model, where[:-1]), n=1)
    return f": did you mean {close[0]}?" if close else ": remove it"


def _fields(model: type[BaseModel], where: Iterable[Part]) -> tuple[str, ...]:
    current: type[BaseModel] = model
    for part in where:
        if isinstance(part, int):
            continue
        field = next((info for name, info in current.model_fields.items() if part in (info.alias, name)), None)
        inner = _inner_model(field.annotation) if field else None
        if inner is None:
            return ()
        current = inner
    return tuple(info.alias or name for name, info in current.model_fields.items())


def _inner_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for arg in getattr(annotation, "__args__", ()) if (found := _inner_model(arg))), None)
