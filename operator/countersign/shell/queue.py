"""Hands the keys of plans to workers, one worker per key at a time, and decides when a failed one comes again.

Watches, the sweep and timers add keys; turns claim them. Which key is next is decided by `backlog`; here are the clock, the
waiting workers and the back-off of keys that failed.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from countersign.shell.backlog import Backlog, Priority
from countersign.shell.key import Key

# 2 to this power times any sensible base is far beyond any sensible cap, and still a float.
_MAX_DOUBLINGS = 40

_STUCK_SECONDS = 60.0

# Seconds after which a question is asked again; half of them is left to chance.
_SOONEST, _LATEST = 10.0, 60.0


def _unobserved(_seconds: float) -> None:
    """Nobody counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackOff:
    """Doubles from `base` to `cap` seconds. Half of it is left to chance, so that what failed together returns apart."""

    rng: Callable[[], float]
    base: float = 0.1
    cap: float = 300.0

    def seconds(self, failures: int) -> float:
        """The pause after so many failures in a row, counted from 1."""
        full = min(self.cap, self.base * 2.0 ** min(failures - 1, _MAX_DOUBLINGS))
        return full * (0.5 + self.rng() / 2)


@dataclass(kw_only=True)
class WorkQueue:
    """Belongs to one event loop, whose seconds `clock` gives; `waited` is told how long each key waited."""

    clock: Callable[[], float]
    back_off: BackOff
    waited: Callable[[float], None] = _unobserved
    adds: int = field(default=0, init=False)
    retries: int = field(default=0, init=False)
    _backlog: Backlog = field(default_factory=Backlog, init=False, repr=False)
    _failures: dict[Key, int] = field(default_factory=dict, init=False, repr=False)
    _idle: deque[asyncio.Future[None]] = field(default_factory=deque, init=False, repr=False)
    _alarm: asyncio.TimerHandle | None = field(default=None, init=False, repr=False)
    _stopped: bool = field(default=False, init=False)
    _drained: asyncio.Event = field(default_factory=asyncio.Event, init=False, repr=False)

    def add(self, key: Key, *, priority: Priority = Priority.NORMAL) -> None:
        self.adds += 1
        self._backlog.add(key, now=self.clock(), priority=priority)
        self._wake_one()

    def add_after(self, key: Key, *, seconds: float, priority: Priority = Priority.NORMAL) -> None:
        """The earliest of several times counts; an `add` in between does not take them back."""
        self._backlog.add_at(key, due=self.clock() + seconds, priority=priority)
        self._set_alarm()

    def retry(self, key: Key, *, at_least: float = 0.0) -> float:
        """Come again after the back-off of this key, or what a server asked for if that is longer. Returns the seconds."""
        return self._again(key, self.back_off, at_least)

    def ask_again(self, key: Key, *, at_least: float) -> float:
        """The same for what went well but for a question that was not answered: later at first, and never very late."""
        return self._again(key, replace(self.back_off, base=_SOONEST, cap=_LATEST), at_least)

    def _again(self, key: Key, back_off: BackOff, at_least: float) -> float:
        self.retries += 1
        self._failures[key] = self._failures.get(key, 0) + 1
        seconds = max(back_off.seconds(self._failures[key]), at_least)
        self.add_after(key, seconds=seconds)
        return seconds

    def forget(self, key: Key) -> None:
        """The key succeeded: its next failure counts as the first."""
        self._failures.pop(key, None)

    @asynccontextmanager
    async def claim(self) -> AsyncIterator[Key | None]:
        """Wait for a key and hold it for the length of the block. None means that the queue has stopped.

        A block that ends with an exception has failed, whatever it was: its key comes again after the back-off.
        """
        key = await self._next()
        if key is None:
            yield None
            return
        try:
            yield key
        except BaseException:
            self.retry(key)
            raise
        finally:
            self._release(key)

    def stop(self) -> None:
        """No key is given out any more; claims that wait get None. Keys can still be added: nothing is forgotten."""
        self._stopped = True
        if self._alarm is not None:
            self._alarm.cancel()
        while self._idle:
            self._wake_one()
        self._note_drained()

    async def drain(self, *, seconds: float) -> bool:
        """Stop, and wait for the keys that are being worked on. False when some are not done in that time."""
        self.stop()
        try:
            async with asyncio.timeout(seconds):
                await self._drained.wait()
        except TimeoutError:
            return False
        return True

    @property
    def depth(self) -> int:
        return self._backlog.depth

    @property
    def running(self) -> int:
        return self._backlog.running

    @property
    def delayed(self) -> int:
        return self._backlog.delayed

    @property
    def oldest_seconds(self) -> float:
        """How long the longest waiting key has waited: grows without end when no worker is left."""
        return self._backlog.oldest(now=self.clock())

    @property
    def longest_seconds(self) -> float:
        """How long the slowest key has been worked on: grows without end when a worker hangs."""
        return self._backlog.longest(now=self.clock())

    @property
    def is_stuck(self) -> bool:
        """Something waits and nobody works: no worker is left that would take it."""
        return not self._stopped and not self.running and self.oldest_seconds > _STUCK_SECONDS

    @property
    def unfinished_seconds(self) -> float:
        """How long all keys have been worked on, added up: a hundred short turns look like one that hangs."""
        return self._backlog.unfinished(now=self.clock())

    async def _next(self) -> Key | None:
        while not self._stopped:
            if taken := self._backlog.take(now=self.clock()):
                key, waited = taken
                self.waited(waited)
                return key
            await self._woken()
        return None

    async def _woken(self) -> None:
        """Between the look at the backlog and this nothing else runs, so no wake-up is missed."""
        call = asyncio.get_running_loop().create_future()
        self._idle.append(call)
        try:
            await call
        except asyncio.CancelledError:
            if call in self._idle:
                self._idle.remove(call)
            else:
                self._wake_one()  # the call was for whoever is there
            raise

    def _release(self, key: Key) -> None:
        self._backlog.done(key)
        self._wake_one()
        self._note_drained()

    def _note_drained(self) -> None:
        if self._stopped and not self._backlog.running:
            self._drained.set()

    def _wake_one(self) -> None:
        while self._idle:
            call = self._idle.popleft()
            if not call.done():
                call.set_result(None)
                return

    def _set_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        due = self._backlog.next_due()
        if due is not None and not self._stopped:
            loop = asyncio.get_running_loop()
            self._alarm = loop.call_later(max(0.0, due - self.clock()), self._ring)

    def _ring(self) -> None:
        """One worker for each key that waits; those that find none go back to sleep."""
        for _ in range(self._backlog.promote(now=self.clock())):
            self._wake_one()
        self._set_alarm()
