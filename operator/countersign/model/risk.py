"""How dangerous something is, and why. The only way to combine levels is the maximum: a plan is as risky as its riskiest part."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import total_ordering


@total_ordering
class Level(Enum):
    """Four levels, ordered."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        return list(Level).index(self)

    def __lt__(self, other: object) -> bool:
        return self.rank < other.rank if isinstance(other, Level) else NotImplemented


@dataclass(frozen=True, slots=True)
class Factor:
    """One reason for a level. `rule` is a stable name, `why` a sentence for the approver."""

    level: Level
    rule: str
    why: str


def highest(factors: Iterable[Factor]) -> Level:
    """The maximum. Without any factor nothing is known, and what is not known is critical."""
    return max((factor.level for factor in factors), default=Level.CRITICAL)
