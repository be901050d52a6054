"""What the operator knows of the cluster without asking: the last seen state of every watched object.

Fed by the watches (`upsert`, `remove`) and the sweep (`replace`), read by observe. Events may come late, twice and out of
order, and a watch may miss a deletion; whatever comes, a store only moves forward in resourceVersions.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from countersign.model.effect import ResourceKind
from countersign.shell.key import Key
from countersign.shell.packed import Packed, pack
from countersign.shell.version import is_later

# Longer than any watch lags behind: kopf gives up a silent one after 70 s, and the sweep comes every 10 minutes.
_TOMBSTONE_SECONDS = 1800.0


@dataclass(frozen=True, slots=True)
class Difference:
    """What a complete list told that the watches had not."""

    added: tuple[Key, ...] = ()
    changed: tuple[Key, ...] = ()
    vanished: tuple[Key, ...] = ()


Follower = Callable[[Key, dict[str, Any] | None], None]
"""Is told what an object is now; None: gone."""


@dataclass(frozen=True, slots=True)
class _Tombstone:
    """Whatever the name stood for up to this version is gone."""

    uid: str
    version: str
    expires: float


class Store:
    """All objects of one kind. They rest packed: each `get` unpacks one, what is asked of all is answered without that."""

    def __init__(self, kind: ResourceKind, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.kind = kind
        self.synced = False  # whether a complete list was ever seen
        self._clock = clock
        self._objects: dict[Key, Packed] = {}
        self._by_plan: dict[str, set[Key]] = {}
        self._by_namespace: dict[str, set[Key]] = {}
        self._all: tuple[dict[str, Any], ...] | None = None
        self._tombstones: OrderedDict[Key, _Tombstone] = OrderedDict()
        self._followers: list[Follower] = []

    def __len__(self) -> int:
        return len(self._objects)

    def follow(self, follower: Follower) -> None:
        """From now on it is told of each new state right after it is in place, whoever brought it."""
        self._followers.append(follower)

    def get(self, key: Key) -> dict[str, Any] | None:
        known = self._objects.get(key)
        return None if known is None else known.unpack()

    def resting(self, key: Key) -> Packed | None:
        """For whoever only asks which object it is, and which state of it."""
        return self._objects.get(key)

    def keys(self) -> tuple[Key, ...]:
        return tuple(sorted(self._objects))

    def each(self) -> Iterator[Packed]:
        """In no order."""
        return iter(self._objects.values())

    def all(self) -> tuple[dict[str, Any], ...]:
        """For kinds with few objects, which stay unpacked until one of them changes: they are shared, so only read them."""
        if self._all is None:
            self._all = tuple(self._objects[key].unpack() for key in self.keys())
        return self._all

    def of_plan(self, uid: str) -> tuple[dict[str, Any], ...]:
        """What carries the label of that plan."""
        return tuple(self._objects[key].unpack() for key in sorted(self._by_plan.get(uid, ())))

    def of_namespace(self, namespace: str) -> tuple[dict[str, Any], ...]:
        return tuple(self._objects[key].unpack() for key in sorted(self._by_namespace.get(namespace, ())))

    def upsert(self, content: Mapping[str, Any]) -> bool:
        """Whether anything but the version is new. A state older than the known one, or of a buried object, is ignored."""
        return self.take(pack(content))

    def take(self, new: Packed) -> bool:
        """The same for one that is packed already."""
        old = self._objects.get(new.key)
        if self._is_buried(new) or (old is not None and not _follows(new, old)):
            return False
        self._put(new)
        return old is None or old.text != new.text

    def remove(self, last: Packed) -> bool:
        """Whether the object was known. `last` is its last state: what is known to be later than that stays."""
        self._bury(last.key, uid=last.uid, version=last.version)
        known = self._objects.get(last.key)
        if known is None or is_later(known.version, than=last.version, otherwise=known.uid != last.uid):
            return False
        self._drop(last.key)
        return True

    def replace(self, contents: Iterable[Packed], *, resource_version: str) -> Difference:
        """Take over a complete list as of `resource_version`. What a watch saw after that moment stays."""
        listed = {content.key: content for content in contents}
        vanished = [key for key in self._objects if key not in listed and self._is_gone(key, as_of=resource_version)]
        for key in vanished:
            self._bury(key, uid=self._objects[key].uid, version=resource_version)
            self._drop(key)
        known = frozenset(self._objects)
        news = [key for key, content in sorted(listed.items(), key=_by_key) if self.take(content)]
        self.synced = True
        return Difference(
            added=tuple(key for key in news if key not in known),
            changed=tuple(key for key in news if key in known),
            vanished=tuple(sorted(vanished)),
        )

    def _is_gone(self, key: Key, *, as_of: str) -> bool:
        return not is_later(self._objects[key].version, than=as_of, otherwise=False)

    def _is_buried(self, new: Packed) -> bool:
        """An object that only left the selection of a watch comes back with its uid, but then with a later version."""
        tomb = self._tombstones.get(new.key)
        return tomb is not None and not is_later(new.version, than=tomb.version, otherwise=new.uid != tomb.uid)

    def _bury(self, key: Key, *, uid: str, version: str) -> None:
        now = self._clock()
        while self._tombstones and next(iter(self._tombstones.values())).expires <= now:
            self._tombstones.popitem(last=False)
        old = self._tombstones.get(key)
        if old is None or is_later(version, than=old.version, otherwise=True):
            self._tombstones[key] = _Tombstone(uid=uid, version=version, expires=now + _TOMBSTONE_SECONDS)
            self._tombstones.move_to_end(key)

    def _tell(self, key: Key) -> None:
        for follower in self._followers:
            follower(key, self.get(key))

    def _put(self, new: Packed) -> None:
        self._take_out(new.key)
        self._objects[new.key] = new
        self._by_namespace.setdefault(new.key.namespace, set()).add(new.key)
        if new.plan:
            self._by_plan.setdefault(new.plan, set()).add(new.key)
        self._tell(new.key)

    def _drop(self, key: Key) -> None:
        self._take_out(key)
        self._tell(key)

    def _take_out(self, key: Key) -> None:
        self._all = None
        known = self._objects.pop(key, None)
        if known is None:
            return
        _discard(self._by_namespace, key.namespace, key)
        if known.plan:
            _discard(self._by_plan, known.plan, key)


class Cache:
    """One store per watched kind."""

    def __init__(self, kinds: Iterable[ResourceKind], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._stores = {kind: Store(kind, clock=clock) for kind in kinds}

    def __contains__(self, kind: ResourceKind) -> bool:
        return kind in self._stores

    def __getitem__(self, kind: ResourceKind) -> Store:
        return self._stores[kind]

    @property
    def synced(self) -> bool:
        """Whether every kind was seen completely: before that, absence means nothing."""
        return all(store.synced for store in self._stores.values())

    @property
    def stores(self) -> tuple[Store, ...]:
        return tuple(self._stores.values())


def _discard(index: dict[str, set[Key]], entry: str, key: Key) -> None:
    index[entry].discard(key)
    if not index[entry]:
        del index[entry]


def _by_key(entry: tuple[Key, Packed]) -> Key:
    return entry[0]


def _follows(new: Packed, old: Packed) -> bool:
    return is_later(new.version, than=old.version, otherwise=new.version != old.version)
