"""Who counts for what where the glass has to be broken: a person counts for one of the two quorums, never for both.

Takes who may fill a seat of each kind, gives who does. As many seats are filled as can be, and whoever comes on top never
empties one.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Seats:
    """Distinct people, in the order in which they first spoke."""

    usual: tuple[str, ...]
    glass: tuple[str, ...] = ()


def seat(approved_by: Sequence[str], broken_by: Sequence[str], *, required: int) -> Seats:
    """Who could fill either seat fills a usual one while one is free, and only then one of the emergency."""
    either = [by for by in approved_by if by in broken_by]
    free = max(0, required - (len(approved_by) - len(either)))
    moved = frozenset(either[free:])
    usual = tuple(by for by in approved_by if by not in moved)
    return Seats(usual, tuple(by for by in broken_by if by not in usual))
