"""Every state a plan can be in, as one table: phase and reason for people, conditions for programs.

Phase, reason and conditions are written from a row here and nowhere else, so they cannot contradict each other.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import Enum
from typing import Literal

from countersign.api.plan_status import Phase, PlanStatus
from countersign.core.fitting import fit
from countersign.core.snapshot import Snapshot
from countersign.core.wording import one_line
from countersign.model import instant
from countersign.model.condition import Condition, Truth, renew

Kstatus = Literal["Reconciling", "Stalled", ""]
_TRUTHS: dict[str, Truth] = {"T": "True", "F": "False", "?": "Unknown"}
BREAK_GLASS = "BreakGlass"
"""A condition that is there only when somebody opened what the policies hold shut."""
_ORDER = ("Validated", "Approved", "Succeeded", "Ready")


class Situation(Enum):
    """phase, reason, the truth of Validated, Approved, Succeeded and Ready, and what kstatus should see."""

    VALIDATING = ("Draft", "Validating", "????", "Reconciling")
    INVALID = ("Draft", "Invalid", "FFFF", "Stalled")
    BLOCKED = ("Draft", "Blocked", "FFFF", "Stalled")
    BLOCKED_BUT_OPENABLE = ("Draft", "Blocked", "TFFF", "Stalled")
    OVERSIZED = ("Draft", "Oversized", "FFFF", "Stalled")
    GUARD_MISSING = ("Draft", "GuardMissing", "TF?F", "Stalled")
    EXPIRED = ("Draft", "Expired", "TF?F", "Stalled")
    AWAITING_APPROVAL = ("Draft", "AwaitingApproval", "TF?T", "")
    FROZEN_UNAPPROVED = ("Draft", "Frozen", "TF?T", "")
    PREVIEW_CHANGED = ("Draft", "PreviewChanged", "TF?T", "")
    REVISION_REQUESTED = ("Draft", "RevisionRequested", "TF?T", "")
    VALIDATED_ONLY = ("Draft", "ValidatedOnly", "TF?T", "")
    REJECTED = ("Draft", "Rejected", "TFFF", "Stalled")
    TOO_MANY_DECISIONS = ("Draft", "TooManyDecisions", "TF?F", "Stalled")
    WITHDRAWN = ("Failed", "Cancelled", "?FFF", "Stalled")
    SUSPENDED = ("Approved", "Suspended", "TT?T", "")
    QUEUED = ("Approved", "Queued", "TT?T", "")
    FROZEN = ("Approved", "Frozen", "TT?T", "")
    RUNNING = ("Executing", "Running", "TT??", "Reconciling")
    WAITING = ("Executing", "Waiting", "TT??", "Reconciling")
    CONTENDED = ("Executing", "Contended", "TT??", "Reconciling")
    HALTED = ("Executing", "Suspended", "TT??", "Reconciling")
    SUCCEEDED = ("Executed", "Succeeded", "TTTT", "")
    ACTION_FAILED = ("Failed", "ActionFailed", "TTFF", "Stalled")
    CANCELLED = ("Failed", "Cancelled", "TTFF", "Stalled")

    def __init__(self, phase: Phase, reason: str, letters: str, kstatus: Kstatus) -> None:
        self.phase = phase
        self.reason = reason
        self.letters = letters
        self.kstatus = kstatus

    def conditions(
        self, *, message: str, generation: int, now: datetime, broken_by: Sequence[str]
    ) -> Iterator[Condition]:
        stated: list[tuple[str, Truth]] = [
            (kind, _TRUTHS[letter]) for kind, letter in zip(_ORDER, self.letters, strict=True)
        ]
        if self.kstatus:
            stated.append((self.kstatus, "True"))
        if broken_by:
            stated.append((BREAK_GLASS, "True"))
        said = {"Ready": message, BREAK_GLASS: f"The glass was broken by {', '.join(broken_by)}"}
        for kind, truth in stated:
            yield Condition(
                type=kind,
                status=truth,
                reason=self.reason,
                # One condition is enough to carry the sentence; it stands in status.message too.
                message=said.get(kind, "")[:1024],
                last_transition_time=instant.show(now),
                observed_generation=generation,
            )


def situate(snapshot: Snapshot, status: PlanStatus, situation: Situation, message: str) -> PlanStatus:
    """The status with phase, reason, message and conditions of this row, and no larger than a status may be."""
    generation = snapshot.plan.generation
    message = one_line(message, limit=2048)
    approval = status.approval
    current = situation.conditions(
        message=message, generation=generation, now=snapshot.now, broken_by=approval.broken_by
    )
    return fit(
        status.but(
            observed_generation=generation,
            phase=situation.phase,
            label=approval.labels.get(situation.phase, ""),
            reason=situation.reason,
            message=message,
            conditions=list(renew(status.conditions, current)),
        )
    )
