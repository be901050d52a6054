"""What the authorizer denied a moment ago: who approves several plans of one author is not asked about again for each.

Only denials are kept, and only where the core says that one will do. The API server itself keeps what an authorizer behind a
webhook denied for as long.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from countersign.core.questions import AskAccess

SECONDS = 30.0


@dataclass(kw_only=True)
class Denials:
    clock: Callable[[], float] = time.monotonic
    _until: OrderedDict[AskAccess, float] = field(default_factory=OrderedDict, init=False)

    def note(self, question: AskAccess, *, asked_at: float) -> None:
        """It was denied; the answer is as old as the question."""
        if question.recently:
            self._until[question] = asked_at + SECONDS
            self._until.move_to_end(question)

    def __contains__(self, question: AskAccess) -> bool:
        now = self.clock()
        while self._until and next(iter(self._until.values())) <= now:
            self._until.popitem(last=False)
        return self._until.get(question, now) > now
