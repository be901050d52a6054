"""An action type that calls, and whom it calls: somebody in memory who counts what is asked of him, by key, and can misbehave.

No type of the registry makes calls yet; this one is there for tests of what becomes of them.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from countersign.actions.base import ActionType
from countersign.core.steps import Done, Failure, Unsure
from countersign.model.base import Model
from countersign.model.effect import TOOL, Apply, Call, ResourceKind
from countersign.model.facts import CannotTell, Happened, NotHappened, Occurrence, Unavailable
from countersign.model.risk import Factor, Level

COUNT = ResourceKind(group="test.countersign.dev", version="v1", kind="Count", plural="counts")
Fault = Literal["", "busy", "refused", "unreachable", "lost", "vanished", "slow"]
"""Lost: done, but the answer did not arrive. Vanished: not done, and no answer. Slow: done some time later."""


class CountParams(Model):
    """What is done, in this order: `call NAME` or `tool NAME`."""

    does: list[str]


class Counting(ActionType[CountParams]):
    """Makes calls, and tools between them."""

    type = "test.count"
    params = CountParams
    kinds = (TOOL,)
    calls = (COUNT,)
    example: ClassVar[Mapping[str, Any]] = {"does": ["call a"]}

    def compile(self, params, world):
        return tuple(self._effect(*step.split(), world) for step in params.does)

    def _effect(self, what, name, world):
        if what == "tool":
            return Apply(world.at(TOOL, name), {"spec": {"connection": {"baseUrl": "https://between.example.com"}}})
        fields = {"spec": {"amount": 1, "token": f"token-of-{name}"}}
        return Call(world.at(COUNT, name), fields, sensitive=(("spec", "token"),))

    def assess(self, params, seen):
        return (Factor(Level.LOW, "count", "counting harms nobody"),)


def a_count(*does: str, name: str = "count", **rest: Any) -> dict[str, Any]:
    """An action of that type."""
    action = {"id": name, "type": "test.count", "idempotencyKey": f"{name}.v1", **rest}
    return {**action, "params": {"does": list(does)}}


@dataclass
class Counted:
    """`faults` are what happens to the next calls; `tells` says whether it can be asked.

    `before` is called before each call arrives, and may raise.
    """

    faults: list[Fault] = field(default_factory=list)
    tells: bool = True
    away: bool = False
    before: Callable[[], None] = lambda: None
    counts: Counter[str] = field(default_factory=Counter)
    called: list[str] = field(default_factory=list)
    """Names of the targets, in the order in which something was done."""
    late: list[tuple[str, str]] = field(default_factory=list)
    """What is still under way."""

    def call(self, name: str, key: str) -> Done | Failure | Unsure:
        self.before()
        match self.faults.pop(0) if self.faults else "":
            case "":
                self._do(name, key)
                return Done()
            case "busy":
                return Failure("Unavailable", f"Count {name} was answered with 503", passing=True)
            case "refused":
                return Failure("Refused", f"Count {name} was answered with 422", passing=False)
            case "unreachable":
                return Failure("Unavailable", f"Count {name}: connection refused", passing=True)
            case "lost":
                self._do(name, key)
            case "slow":
                self.late.append((name, key))
        return Unsure("Timeout", "not done within 60 s")

    def outcome(self, key: str, *, late: bool) -> Occurrence:
        """`late`: nothing is under way any more."""
        if late:
            self.arrive()
        if self.away:
            return Unavailable("no answer within 10 s")
        if not self.tells:
            return CannotTell("it keeps no record")
        return Happened() if self.counts[key] else NotHappened()

    def arrive(self) -> None:
        """What was under way gets there."""
        for name, key in self.late:
            self._do(name, key)
        self.late.clear()

    def _do(self, name: str, key: str) -> None:
        self.counts[key] += 1
        self.called.append(name)
