"""Whether an event loop in another thread still turns: it beats, and whoever asks from elsewhere sees when it last did."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

_EVERY = 1.0
_SILENT_SECONDS = 60.0


@dataclass(kw_only=True)
class Pulse:
    """Without a heart that beats nothing is wrong: what is not running cannot hang."""

    clock: Callable[[], float] = time.monotonic
    _last: float | None = field(default=None, init=False)

    @property
    def is_lost(self) -> bool:
        last = self._last
        return last is not None and self.clock() - last > _SILENT_SECONDS

    @asynccontextmanager
    async def beating(self) -> AsyncIterator[None]:
        """In the loop that is watched, for the length of the block."""
        heart = asyncio.create_task(self._beat())
        try:
            yield
        finally:
            heart.cancel()
            self._last = None

    async def _beat(self) -> None:
        while True:
            self._last = self.clock()
            await asyncio.sleep(_EVERY)
