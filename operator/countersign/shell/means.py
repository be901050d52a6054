"""What all turns work with, put together once when the operator starts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from countersign.core.snapshot import Rules
from countersign.shell.act import Executor
from countersign.shell.cache import Cache
from countersign.shell.client import ApiClient
from countersign.shell.guard import GuardKeeper
from countersign.shell.interest import Interest
from countersign.shell.look import Looker
from countersign.shell.queue import WorkQueue
from countersign.shell.report import Reporter
from countersign.shell.roll import Roll


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """`now` and `rng` are where time and chance come in."""

    client: ApiClient
    cache: Cache
    queue: WorkQueue
    guard: GuardKeeper
    rules: Rules
    looker: Looker
    executor: Executor
    reporter: Reporter
    interest: Interest
    roll: Roll
    now: Callable[[], datetime]
    rng: Callable[[], float]
