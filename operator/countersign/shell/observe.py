"""Looks after the statuses of tools, providers and policies. Writes nothing else, and never keeps a plan waiting.

Told by `ingest` what has changed, each observer has a queue and a worker of its own. It finds out what `core.observing` needs to know,
lets it decide, and writes the status if it differs. Without an event it looks again after a while, because Secrets are not
watched and tools come and go.
"""

import asyncio
from collections.abc import Awaitable, Callable
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

Content = dict[str, Any]
Look = Callable[[Content], Awaitable[Recorded | None]]
"""The status as it should be now; None if nothing has to be said."""

log = structlog.get_logger()


@dataclass(kw_only=True)
class Observer:
    """Of one kind. `every` is how many seconds a status holds; `rng` spreads what was seen together.

    `leads` says whether this replica is the one that writes; if not, nothing is looked at.
    """

    store: Store
    client: ApiClient
    queue: WorkQueue
    look: Look
    every: float
    rng: Callable[[], float]
    leads: Callable[[], bool]
    _held: dict[Key, tuple[str, int, float]] = field(default_factory=dict, init=False)
    """Which generation of which object was looked at, and until when that holds."""

    @property
    def kind(self) -> ResourceKind:
        return self.store.kind

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
        content = self.store.get(key)
        if content is None or "deletionTimestamp" in content["metadata"] or not self.leads():
            self._held.pop(key, None)
            return
        uid, generation = content["metadata"]["uid"], content["metadata"]["generation"]
        if (left := self._left(key, uid, generation)) > 0:
            self.queue.add_after(key, seconds=left)
            return
        status = await self.look(content)
        if status is not None and status.wire() != content.get("status"):
            await self._write(content, status)
        seconds = self.every * (0.75 + self.rng() / 2)
        self._held[key] = (uid, generation, self.queue.clock() + seconds)
        self.queue.add_after(key, seconds=seconds)

    def _left(self, key: Key, uid: str, generation: int) -> float:
        """Seconds for which what was seen holds; our own write of the status is no news."""
        seen_uid, seen_generation, until = self._held.get(key, ("", 0, 0.0))
        return until - self.queue.clock() if (seen_uid, seen_generation) == (uid, generation) else 0.0

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
    """All of them; a kind that has none is of no interest."""

    each: tuple[Observer, ...]

    def notice(self, kind: ResourceKind, key: Key) -> None:
        for observer in self.each:
            if observer.kind == kind:
                observer.queue.add(key)

    def everything(self) -> None:
        """The replica that looked after them before is gone."""
        for observer in self.each:
            for key in observer.store.keys():  # noqa: SIM118  # a store is no dict
                observer.queue.add(key)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for observer in self.each:
                group.create_task(observer.run())
