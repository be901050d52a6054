"""The attempts that are in flight, each a task of its own."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from countersign.core.steps import Attempt, Result


@dataclass(frozen=True, slots=True)
class Flight:
    """`carry_out` is what an attempt is given to."""

    carry_out: Callable[[Attempt], Awaitable[Result]]
    _tasks: dict[asyncio.Future[Result], Attempt] = field(default_factory=dict, init=False)

    def begin(self, attempt: Attempt) -> None:
        self._tasks[asyncio.ensure_future(self.carry_out(attempt))] = attempt

    @property
    def seconds(self) -> float:
        """How long the slowest may still take at most."""
        return max((attempt.timeout.total_seconds() for attempt in self._tasks.values()), default=0.0)

    async def landed(self, *, within: float | None = None) -> list[tuple[Attempt, Result]]:
        """Those that have ended, as soon as there is one; none if none did in that time. Raises what an attempt raised."""
        done, _ = await asyncio.wait(self._tasks, timeout=within, return_when=asyncio.FIRST_COMPLETED)
        return [(self._tasks.pop(task), task.result()) for task in list(self._tasks) if task in done]

    async def land(self) -> None:
        """Wait for all of them, whatever becomes of them: an effect that is under way is never called back."""
        if self._tasks:
            await asyncio.wait(self._tasks)
