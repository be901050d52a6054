"""Lists every watched kind now and then and compares: a watch can miss a deletion, and then nothing else would notice."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from countersign.errors import ClusterError
from countersign.shell.cache import Cache
from countersign.shell.client import ApiClient
from countersign.shell.ingest import Ingest

_UNTIL_SERVED = 1.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    client: ApiClient
    cache: Cache
    ingest: Ingest
    every: float
    rng: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def first(self) -> None:
        """Until every kind was seen completely. CRDs that are not installed yet are waited for."""
        while True:
            try:
                await self.once()
            except ClusterError as error:
                log.warning("waiting for the API server", detail=error.message)
                await self.sleep(_UNTIL_SERVED)
            else:
                return

    async def run(self) -> None:
        while True:
            await self.sleep(self.every * (0.75 + self.rng() / 2))
            try:
                await self.once()
            except ClusterError as error:
                log.warning("sweep skipped", detail=error.message)

    async def once(self) -> None:
        for store in self.cache.stores:
            listed = await self.client.list(store.kind)
            missed = self.ingest.complete(store.kind, listed.items, resource_version=listed.resource_version)
            log.debug("swept", kind=store.kind.kind, objects=len(store), missed=missed)
