"""kopf as plumbing: it lists and watches, tells us of each event, and writes nothing to any object.

kopf runs in a thread with an event loop of its own, because when it ends it cancels every task of its loop that is younger
than itself. It ends on some watch errors; then it is started again, and what it told us stays in the cache meanwhile.
"""

import asyncio
import itertools
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import kopf
import structlog

from countersign.model.effect import ResourceKind
from countersign.shell.connection import Connection
from countersign.shell.guard import GUARDED, PART_OF

_LONGEST_PAUSE = 30.0

log = structlog.get_logger()

Sink = Callable[[ResourceKind, str, dict[str, Any]], None]
"""Takes kind, event type ("" for an object of the first list) and object; called in the thread of the main loop."""


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
    """Back-offs of kopf's requests: capped, spread, without end, as the default ends the operator after 54 s."""

    def __iter__(self) -> Iterator[float]:
        steps = itertools.chain((0.5, 1, 2, 4, 8, 16), itertools.repeat(_LONGEST_PAUSE))
        return (step * (0.5 + random.random() / 2) for step in steps)  # noqa: S311  # spreads retries, keeps no secret


@dataclass(kw_only=True)
class Watches:
    """`restarted` is told why kopf ended each time it did."""

    connection: Connection
    kinds: tuple[ResourceKind, ...]
    sink: Sink
    restarted: Callable[[str], None]
    last_event: float = field(default=0.0, init=False)
    _stop: threading.Event = field(default_factory=threading.Event, init=False)
    _thread: threading.Thread | None = field(default=None, init=False)
    _main: asyncio.AbstractEventLoop | None = field(default=None, init=False)

    def start(self) -> None:
        self._main = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._supervise, name="watches", daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join, 5.0)

    def _supervise(self) -> None:
        """Start kopf, and start it again with growing pauses, until told to stop."""
        failures = 0
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                asyncio.run(self._watch())
                why = "ended"
            except Exception as error:  # noqa: BLE001  # whatever kopf dies of, it is started again
                why = f"{type(error).__name__}: {error}"
            if self._stop.is_set():
                return
            failures = 0 if time.monotonic() - began > _LONGEST_PAUSE else failures + 1
            log.warning("watches restart", detail=why)
            self.restarted(why)
            self._stop.wait(min(_LONGEST_PAUSE, 0.25 * 2**failures))

    async def _watch(self) -> None:
        registry = kopf.OperatorRegistry()
        self._register(registry)
        await kopf.operator(
            registry=registry,
            settings=_settings(),
            standalone=True,
            clusterwide=True,
            stop_flag=self._stop,
        )

    def _register(self, registry: kopf.OperatorRegistry) -> None:
        @kopf.on.login(registry=registry)
        async def login(**_: Any) -> kopf.AiohttpSession:
            session = self.connection.session(user_agent="countersign-watches")
            return kopf.AiohttpSession(server=self.connection.server, aiohttp_session=session)

        for kind in self.kinds:
            kopf.on.event(kind.group, kind.version, kind.plural, registry=registry)(self._handler(kind))

    def _handler(self, kind: ResourceKind) -> Callable[..., Any]:
        async def on_event(event: Any, **_: Any) -> None:
            self.last_event = time.monotonic()
            assert self._main is not None  # noqa: S101  # set by start
            self._main.call_soon_threadsafe(self.sink, kind, event["type"] or "", dict(event["object"]))

        return on_event


def _settings() -> kopf.OperatorSettings:
    settings = kopf.OperatorSettings()
    settings.persistence.diffbase_storage = _NoDiffBase()
    settings.persistence.progress_storage = _NoProgress()
    settings.posting.enabled = False
    settings.peering.standalone = True
    settings.scanning.disabled = True
    settings.process.ultimate_exiting_timeout = None
    settings.networking.error_backoffs = _Forever()
    settings.networking.request_timeout = 30.0
    settings.networking.connect_timeout = 5.0
    settings.queueing.idle_timeout = 0.3
    settings.watching.initial_streaming = False
    settings.watching.chunk_size = 500
    settings.watching.server_timeout = 300
    settings.watching.client_timeout = 330
    for kind in GUARDED:
        settings.watching.label_selectors[kind.group, kind.version, kind.plural] = PART_OF
    return settings
