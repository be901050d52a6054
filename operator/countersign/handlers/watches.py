"""kopf as plumbing: it lists and watches, tells us of each event, and writes nothing to any object.

kopf runs in a thread with an event loop of its own, because when it ends it cancels every task of its loop that is younger
than itself. It ends on some watch errors; then it is started again, and what it told us stays in the cache meanwhile.
"""

import asyncio
import contextlib
import itertools
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import kopf
import structlog

from countersign.handlers.apart import run_apart
from countersign.handlers.served import require_served
from countersign.model.effect import ResourceKind
from countersign.shell.client import CHUNK
from countersign.shell.connection import Connection
from countersign.shell.guarded import LABELLED, PART_OF
from countersign.shell.packed import Packed
from countersign.shell.pulse import Pulse

_LONGEST_PAUSE = 30.0

log = structlog.get_logger()

Pack = Callable[[ResourceKind, dict[str, Any]], Packed]
"""Makes an object small; called in kopf's thread."""

Sink = Callable[[ResourceKind, str, Packed], None]
"""Takes kind, event type ("" for an object of the first list) and object; called in the loop that runs the watches."""


class _NoDiffBase(kopf.DiffBaseStorage):
    """We compare nothing with what was there before, so nothing has to be remembered on the object."""

    def build(self, **_: Any) -> Any:
        return {}

    def fetch(self, **_: Any) -> None:
        return None

    def store(self, **_: Any) -> None:
        return None


class _NoProgress(kopf.ProgressStorage):
    """We have no handlers that could be half done."""

    def fetch(self, **_: Any) -> None:
        return None

    def store(self, **_: Any) -> None:
        return None

    def purge(self, **_: Any) -> None:
        return None

    def clear(self, *, essence: Any) -> Any:
        return essence

    def touch(self, **_: Any) -> None:
        return None


class _Forever(Iterable[float]):
    """Pauses before kopf's next try: capped, spread, without end, as its own default ends the operator after 54 s."""

    def __iter__(self) -> Iterator[float]:
        steps = itertools.chain((0.5, 1, 2, 4, 8, 16), itertools.repeat(_LONGEST_PAUSE))
        return (step * (0.5 + random.random() / 2) for step in steps)  # noqa: S311  # spreads retries, keeps no secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Watches:
    """`restarted` is told why kopf ended each time it did."""

    connection: Connection
    kinds: tuple[ResourceKind, ...]
    pack: Pack
    sink: Sink
    restarted: Callable[[str], None]
    pauses: Iterable[float] = field(default_factory=_Forever)
    """Seconds before each new start; begun anew after a long run."""
    pulse: Pulse = field(default_factory=Pulse)
    """Lost when kopf's event loop hangs."""

    async def run(self) -> None:
        """Until cancelled. However kopf ends, it is started again."""
        loop = asyncio.get_running_loop()
        pauses = iter(self.pauses)
        while True:
            began = loop.time()
            why = await run_apart(partial(self._watch, loop), name="watches")
            if loop.time() - began > _LONGEST_PAUSE:
                pauses = iter(self.pauses)
            log.warning("watches restart", detail=why)
            self.restarted(why)
            await asyncio.sleep(next(pauses))

    async def _watch(self, home: asyncio.AbstractEventLoop) -> None:
        connection = self.connection.apart()
        await require_served(connection, self.kinds)
        registry = kopf.OperatorRegistry()
        _log_in(registry, connection, pauses=iter(self.pauses))
        for kind in self.kinds:
            handler = _handler(kind, pack=self.pack, sink=self.sink, home=home)
            kopf.on.event(kind.group, kind.version, kind.plural, registry=registry)(handler)
        async with self.pulse.beating():
            # Without a flag to stop it by, for which kopf would wait 5 s whenever it ends: it is cancelled instead.
            await kopf.operator(registry=registry, settings=_settings(self.pauses), standalone=True, clusterwide=True)


def _log_in(registry: kopf.OperatorRegistry, connection: Connection, *, pauses: Iterator[float]) -> None:
    """Kopf asks again at once whenever the server says 401, so a token that stays refused has to be slowed down here."""
    before_next = itertools.chain((0.0,), pauses)

    @kopf.on.login(registry=registry)
    async def login(**_: Any) -> kopf.AiohttpSession:
        await asyncio.sleep(next(before_next))
        session = connection.session(user_agent="countersign-watches")
        return kopf.AiohttpSession(server=connection.server, aiohttp_session=session)


def _handler(kind: ResourceKind, *, pack: Pack, sink: Sink, home: asyncio.AbstractEventLoop) -> Callable[..., Any]:
    async def on_event(event: Any, **_: Any) -> None:
        packed = pack(kind, event["object"])
        # While the operator stops, its loop may be closed before kopf has ended.
        with contextlib.suppress(RuntimeError):
            home.call_soon_threadsafe(sink, kind, event["type"] or "", packed)

    return on_event


def _settings(pauses: Iterable[float]) -> kopf.OperatorSettings:
    settings = kopf.OperatorSettings()
    settings.persistence.diffbase_storage = _NoDiffBase()
    settings.persistence.progress_storage = _NoProgress()
    settings.posting.enabled = False
    settings.peering.standalone = True
    settings.scanning.disabled = True
    settings.process.ultimate_exiting_timeout = None
    settings.networking.error_backoffs = pauses
    settings.networking.request_timeout = 30.0
    settings.networking.connect_timeout = 5.0
    # Until then the last event of each object is kept, and the first list tells of all of them.
    settings.queueing.idle_timeout = 0.05
    settings.watching.initial_streaming = False
    settings.watching.chunk_size = CHUNK
    settings.watching.server_timeout = 300
    settings.watching.client_timeout = 330
    for kind in LABELLED:
        settings.watching.label_selectors[kind.group, kind.version, kind.plural] = PART_OF
    return settings
