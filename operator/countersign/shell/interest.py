"""Which plans care about which objects, so that a change of an object revalidates the plans that show it to approvers."""

from collections.abc import Iterable

from countersign.model.effect import Target
from countersign.shell.key import Key


class Interest:
    """Kept up to date by turns, asked by the watches."""

    def __init__(self) -> None:
        self._plans: dict[Target, set[Key]] = {}
        self._targets: dict[Key, frozenset[Target]] = {}

    def note(self, plan: Key, targets: Iterable[Target]) -> None:
        """The plan looked at these objects; what it looked at before counts no more once it looks at something."""
        wanted = frozenset(targets)
        if not wanted or wanted == self._targets.get(plan):
            return
        self.drop(plan)
        self._targets[plan] = wanted
        for target in wanted:
            self._plans.setdefault(target, set()).add(plan)

    def drop(self, plan: Key) -> None:
        for target in self._targets.pop(plan, frozenset()):
            self._plans[target].discard(plan)
            if not self._plans[target]:
                del self._plans[target]

    def of(self, target: Target) -> tuple[Key, ...]:
        return tuple(sorted(self._plans.get(target, ())))
