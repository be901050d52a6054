"""How many plans of each namespace are open, and which of them go first: those that are published, then the oldest. Kept by `roll`."""

from bisect import bisect_left, insort
from collections.abc import Callable
from dataclasses import dataclass, field

from countersign.core.others import AskCrowd
from countersign.model import instant
from countersign.model.facts import Crowd
from countersign.shell.entry import Age, Entry
from countersign.shell.key import Key


@dataclass(slots=True)
class _Namespace:
    """`unpublished` and `turned_away`, which are some of them, begin with the oldest."""

    published: int = 0
    unpublished: list[Age] = field(default_factory=list)
    turned_away: list[Age] = field(default_factory=list)

    @property
    def looked_after(self) -> int:
        return self.published + len(self.unpublished) - len(self.turned_away)

    def take(self, entry: Entry) -> None:
        if entry.published:
            self.published += 1
            return
        insort(self.unpublished, entry.age)
        if entry.turned_away:
            insort(self.turned_away, entry.age)

    def give_up(self, entry: Entry) -> None:
        if entry.published:
            self.published -= 1
            return
        self.unpublished.remove(entry.age)
        if entry.turned_away:
            self.turned_away.remove(entry.age)


class Crowds:
    """`wake` is called for each plan that was turned away and for which there is room now. `most` is 0 without a cap."""

    def __init__(self, *, most: int, wake: Callable[[Key], None]) -> None:
        self._most, self._wake = most, wake
        self._namespaces: dict[str, _Namespace] = {}
        self._called: set[Key] = set()

    def changed(self, key: Key, old: Entry | None, new: Entry | None) -> None:
        there = self._namespaces.setdefault(key.namespace, _Namespace())
        if old is not None:
            there.give_up(old)
        if new is not None:
            there.take(new)
        self._called.discard(key)
        self._call(key.namespace, there)
        if not there.published and not there.unpublished:
            del self._namespaces[key.namespace]

    def of(self, question: AskCrowd) -> Crowd:
        self._called.discard(Key(question.namespace, question.plan))
        there = self._namespaces.get(question.namespace, _Namespace())
        age = (instant.show(question.created_at), question.plan)
        return Crowd(there.published + bisect_left(there.unpublished, age))

    def _call(self, namespace: str, there: _Namespace) -> None:
        for _, name in there.turned_away[: max(0, self._most - there.looked_after)]:
            key = Key(namespace, name)
            if key not in self._called:
                self._called.add(key)
                self._wake(key)
