"""What somebody waits for: `approved`, `finished`, or a condition of the plan, as kubectl names it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click

from countersign.cli.following import has_succeeded
from countersign.cli.plan import is_current
from countersign.core.snapshot import PlanObject

_CONDITION = "condition="


@dataclass(frozen=True, slots=True)
class Goal:
    """`name` is what was typed."""

    name: str
    reached: Callable[[PlanObject], bool]


class Goals(click.ParamType[Goal]):
    """Becomes a Goal."""

    name = "goal"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Goal:
        if isinstance(value, Goal):
            return value
        text = str(value)
        kind, _, truth = text.removeprefix(_CONDITION).partition("=")
        if text == "finished":
            return Goal(text, has_succeeded)
        if text == "approved":
            return _condition(text, "Approved", "True")
        if text.startswith(_CONDITION) and kind:
            return _condition(text, kind, truth or "True")
        return self.fail(f"{text} is no goal: write approved, finished or {_CONDITION}NAME[=VALUE]", param, ctx)


def _condition(name: str, kind: str, truth: str) -> Goal:
    """As `kubectl wait` compares them, without regard to case; a condition of an older generation tells nothing."""

    def reached(plan: PlanObject) -> bool:
        wanted = (kind.lower(), truth.lower())
        return is_current(plan) and any(
            (condition.type.lower(), condition.status.lower()) == wanted for condition in plan.status.conditions
        )

    return Goal(name, reached)
