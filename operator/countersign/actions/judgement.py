"""Rules about risk as tables: what an object is, and what it turns into. Each that holds anywhere is one factor.

`tool_risk`, `provider_risk` and `policy_risk` write the tables over their views of an object. A change that makes something
look harmless is the dangerous one, so what it was counts as much as what it becomes.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from countersign.actions.base import Seen
from countersign.model.risk import Factor, Level

View = TypeVar("View")


@dataclass(frozen=True, slots=True)
class State(Generic[View]):
    """Something that an object is, before the change or after it. `why` names no values: risks stand in the plan's status."""

    rule: str
    why: str
    holds: Callable[[View], bool]
    level: Level = Level.HIGH


@dataclass(frozen=True, slots=True)
class Step(Generic[View]):
    """Something that changes from an object to the next; new objects have nothing to lose."""

    rule: str
    why: str
    holds: Callable[[View, View], bool]
    level: Level = Level.HIGH


@dataclass(frozen=True, slots=True)
class Rulebook(Generic[View]):
    """Both tables, and how to look at an object."""

    view: Callable[[Any], View]
    states: tuple[State[View], ...]
    steps: tuple[Step[View], ...]

    def judge(self, seen: tuple[Seen, ...], *, proposed: Iterable[View] = ()) -> Iterator[Factor]:
        """The maximum over what is proposed, what is there, what results, and the step between the last two."""
        steps = [(self.view(one.live), self.view(one.result)) for one in seen if one.live is not None]
        states = [*proposed, *(self.view(one.result) for one in seen), *(old for old, _ in steps)]
        for state in self.states:
            if any(state.holds(view) for view in states):
                yield Factor(state.level, state.rule, state.why)
        for step in self.steps:
            if any(step.holds(old, new) for old, new in steps):
                yield Factor(step.level, step.rule, step.why)
