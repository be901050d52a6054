"""Where watches and sweeps arrive: keeps the cache, and enqueues the plans that an event concerns."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from countersign.api.names import APPROVAL_POLICY, DECISION, PLAN
from countersign.model.effect import NAMESPACE, ResourceKind, Target
from countersign.shell.backlog import Priority
from countersign.shell.cache import Cache
from countersign.shell.interest import Interest
from countersign.shell.key import Key
from countersign.shell.packed import Packed, pack
from countersign.shell.plans import bounded
from countersign.shell.queue import WorkQueue

_OF_NAMESPACES = ("name", "uid", "resourceVersion", "labels")
_WAITING = ("", "Draft", "Approved")


def _unnoticed(_kind: ResourceKind, _key: Key) -> None:
    """Nobody observes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingest:
    """`guard_changed` is called for every kind that the guard watches over, `relisted` when a watch of ours began anew.

    `noticed` is told of every object that is no plan.
    """

    cache: Cache
    queue: WorkQueue
    interest: Interest
    guard_changed: Callable[[], None]
    relisted: Callable[[], None]
    noticed: Callable[[ResourceKind, Key], None] = _unnoticed

    def event(self, kind: ResourceKind, event_type: str, content: Packed) -> None:
        """`event_type` is empty for an object of the list that a watch begins with."""
        if kind not in self.cache:
            self.guard_changed()
            return
        if not event_type:
            self.relisted()
        store = self.cache[kind]
        changed = store.remove(content) if event_type == "DELETED" else store.take(content)
        if changed:
            self._enqueue(kind, content.key)

    def packed(self, kind: ResourceKind, content: dict[str, Any]) -> Packed:
        """An object as it came. It is packed at once, before it waits for anything: a thousand of them in the open are 25 MB."""
        return pack(_whole(kind, content))

    def complete(self, kind: ResourceKind, contents: Iterable[Packed], *, resource_version: str) -> int:
        """A complete list; returns how many differences the watches had missed."""
        found = self.cache[kind].replace(contents, resource_version=resource_version)
        missed = (*found.added, *found.changed, *found.vanished)
        for key in missed:
            self._enqueue(kind, key)
        return len(missed)

    def everything(self) -> None:
        """The guard's verdict changed, and every plan may depend on it."""
        for key in self.cache[PLAN].keys():  # noqa: SIM118  # a store is no mapping
            self.queue.add(key)

    def _enqueue(self, kind: ResourceKind, key: Key) -> None:
        if kind == PLAN:
            self.queue.add(key, priority=self._priority(key))
            return
        if kind in (APPROVAL_POLICY, NAMESPACE):
            self._revalidate(namespace=key.name if kind == NAMESPACE else None)
            return
        self.noticed(kind, key)
        for plan in self.interest.of(Target(kind, key.namespace, key.name)):
            self.queue.add(plan)

    def _revalidate(self, *, namespace: str | None) -> None:
        """The rules changed for every plan that has not started, in the namespace or in all."""
        waiting = sorted(plan.key for plan in self.cache[PLAN].each() if plan.phase in _WAITING)
        for key in waiting:
            if namespace in (None, key.namespace):
                self.queue.add(key)

    def _priority(self, key: Key) -> Priority:
        """Whoever has just decided is waiting to see it."""
        content = self.cache[PLAN].get(key) or {}
        recorded = content.get("status", {}).get("approval", {}).get("recorded")
        decision = content.get("metadata", {}).get("annotations", {}).get(DECISION, "")
        waiting = decision and f'"n":"{recorded}"' not in decision
        return Priority.URGENT if waiting else Priority.NORMAL


def _whole(kind: ResourceKind, content: dict[str, Any]) -> dict[str, Any]:
    """What is kept of it: of a namespace its labels, so that nothing else about it is news."""
    if kind == NAMESPACE:
        return {"metadata": {key: value for key, value in content["metadata"].items() if key in _OF_NAMESPACES}}
    return bounded(content) if kind == PLAN else content
