"""What approval policies ask for in a random life, for the operator and, in other words, for the oracle."""

from dataclasses import dataclass
from typing import Any

from tests.support.book import Book, Span
from tests.support.policies import HUMAN
from tests.support.random_plans import CRITICAL, HARMLESS


@dataclass(frozen=True, kw_only=True)
class Regime:
    """Without a `policy` the built-in default, which lets nobody open what is critical."""

    policy: dict[str, Any] | None = None
    required: int = 1
    closed: frozenset[str] = frozenset()
    free: frozenset[str] = frozenset()
    lasts: float | None = None

    def book(self, lapses: list[Span]) -> Book:
        return Book(self.required, self.closed, self.free, self.lasts, lapses)


_TWO = dict.fromkeys(("low", "medium", "high", "critical"), 2)
REGIMES = (
    Regime(closed=frozenset({CRITICAL})),
    Regime(policy={"quorum": _TWO}, required=2),
    Regime(policy={"expiresAfter": "2s"}, lasts=2.0),
    Regime(policy={"byRisk": {**HUMAN, "low": "auto"}}, free=HARMLESS),
)
