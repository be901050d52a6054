"""A client that is disturbed right before or right after it writes: by somebody else, by the network, by the clock."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from countersign.shell.client import ApiClient, Applied


async def _nothing() -> None:
    """Nobody disturbs."""


@dataclass(frozen=True)
class Meddled(ApiClient):
    """`before` and `after` each real apply; dry runs and reads are left alone."""

    before: Callable[[], Awaitable[None]] = _nothing
    after: Callable[[], Awaitable[None]] = _nothing

    async def apply(self, *what: Any, dry_run: bool = False, **how: Any) -> Applied:
        if dry_run:
            return await super().apply(*what, dry_run=True, **how)
        await self.before()
        done = await super().apply(*what, **how)
        await self.after()
        return done
