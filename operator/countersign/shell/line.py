"""The line of approved plans that wait for others to end: who may start now, and who is called next. Kept by `roll`.

Within a namespace the first approved goes first; namespaces take turns. A plan is in line as long as its status says so or its
turn found nothing else in its way; one that cannot be judged loses its place until it can, and holds up nobody meanwhile.
"""

from bisect import bisect_left, insort
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from countersign.core.others import AskPlace
from countersign.model import instant
from countersign.model.facts import Clear, InLine, Place
from countersign.shell.entry import Age, Entry
from countersign.shell.key import Key

Turn = tuple[str, Age]
"""When it was approved, and its age for those of the same second."""


@dataclass(frozen=True, slots=True)
class Most:
    """How many plans run at once; 0: as many as there are."""

    in_namespace: int = 0
    in_all: int = 0


NO_CAPS = Most()


@dataclass(kw_only=True)
class Line:
    """`wake` is called for each plan that may start now."""

    most: Most
    wake: Callable[[Key], None]
    _running: dict[Key, bool] = field(default_factory=dict, init=False)
    """With whether it goes on: a suspended run keeps its place in the namespace, but holds up no other."""
    _starting: set[Key] = field(default_factory=set, init=False)
    _waiting: OrderedDict[str, list[Turn]] = field(default_factory=OrderedDict, init=False)
    """The first namespace is the next one; each is moved to the end when one of its plans starts."""
    _turns: dict[Key, Turn] = field(default_factory=dict, init=False)
    _asked: set[Key] = field(default_factory=set, init=False)
    _called: set[Key] = field(default_factory=set, init=False)

    def changed(self, key: Key, new: Entry | None) -> None:
        if new is not None and new.has_started:
            self._running[key] = new.reason != "Suspended"
        else:
            self._running.pop(key, None)
        if new is None or not new.waits_in_line:
            self._leave(key)
        elif key not in self._starting:
            self._join(key, (new.approved_at, new.age))
        self._call()

    def of(self, question: AskPlace) -> Place:
        """Asked again in the same turn it answers the same."""
        key = Key(question.namespace, question.plan)
        self._asked.add(key)
        self._called.discard(key)
        if key in self._starting:
            return Clear()
        age = (instant.show(question.created_at), question.plan)
        self._join(key, (instant.show(question.approved_at), age))
        if key in self._next():
            self._leave(key)
            self._starting.add(key)
            if key.namespace in self._waiting:
                self._waiting.move_to_end(key.namespace)
            return Clear()
        return self._place(key)

    def settle(self, key: Key) -> None:
        """Its turn is over: a place that was kept for it is free, and who did not ask for one is not in line."""
        if key not in self._asked:
            self._leave(key)
        self._asked.discard(key)
        self._called.discard(key)
        self._starting.discard(key)
        self._call()

    def _place(self, key: Key) -> InLine:
        ahead = bisect_left(self._waiting[key.namespace], self._turns[key])
        here = sum(other.namespace == key.namespace for other in {*self._running, *self._starting})
        crowded = 0 < self.most.in_namespace <= here + ahead
        return InLine(
            place=ahead + 1,
            most=self.most.in_namespace if crowded else self.most.in_all,
            everywhere=not crowded,
        )

    def _join(self, key: Key, turn: Turn) -> None:
        if self._turns.get(key) == turn:
            return
        self._leave(key)
        self._turns[key] = turn
        insort(self._waiting.setdefault(key.namespace, []), turn)

    def _leave(self, key: Key) -> None:
        turn = self._turns.pop(key, None)
        if turn is None:
            return
        self._waiting[key.namespace].remove(turn)
        if not self._waiting[key.namespace]:
            del self._waiting[key.namespace]

    def _call(self) -> None:
        if self._turns:
            for key in self._next():
                if key not in self._called:
                    self._called.add(key)
                    self.wake(key)

    def _next(self) -> list[Key]:
        """Who may start now: the first of each namespace, then the second, as long as there is room in it and altogether."""
        going = self._starting.union(key for key, goes_on in self._running.items() if goes_on)
        left = _left(self.most.in_all, len(going))
        if left == 0:
            return []
        taken = Counter(key.namespace for key in {*self._running, *self._starting})
        lines = [(name, turns[: _left(self.most.in_namespace, taken[name])]) for name, turns in self._waiting.items()]
        longest = max((len(turns) for _, turns in lines), default=0)
        ordered = [
            Key(namespace, turns[number][1][1])
            for number in range(longest)
            for namespace, turns in lines
            if number < len(turns)
        ]
        return ordered[:left]


def _left(most: int, taken: int) -> int | None:
    """As the end of a slice: None for no end."""
    return max(0, most - taken) if most else None
