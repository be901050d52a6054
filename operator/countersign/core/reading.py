"""From the spec as its author wrote it to the typed one, or why it is no plan. Nothing else looks at what was not read here."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from pydantic import ValidationError

from countersign.api.plan_spec import MAX_SPEC_BYTES, PlanSpec
from countersign.core.complaints import complaints
from countersign.core.snapshot import PlanObject
from countersign.model import path
from countersign.model.digest import canonical
from countersign.model.finding import Code, Finding
from countersign.model.path import Part

_SAFE = 2**53 - 1
_DEEPEST = 64
_SHOWN = 8
_MOST_UNFIT = 100


def read_spec(plan: PlanObject) -> PlanSpec | tuple[Finding, ...]:
    """What the author wrote, or why it is no plan."""
    if plan.spec_bytes > MAX_SPEC_BYTES:
        message = f"the spec has {plan.spec_bytes} bytes, at most {MAX_SPEC_BYTES} are allowed: split the plan"
        return (Finding(Code.OVERSIZED, message, path="spec"),)
    unfit = tuple(islice(_unfit(plan.spec, ("spec",)), _MOST_UNFIT))
    if unfit:
        return unfit
    try:
        return PlanSpec.read(canonical(plan.spec))
    except ValidationError as error:
        found = complaints(error, model=PlanSpec, hints={})
        return tuple(
            Finding(Code.INVALID_SPEC, complaint.message, path=path.show(("spec", *complaint.path)))
            for complaint in found
        )
    except ValueError:
        message = "the spec cannot be written as JSON: name fields with text, and write whole characters only"
        return (Finding(Code.INVALID_SPEC, message, path="spec"),)


def _unfit(value: Any, where: tuple[Part, ...]) -> Iterator[Finding]:
    """What JSON of other languages would change on the way, or what is nested so deeply that reading it is a danger."""
    if len(where) > _DEEPEST:
        message = f"the spec is nested more than {_DEEPEST} levels deep: make it flatter"
        yield Finding(Code.INVALID_SPEC, message, path=path.show(where[:_SHOWN]))
        return
    match value:
        case bool():
            return
        case int() | float() if not abs(value) <= _SAFE:
            message = (
                f"{path.show(where)} is beyond 2^53 and does not survive JSON: write it as text or make it smaller"
            )
            yield Finding(Code.UNSAFE_INTEGER, message, path=path.show(where))
        case Mapping():
            for key in sorted(value, key=str):
                yield from _unfit(value[key], (*where, key))
        case list():
            for index, item in enumerate(value):
                yield from _unfit(item, (*where, index))
        case _:
            return
