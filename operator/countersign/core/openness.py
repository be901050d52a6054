"""Whether the way is open: gate and freezes against those who said yes. Pure counting, so that its properties can be tested."""

from collections.abc import Sequence
from dataclasses import dataclass

from countersign.core.gate import Gate, Requirements
from countersign.core.policies.freezes import Frozen
from countersign.core.review import Review
from countersign.core.seating import Seats, seat
from countersign.core.standing import Standing


@dataclass(frozen=True, slots=True)
class Opening:
    """What still stands in the way. `broken`: enough people broke the glass of something that was held shut.

    In `seats` stands who counts as an approver, and who, besides them, for breaking the glass.
    """

    blocked: bool
    frozen: Frozen | None
    missing: int
    broken: bool
    seats: Seats

    @property
    def is_open(self) -> bool:
        return not self.blocked and self.frozen is None and self.missing == 0


def opening(found: Review, asked: Requirements, voices: Standing) -> Opening:
    frozen = found.ruling.frozen(found.snapshot.now)
    return weigh_voices(asked, frozen, approved_by=voices.approved_by, broken_by=voices.broken_by)


def weigh_voices(
    asked: Requirements, frozen: Frozen | None, *, approved_by: Sequence[str], broken_by: Sequence[str]
) -> Opening:
    """Breaking the glass opens a blocked gate or a freeze; the usual approvals of other people are asked for all the same."""
    shut = asked.gate is Gate.BLOCKED or frozen is not None
    seats = seat(approved_by, broken_by, required=asked.required) if shut else Seats(tuple(approved_by))
    broken = shut and asked.emergency is not None and len(seats.glass) >= asked.emergency.quorum
    return Opening(
        blocked=asked.gate is Gate.BLOCKED and not broken,
        frozen=None if broken else frozen,
        missing=max(0, asked.required - len(seats.usual)),
        broken=broken,
        seats=seats,
    )
