"""Lists every watched kind now and then and compares: a watch can miss a deletion, and then nothing else would notice."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import structlog

from countersign.errors import ClusterError
from countersign.shell.cache import Cache, Store
from countersign.shell.client import ApiClient
from countersign.shell.ingest import Ingest
from countersign.shell.masked import said

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """`due` asks for a sweep soon: a watch that began anew has missed what was deleted meanwhile.

    `settle` is how many seconds it is given to catch up before that.
    """

    client: ApiClient
    cache: Cache
    ingest: Ingest
    due: asyncio.Event
    every: float
    rng: Callable[[], float]
    settle: float = 5.0

    async def run(self) -> None:
        while True:
            await self._until_due()
            with contextlib.suppress(ClusterError):
                await self.once()

    async def once(self) -> None:
        """Every kind is tried; raises what was wrong with the first that could not be listed."""
        failures = [failure for store in self.cache.stores if (failure := await self._compare(store))]
        if failures:
            raise failures[0]

    async def _until_due(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.every * (0.75 + self.rng() / 2)):
                await self.due.wait()
                await asyncio.sleep(self.settle)
        self.due.clear()

    async def _compare(self, store: Store) -> ClusterError | None:
        try:
            listed = await self.client.list(store.kind, each=partial(self.ingest.packed, store.kind))
        except ClusterError as error:
            log.warning("kind not listed", kind=store.kind.kind, code=error.code, detail=said(error))
            return error
        missed = self.ingest.complete(store.kind, listed.items, resource_version=listed.resource_version)
        log.debug("swept", kind=store.kind.kind, objects=len(store), missed=missed)
        return None
