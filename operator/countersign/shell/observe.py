"""Looks after the statuses of what agents use, and of agents. Writes nothing else, and never keeps a plan waiting.

Told by `ingest` and `act` what has changed, each observer has a queue and a worker of its own. It finds out what `core.observing` needs
to know, lets it decide, and writes the status if it differs. Without an event it looks again after a while, because Secrets,
accounts and Deployments are not watched and tools come and go.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import structlog

from countersign.api.names import STATUS_MANAGER
from countersign.errors import ClusterError, Conflict, NotFound, Unavailable
from countersign.model.base import Recorded
from countersign.model.effect import ResourceKind
from countersign.shell.cache import Store
from countersign.shell.client import ApiClient
from countersign.shell.key import Key
from countersign.shell.masked import said
from countersign.shell.queue import WorkQueue

SOON = 2.0
"""Seconds after which something that is still moving is looked at again at the earliest."""

Content = dict[str, Any]
Follows = Callable[[ResourceKind, Key], Iterable[Key]]
"""The objects that depend on this object of another kind."""
Look = Callable[[Content], Awaitable[Recorded | None]]
"""The status as it should be now; None if nothing has to be said."""

log = structlog.get_logger()


def _nobody(_kind: ResourceKind, _key: Key) -> Iterable[Key]:
    """Depends on anything else."""
    return ()


def _always(_status: Any) -> bool:
    """Nothing of this kind changes by itself."""
    return True


@dataclass(frozen=True, slots=True)
class _Seen:
    """Which generation of which object was looked at, since when it says the same, and until when that holds."""

    uid: str
    generation: int
    since: float
    until: float


@dataclass(kw_only=True)
class Observer:
    """Of one kind. `every` is how many seconds a status holds; `rng` spreads what was seen together.

    `leads` says whether this replica is the one that writes; if not, nothing is looked at. A status that is not `settled` holds
    shorter: the longer it has said the same, the later it is asked again.
    """

    store: Store
    client: ApiClient
    queue: WorkQueue
    look: Look
    every: float
    rng: Callable[[], float]
    leads: Callable[[], bool]
    follows: Follows = _nobody
    settled: Callable[[Any], bool] = _always
    _held: dict[Key, _Seen] = field(default_factory=dict, init=False)
    _outdated: set[Key] = field(default_factory=set, init=False)
    """What depends on something that changed, perhaps while it was looked at."""

    @property
    def kind(self) -> ResourceKind:
        return self.store.kind

    def notice(self, kind: ResourceKind, key: Key) -> None:
        """Of its own kind only another generation is news, of others everything."""
        if kind == self.kind:
            self.queue.add(key)
        for follower in self.follows(kind, key):
            self._outdated.add(follower)
            self.queue.add(follower)

    async def run(self) -> None:
        """Until the queue stops; an object that cannot be observed never ends it."""
        while True:
            async with self.queue.claim() as key:
                if key is None:
                    return
                await self._survive(key)

    async def _survive(self, key: Key) -> None:
        try:
            await self.observe(key)
        except (Conflict, NotFound):
            # It has changed or gone meanwhile. The watch says so, too, but may be late.
            self.queue.retry(key)
        except Unavailable as error:
            self.queue.retry(key, at_least=error.retry_after or 0.0)
        except ClusterError as error:
            self.queue.retry(key)
            log.error("not observed", kind=self.kind.kind, object=str(key), code=error.code, detail=said(error))  # noqa: TRY400  # expected: no trace
        except Exception:
            self.queue.retry(key)
            log.exception("observer failed", kind=self.kind.kind, object=str(key))
        else:
            self.queue.forget(key)

    async def observe(self, key: Key) -> None:
        if key in self._outdated:
            self._outdated.discard(key)
            self._held.pop(key, None)
        content = self.store.get(key)
        if content is None or "deletionTimestamp" in content["metadata"] or not self.leads():
            self._held.pop(key, None)
            return
        if (left := self._left(key, content)) > 0:
            self.queue.add_after(key, seconds=left)
            return
        status = await self.look(content)
        news = status is not None and status.wire() != content.get("status")
        if status is not None and news:
            await self._write(content, status)
        self._hold(key, content, news=news, settled=status is None or self.settled(status))

    def _left(self, key: Key, content: Content) -> float:
        """Seconds for which what was seen holds; our own write of the status is no news."""
        seen = self._same(key, content)
        return seen.until - self.queue.clock() if seen else 0.0

    def _hold(self, key: Key, content: Content, *, news: bool, settled: bool) -> None:
        now, seen = self.queue.clock(), self._same(key, content)
        since = now if seen is None or news else seen.since
        pause = self.every if settled else min(self.every, max(SOON, now - since))
        seconds = pause * (0.75 + self.rng() / 2)
        metadata = content["metadata"]
        self._held[key] = _Seen(metadata["uid"], metadata["generation"], since=since, until=now + seconds)
        self.queue.add_after(key, seconds=seconds)

    def _same(self, key: Key, content: Content) -> _Seen | None:
        """What was seen of this very generation of this very object."""
        seen, metadata = self._held.get(key), content["metadata"]
        same = seen is not None and (seen.uid, seen.generation) == (metadata["uid"], metadata["generation"])
        return seen if same else None

    async def _write(self, content: Content, status: Recorded) -> None:
        named = {name: content["metadata"][name] for name in ("namespace", "name")}
        body = {
            "metadata": {**named, "resourceVersion": content["metadata"]["resourceVersion"]},
            "status": status.wire(),
        }
        applied = await self.client.apply(
            self.kind, **named, body=body, field_manager=STATUS_MANAGER, force=True, subresource="status"
        )
        self.store.upsert(applied.content)


@dataclass(frozen=True, slots=True)
class Observers:
    """All of them; a kind that nobody observes or follows is of no interest."""

    each: tuple[Observer, ...]

    def notice(self, kind: ResourceKind, key: Key) -> None:
        for observer in self.each:
            observer.notice(kind, key)

    def everything(self) -> None:
        """The replica that looked after them before is gone."""
        for observer in self.each:
            for key in observer.store.keys():  # noqa: SIM118  # a store is no dict
                observer.queue.add(key)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for observer in self.each:
                group.create_task(observer.run())
