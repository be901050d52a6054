"""In which order the actions of a plan may run: as they stand, or as `dependsOn` says if any action has it.

Follows from the ids and dependencies alone. What is wrong with them (unknown ids, cycles) is said by stage 5; here unknown ids
are left out, and within a cycle nothing comes before anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter


@dataclass(frozen=True)
class Graph:
    """`needs` has the direct dependencies of each action, by index; of an ordered plan, the one before it."""

    needs: tuple[frozenset[int], ...] = ()
    ordered: bool = True

    @cached_property
    def cycle(self) -> tuple[int, ...]:
        """The first action of a cycle stands at both ends; empty when there is none."""
        try:
            tuple(self._sorter().static_order())
        except CycleError as error:
            return tuple(reversed(error.args[1]))
        return ()

    @cached_property
    def order(self) -> tuple[int, ...]:
        """Every action after all that it needs."""
        return tuple(range(len(self.needs))) if self.ordered or self.cycle else tuple(self._sorter().static_order())

    @cached_property
    def before(self) -> tuple[frozenset[int], ...]:
        """Everything that is over when an action begins."""
        if self.cycle:
            return tuple(frozenset[int]() for _ in self.needs)
        found: dict[int, frozenset[int]] = {}
        for index in self.order:
            found[index] = self.needs[index].union(*(found[need] for need in self.needs[index]))
        return tuple(found[index] for index in range(len(self.needs)))

    @cached_property
    def place(self) -> dict[int, int]:
        """Where each action stands in `order`."""
        return {index: place for place, index in enumerate(self.order)}

    def unordered(self, one: int, other: int) -> bool:
        """Whether the two may run at the same time."""
        return one != other and one not in self.before[other] and other not in self.before[one]

    def _sorter(self) -> TopologicalSorter[int]:
        return TopologicalSorter({index: sorted(needs) for index, needs in enumerate(self.needs)})


def graph_of(actions: Sequence[tuple[str, Sequence[str]]]) -> Graph:
    """Of ids and what they depend on."""
    if not any(depends_on for _, depends_on in actions):
        return Graph(tuple(frozenset({index - 1} if index else ()) for index in range(len(actions))))
    places = {name: index for index, (name, _) in reversed(list(enumerate(actions)))}
    needs = (frozenset(places[name] for name in depends_on if name in places) for _, depends_on in actions)
    return Graph(tuple(needs), ordered=False)
