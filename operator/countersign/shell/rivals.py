"""Which published plans write an object: an index from objects to plans, kept by `roll`.

Who comes to write an object is told to those that were there before, once and only to those whose answer it changes. What a
plan says about its rivals changes no index, so that two plans never keep waking each other.
"""

from bisect import insort
from collections.abc import Callable

from countersign.core.others import AskRivals
from countersign.model.facts import Rival
from countersign.shell.entry import Age, Entry
from countersign.shell.key import Key

_NAMED = 3
"""Of each object so many plans are named: the oldest."""
_OBJECTS = 20

Place = tuple[str, str]
"""A namespace and what kubectl get takes."""


class Rivals:
    """`wake` is called for each plan whose answer is another one now, until its next look at the latest."""

    def __init__(self, wake: Callable[[Key], None]) -> None:
        self._wake = wake
        self._writers: dict[Place, list[Age]] = {}

    def changed(self, key: Key, old: Entry | None, new: Entry | None) -> None:
        """A rival that is gone wakes nobody: two hundred plans about one object would all be validated for it."""
        before, after = old.refs if old else frozenset(), new.refs if new else frozenset()
        for ref in before - after:
            self._remove((key.namespace, ref), old)
        came = sorted(after - before)
        for ref in came:
            self._add((key.namespace, ref), new)
        for plan in dict.fromkeys(plan for ref in came[:_OBJECTS] for plan in self._told(key, ref)):
            self._wake(plan)

    def of(self, question: AskRivals) -> tuple[Rival, ...]:
        asking = Key(question.namespace, question.plan)
        shared = [ref for ref in question.refs if self._first(asking, ref, 1)]
        return tuple(Rival(plan.name, ref) for ref in shared[:_OBJECTS] for plan in self._first(asking, ref, _NAMED))

    def _told(self, came: Key, ref: str) -> list[Key]:
        """Of the oldest, those whose answer names the one that came."""
        return [plan for plan in self._first(came, ref, _NAMED) if came in self._first(plan, ref, _NAMED)]

    def _first(self, asking: Key, ref: str, most: int) -> list[Key]:
        """The oldest others that write it."""
        oldest = self._writers.get((asking.namespace, ref), [])[: most + 1]
        return [Key(asking.namespace, name) for _, name in oldest if name != asking.name][:most]

    def _add(self, place: Place, entry: Entry | None) -> None:
        if entry is not None:
            insort(self._writers.setdefault(place, []), entry.age)

    def _remove(self, place: Place, entry: Entry | None) -> None:
        if entry is not None:
            self._writers[place].remove(entry.age)
            if not self._writers[place]:
                del self._writers[place]
