"""The roll of plans that are not finished: answers what a plan asks about the others, and wakes those whose answer has changed.

Follows the cache, so that everything here can be told again from what the plans themselves say. Each answer costs no request.
"""

from collections.abc import Callable
from typing import Any, assert_never

from countersign.core.others import AskCrowd, AskPlace, AskRivals
from countersign.core.questions import AboutOthers
from countersign.model.facts import Crowd, Place
from countersign.model.facts import Rivals as Found
from countersign.settings import Settings
from countersign.shell.cache import Store
from countersign.shell.crowds import Crowds
from countersign.shell.entry import Entry, entry_of
from countersign.shell.key import Key
from countersign.shell.line import NO_CAPS, Line, Most
from countersign.shell.rivals import Rivals


def _nobody(_key: Key) -> None:
    """Nobody is woken."""


class Roll:
    """`wake` is called for each plan that should have another turn. Without a cap everybody is let through."""

    def __init__(
        self,
        *,
        open_plans: int = 0,
        running: Most = NO_CAPS,
        wake: Callable[[Key], None] = _nobody,
    ) -> None:
        self._entries: dict[Key, Entry] = {}
        self._wake = wake
        self._rivals = Rivals(self._revalidate)
        self._crowds = Crowds(most=open_plans, wake=wake)
        self._line = Line(most=running, wake=wake)

    def note(self, key: Key, content: dict[str, Any] | None) -> None:
        """What the plan is now; None: gone."""
        old, new = self._entries.get(key), entry_of(content) if content else None
        if old == new:
            return
        if new is None:
            del self._entries[key]
        else:
            self._entries[key] = new
        self._rivals.changed(key, old, new)
        self._crowds.changed(key, old, new)
        self._line.changed(key, new)

    def answer(self, question: AboutOthers) -> Found | Crowd | Place:
        match question:
            case AskRivals():
                return self._rivals.of(question)
            case AskCrowd():
                return self._crowds.of(question)
            case AskPlace():
                return self._line.of(question)
        assert_never(question)

    def settle(self, key: Key) -> None:
        """The turn of the plan is over, however it ended."""
        self._line.settle(key)

    def _revalidate(self, key: Key) -> None:
        """What runs is not validated any more."""
        if not self._entries[key].has_started:
            self._wake(key)


def following(plans: Store, settings: Settings, *, wake: Callable[[Key], None]) -> Roll:
    """Told of every plan that comes into the cache from now on."""
    running = Most(settings.max_running_plans, settings.max_running_plans_overall)
    roll = Roll(open_plans=settings.max_open_plans, running=running, wake=wake)
    plans.follow(roll.note)
    return roll
