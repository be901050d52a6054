"""Conditions carry the truth about a resource; this is the one rule for changing a list of them."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

from pydantic import Field

from countersign.model.base import Recorded

Truth = Literal["True", "False", "Unknown"]


class Condition(Recorded):
    """metav1.Condition."""

    type: Annotated[str, Field(max_length=64)]
    status: Truth
    reason: Annotated[str, Field(max_length=64)]
    message: Annotated[str, Field(max_length=1024)] = ""
    last_transition_time: Annotated[str, Field(max_length=40)]
    observed_generation: int = 0


def renew(recorded: Sequence[Condition], current: Iterable[Condition]) -> tuple[Condition, ...]:
    """`current`, sorted by type, each with the time at which its status last really changed."""
    before = {condition.type: condition for condition in recorded}
    return tuple(
        _since(before.get(condition.type), condition)
        for condition in sorted(current, key=lambda condition: condition.type)
    )


def _since(old: Condition | None, new: Condition) -> Condition:
    if old is None or old.status != new.status:
        return new
    return new.but(last_transition_time=old.last_transition_time)
