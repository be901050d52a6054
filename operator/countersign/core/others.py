"""What a plan asks about the other plans: who writes the same objects, how many are open, and whether it is its turn to start.

These questions are values like those of `snapshot`, which takes them into its union; the shell answers them from what it keeps
in memory, so none of them costs a request.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AskRivals:
    """Which other published plans of the namespace write these objects? `refs` are what kubectl get takes."""

    namespace: str
    plan: str
    refs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AskCrowd:
    """How many open plans of the namespace go before a plan of this age that is not published yet?"""

    namespace: str
    plan: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class AskPlace:
    """May the plan, approved at this time, start now?"""

    namespace: str
    plan: str
    created_at: datetime
    approved_at: datetime
