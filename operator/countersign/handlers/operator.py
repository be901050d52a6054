"""The operator, put together: cache, queue, guard, workers and watches. `operating` begins and ends it."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from socket import gethostname

import structlog

from countersign.api.names import APPROVAL_POLICY, PLAN
from countersign.api.plan_status import PlanStatus
from countersign.api.resources import DOMAIN
from countersign.core.news import news
from countersign.core.snapshot import PlanObject, Rules
from countersign.handlers.patience import patiently
from countersign.handlers.watches import Watches
from countersign.model.effect import NAMESPACE
from countersign.settings import Settings
from countersign.shell import health, secret_key
from countersign.shell.act import Executor
from countersign.shell.buckets import Buckets
from countersign.shell.cache import Cache
from countersign.shell.calls import Callers
from countersign.shell.client import Clients
from countersign.shell.connection import Connection
from countersign.shell.events import Announcer
from countersign.shell.guard import GuardKeeper
from countersign.shell.guarded import GUARDED
from countersign.shell.ingest import Ingest
from countersign.shell.interest import Interest
from countersign.shell.look import Looker
from countersign.shell.means import Means
from countersign.shell.metrics import Metrics
from countersign.shell.observe import Observers
from countersign.shell.observers import observers
from countersign.shell.pulse import Pulse
from countersign.shell.queue import BackOff, WorkQueue
from countersign.shell.report import Reporter
from countersign.shell.roll import following
from countersign.shell.sweep import Sweep
from countersign.shell.turns import Turns

_DRAIN_SECONDS = 20.0

log = structlog.get_logger()


class Operator:
    """Everything that lives as long as the process."""

    def __init__(
        self,
        connection: Connection,
        clients: Clients,
        settings: Settings,
        metrics: Metrics,
        *,
        buckets: Buckets,
        callers: Callers,
    ) -> None:
        self.connection, self.settings, self.metrics = connection, settings, metrics
        self.client, self.unfenced, self.buckets, self.callers = clients.fenced, clients.unfenced, buckets, callers
        self.cache = Cache((PLAN, APPROVAL_POLICY, NAMESPACE, *DOMAIN))
        self.queue = WorkQueue(
            clock=asyncio.get_running_loop().time, back_off=BackOff(rng=random.random), waited=metrics.queued
        )
        self.roll = following(self.cache[PLAN], settings, wake=self.queue.add)
        self.announcer = Announcer(client=self.unfenced, instance=gethostname(), dropped=metrics.event_dropped)
        self.interest, self.pulse = Interest(), Pulse()
        self.turns: Turns | None = None
        self.guard = GuardKeeper(
            client=self.client,
            install=settings.install,
            drill_every=settings.drill_every.total_seconds(),
            changed=self._guard_changed,
            trusted=settings.trusted_mutators,
        )
        self.observers = self._observers()
        self.sweep_due = asyncio.Event()
        self.ingest = self._ingest()
        metrics.watch(self.cache, self.queue, buckets.leading)

    async def live(self) -> None:
        """Until cancelled, or until any part fails, which ends all others."""
        sweep = self._sweep()
        await patiently(sweep.once)
        # The first replicas of all need a key before any of them may lead.
        key = await patiently(lambda: secret_key.fetch(self.unfenced, self.settings.install))
        # Judging without a verdict of the guard would tell every waiting plan that it is missing.
        await self.guard.check(drill=True)
        self.turns = self._turns(key)
        log.info("ready", plans=len(self.cache[PLAN]), server=self.connection.server)
        async with asyncio.TaskGroup() as group:
            parts = (
                self.guard.run(),
                sweep.run(),
                self._watches().run(),
                self.observers.run(),
                self.announcer.run(),
                self.buckets.run(self._gained),
            )
            for part in parts:
                group.create_task(part)
            for _ in range(self.settings.workers):
                group.create_task(self.turns.work())

    async def drain(self) -> None:
        if not await self.queue.drain(seconds=_DRAIN_SECONDS):
            log.warning("stopping in the middle of a turn; the next operator goes on from there")
        await self.buckets.release()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        if not self.settings.http_address:
            yield
            return
        runner = await health.serve(
            self.settings.http_address, registry=self.metrics.registry, healthy=self._unhealthy, ready=self._unready
        )
        log.info("serving", addresses=[f"{address[0]}:{address[1]}" for address in runner.addresses])
        try:
            yield
        finally:
            await runner.cleanup()

    def _observers(self) -> Observers:
        return observers(
            client=self.client,
            cache=self.cache,
            settings=self.settings,
            now=lambda: datetime.now(UTC),
            rng=random.random,
            leads=self.buckets.leads,
        )

    def _ingest(self) -> Ingest:
        return Ingest(
            cache=self.cache,
            queue=self.queue,
            interest=self.interest,
            guard_changed=self.guard.wake,
            relisted=self.sweep_due.set,
            noticed=self.observers.notice,
        )

    def _sweep(self) -> Sweep:
        return Sweep(
            client=self.client,
            cache=self.cache,
            ingest=self.ingest,
            due=self.sweep_due,
            every=self.settings.sweep_every.total_seconds(),
            rng=random.random,
        )

    def _watches(self) -> Watches:
        return Watches(
            connection=self.connection,
            kinds=(*(store.kind for store in self.cache.stores), *GUARDED),
            pack=self.ingest.packed,
            sink=self.ingest.event,
            restarted=self._watches_restarted,
            pulse=self.pulse,
        )

    def _turns(self, key: bytes) -> Turns:
        looker = Looker(client=self.client, cache=self.cache, roll=self.roll, callers=self.callers)
        means = Means(
            client=self.client,
            cache=self.cache,
            queue=self.queue,
            guard=self.guard,
            rules=Rules(
                key=key,
                executors=self.settings.install.executors,
                expires_after=self.settings.expires_after,
                revalidate_after=self.settings.revalidate_after,
                installation=self.settings.installation,
                open_plans=self.settings.max_open_plans,
            ),
            looker=looker,
            executor=Executor(
                client=self.client,
                looker=looker,
                key=key,
                rng=random.random,
                noticed=self.observers.notice,
                callers=self.callers,
                fence=self.buckets.fence,
            ),
            reporter=Reporter(client=self.client, observe=self._wrote),
            interest=self.interest,
            roll=self.roll,
            now=lambda: datetime.now(UTC),
            rng=random.random,
        )
        return Turns(means=means, observe=self.metrics.turn, buckets=self.buckets)

    def _gained(self) -> None:
        """What the replica before us left, goes on now; what the guard has found out meanwhile may be written down."""
        self.guard.wake()
        self.ingest.everything()
        self.observers.everything()

    def _guard_changed(self) -> None:
        self.metrics.guard(ok=self.guard.state.ok)
        self.ingest.everything()

    def _wrote(self, plan: PlanObject, before: PlanStatus, after: PlanStatus) -> None:
        self.metrics.status(before, after)
        self.announcer.announce(plan, news(before, after))

    def _watches_restarted(self, why: str) -> None:
        self.metrics.restart(why)
        self.guard.lose_sight()
        self.sweep_due.set()

    @property
    def _unhealthy(self) -> health.Complaint:
        """A blocked event loop shows as no answer at all."""
        return health.first(
            ("a turn hangs", lambda: self.turns is not None and self.turns.overdue),
            ("nobody takes the plans that wait", lambda: self.queue.is_stuck),
            ("the watches hang", lambda: self.pulse.is_lost),
        )

    @property
    def _unready(self) -> health.Complaint:
        """Whoever stands by is ready too."""
        return health.first(
            ("not every kind has been listed yet", lambda: not self.cache.synced),
            ("the admission policies have not been checked yet", lambda: not self.guard.checked),
        )
