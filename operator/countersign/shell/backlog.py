"""What is to be worked on next, as a plain data structure: no clock, no event loop, no randomness.

`queue` wraps it for asyncio. The rules: a key waits at most once; it is never handed out while it is being worked on, and if
it is added meanwhile it waits again afterwards; urgent keys go first, but cannot starve the others; within a priority
namespaces take turns, so that a thousand plans in one do not delay the single plan in another.
"""

import heapq
from collections import OrderedDict
from dataclasses import dataclass, field
from enum import IntEnum

from countersign.shell.key import Key

# After so many urgent keys in a row one other is taken: whoever can decide on plans could otherwise stop all others.
_URGENT_RUN = 8


class Priority(IntEnum):
    """URGENT is for what a person did and waits for."""

    URGENT = 0
    NORMAL = 1


@dataclass(frozen=True, slots=True)
class _Wish:
    """That a key be worked on; `since` when somebody first wanted that, or when the delay is over."""

    priority: Priority
    since: float

    def joined(self, other: "_Wish | None") -> "_Wish":
        if other is None:
            return self
        return _Wish(priority=min(self.priority, other.priority), since=min(self.since, other.since))


@dataclass(slots=True)
class _Lane:
    """The waiting keys of one priority. The first namespace is the next one; each is moved to the end when served."""

    namespaces: OrderedDict[str, OrderedDict[Key, None]] = field(default_factory=OrderedDict)

    def push(self, key: Key) -> None:
        self.namespaces.setdefault(key.namespace, OrderedDict())[key] = None

    def pull(self, key: Key) -> None:
        keys = self.namespaces[key.namespace]
        del keys[key]
        if not keys:
            del self.namespaces[key.namespace]

    def first(self) -> Key:
        namespace, keys = next(iter(self.namespaces.items()))
        self.namespaces.move_to_end(namespace)
        return next(iter(keys))


class Backlog:
    """Keys that wait, that are being worked on, and that shall wait later. Times are seconds of one clock."""

    def __init__(self) -> None:
        self._lanes = {priority: _Lane() for priority in Priority}
        self._waiting: dict[Key, _Wish] = {}
        self._running: dict[Key, float] = {}
        self._again: dict[Key, _Wish] = {}
        self._delayed: dict[Key, _Wish] = {}
        self._due: list[tuple[float, Key]] = []
        self._urgent_run = 0

    def add(self, key: Key, *, now: float, priority: Priority = Priority.NORMAL) -> None:
        self._want(key, _Wish(priority=priority, since=now))

    def add_at(self, key: Key, *, due: float, priority: Priority = Priority.NORMAL) -> None:
        """The earliest of several times counts."""
        old = self._delayed.get(key)
        self._delayed[key] = _Wish(priority=priority, since=due).joined(old)
        if old is None or due < old.since:
            heapq.heappush(self._due, (due, key))

    def take(self, *, now: float) -> tuple[Key, float] | None:
        """The next key and how long it waited; `done` must follow. None when nothing is due."""
        self.promote(now=now)
        if not self._waiting:
            return None
        lane = self._next_lane()
        key = lane.first()
        lane.pull(key)
        self._running[key] = now
        return key, now - self._waiting.pop(key).since

    def promote(self, *, now: float) -> int:
        """Let the keys wait whose delay is over. Returns how many wait now."""
        while (due := self.next_due()) is not None and due <= now:
            _, key = heapq.heappop(self._due)
            self._want(key, self._delayed.pop(key))
        return len(self._waiting)

    def done(self, key: Key) -> None:
        del self._running[key]
        if wish := self._again.pop(key, None):
            self._want(key, wish)

    def next_due(self) -> float | None:
        """When the next delay is over."""
        while self._due and not self._is_current(self._due[0]):
            heapq.heappop(self._due)
        return self._due[0][0] if self._due else None

    def oldest(self, *, now: float) -> float:
        """Seconds that the longest waiting key has waited."""
        return max((now - wish.since for wish in (*self._waiting.values(), *self._again.values())), default=0.0)

    def longest(self, *, now: float) -> float:
        """Seconds that the slowest key has been worked on."""
        return max((now - started for started in self._running.values()), default=0.0)

    def unfinished(self, *, now: float) -> float:
        """Seconds that all keys have been worked on, added up."""
        return sum(now - started for started in self._running.values())

    @property
    def depth(self) -> int:
        """How many keys wait, those that are to be worked on again included."""
        return len(self._waiting) + len(self._again)

    @property
    def running(self) -> int:
        return len(self._running)

    @property
    def delayed(self) -> int:
        return len(self._delayed)

    def _want(self, key: Key, wish: _Wish) -> None:
        if key in self._running:
            self._again[key] = wish.joined(self._again.get(key))
            return
        old = self._waiting.get(key)
        new = wish.joined(old)
        if old is not None and old.priority != new.priority:
            self._lanes[old.priority].pull(key)
        self._waiting[key] = new
        self._lanes[new.priority].push(key)

    def _is_current(self, entry: tuple[float, Key]) -> bool:
        """An entry of the heap is void when its key became due by an earlier one."""
        due, key = entry
        wish = self._delayed.get(key)
        return wish is not None and wish.since == due

    def _next_lane(self) -> _Lane:
        urgent, normal = self._lanes[Priority.URGENT], self._lanes[Priority.NORMAL]
        if not urgent.namespaces or (normal.namespaces and self._urgent_run >= _URGENT_RUN):
            self._urgent_run = 0
            return normal
        self._urgent_run += 1
        return urgent
