"""The operator, put together: connection, cache, queue, guard, workers and watches, from start to orderly stop."""

import asyncio
import contextlib
import random
import signal
from collections.abc import AsyncIterator, Coroutine
from datetime import UTC, datetime
from typing import Any

import structlog

from countersign.api.names import PLAN
from countersign.api.rbac import kinds_written
from countersign.core.snapshot import Rules
from countersign.handlers.watches import Watches
from countersign.model.effect import ResourceKind
from countersign.settings import Settings
from countersign.shell import health, secret_key
from countersign.shell.act import Executor
from countersign.shell.cache import Cache
from countersign.shell.client import ApiClient
from countersign.shell.connection import Connection
from countersign.shell.guard import GUARDED, GuardKeeper
from countersign.shell.ingest import Ingest
from countersign.shell.interest import Interest
from countersign.shell.look import Looker
from countersign.shell.metrics import Metrics
from countersign.shell.queue import BackOff, WorkQueue
from countersign.shell.report import Reporter
from countersign.shell.sweep import Sweep
from countersign.shell.transport import Transport
from countersign.shell.turns import Turns

_DRAIN_SECONDS = 20.0
_STUCK_SECONDS = 300.0

log = structlog.get_logger()


async def operate(connection: Connection, settings: Settings) -> None:
    """Until SIGTERM or SIGINT; then no new key is taken and the running turns are finished."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    metrics = Metrics(host=connection.server)
    async with connection.session(user_agent="countersign") as session:
        transport = Transport(
            connection=connection, session=session, max_in_flight=settings.max_in_flight, observe=metrics.request
        )
        client = ApiClient(transport)
        cache = Cache((PLAN, *kinds_written()))
        queue = WorkQueue(clock=asyncio.get_running_loop().time, back_off=BackOff(rng=random.random))
        parts = _Parts(client=client, cache=cache, queue=queue, metrics=metrics, settings=settings)
        metrics.watch(cache, queue)
        async with parts.serving(), _background(parts.guard.run(), parts.sweep.run()) as start:
            await parts.sweep.first()
            key = await secret_key.fetch(client, settings.install)
            turns = parts.turns(key)
            watches = Watches(
                connection=connection,
                kinds=(*cache_kinds(cache), *GUARDED),
                sink=parts.ingest.event,
                restarted=metrics.restart,
            )
            # Judging without a verdict of the guard would tell every waiting plan that it is missing.
            await parts.guard.check(drill=True)
            start()
            watches.start()
            workers = [asyncio.create_task(turns.work(), name=f"worker-{number}") for number in range(settings.workers)]
            log.info("ready", plans=len(cache[PLAN]), server=connection.server)
            await stop.wait()
            log.info("stopping")
            await queue.drain(seconds=_DRAIN_SECONDS)
            await asyncio.gather(*workers)
            await watches.stop()


def cache_kinds(cache: Cache) -> tuple[ResourceKind, ...]:
    return tuple(store.kind for store in cache.stores)


class _Parts:
    """What stands between the client and the turns."""

    def __init__(
        self, *, client: ApiClient, cache: Cache, queue: WorkQueue, metrics: Metrics, settings: Settings
    ) -> None:
        self.client, self.cache, self.queue, self.metrics, self.settings = client, cache, queue, metrics, settings
        self.interest = Interest()
        self.guard = GuardKeeper(
            client=client,
            install=settings.install,
            drill_every=settings.drill_every.total_seconds(),
            changed=self._guard_changed,
        )
        self.ingest = Ingest(cache=cache, queue=queue, interest=self.interest, guard_changed=self.guard.wake)
        self.sweep = Sweep(
            client=client,
            cache=cache,
            ingest=self.ingest,
            every=settings.sweep_every.total_seconds(),
            rng=random.random,
        )

    def _guard_changed(self) -> None:
        self.metrics.guard_ok.set(int(self.guard.state.ok))
        self.ingest.everything()

    def turns(self, key: bytes) -> Turns:
        looker = Looker(client=self.client, cache=self.cache)
        return Turns(
            client=self.client,
            cache=self.cache,
            queue=self.queue,
            guard=self.guard,
            rules=Rules(
                key=key,
                executors=self.settings.install.executors,
                expires_after=self.settings.expires_after,
                revalidate_after=self.settings.revalidate_after,
            ),
            looker=looker,
            executor=Executor(client=self.client, looker=looker, key=key, rng=random.random),
            reporter=Reporter(client=self.client, observe=self.metrics.status),
            interest=self.interest,
            now=lambda: datetime.now(UTC),
            rng=random.random,
            observe=self.metrics.turn,
        )

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        if not self.settings.http_address:
            yield
            return
        runner = await health.serve(
            self.settings.http_address, registry=self.metrics.registry, healthy=self._unhealthy, ready=self._unready
        )
        try:
            yield
        finally:
            await runner.cleanup()

    def _unhealthy(self) -> str:
        if self.queue.longest_seconds > _STUCK_SECONDS:
            return f"a turn has taken more than {int(_STUCK_SECONDS)} s"
        if self.queue.oldest_seconds > _STUCK_SECONDS:
            return f"a plan has waited more than {int(_STUCK_SECONDS)} s for its turn"
        return ""

    def _unready(self) -> str:
        if not self.cache.synced:
            return "not every kind has been listed yet"
        return "" if self.guard.checked else "the admission policies have not been checked yet"


@contextlib.asynccontextmanager
async def _background(*jobs: Coroutine[Any, Any, None]) -> AsyncIterator[Any]:
    """Run these from the moment the body says so until it ends."""
    tasks: list[asyncio.Task[None]] = []

    def start() -> None:
        tasks.extend(asyncio.create_task(job) for job in jobs)

    try:
        yield start
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if not tasks:
            for job in jobs:
                job.close()
