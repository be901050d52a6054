"""From the recorded decisions to who stands behind the current digest, and who holds it up."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from countersign.api.approval_status import Decision
from countersign.api.plan_status import PlanStatus


@dataclass(frozen=True, slots=True)
class Standing:
    """Whose approvals count, who asks to break the glass, and who holds the digest up."""

    approved_by: tuple[str, ...] = ()
    rejected_by: tuple[str, ...] = ()
    revision_by: tuple[str, ...] = ()
    broken_by: tuple[str, ...] = ()
    comments: dict[str, str] = field(default_factory=dict, hash=False)


def standing(status: PlanStatus) -> Standing:
    """Of the current digest."""
    said = last_words(status)
    authors = status.approval.authors
    counting = {by: decision for by, decision in said.items() if decision.counts}
    return Standing(
        approved_by=_who(counting, "approve", without=authors),
        rejected_by=_who(counting, "reject"),
        revision_by=_who(counting, "revise"),
        broken_by=tuple(by for by, decision in said.items() if decision.breaks_glass and by not in authors),
        comments={by: decision.comment for by, decision in counting.items()},
    )


def last_words(status: PlanStatus) -> dict[str, Decision]:
    """Of each person the last decision about the current digest, in the order in which people first spoke.

    Only a rejection outlasts what its author says later: until he revokes it.
    """
    said: dict[str, Decision] = {}
    for decision in status.approval.decisions:
        if decision.digest == status.digest and _speaks(decision, after=said.get(decision.by)):
            said[decision.by] = decision
    return said


def rejects(status: PlanStatus, by: str) -> bool:
    """Whether this person's rejection of the current digest still holds."""
    return by in standing(status).rejected_by


def _speaks(decision: Decision, *, after: Decision | None) -> bool:
    held = after is not None and after.outcome == "reject"
    return (decision.counts or bool(decision.breaks_glass)) and (not held or decision.outcome in ("reject", "revoke"))


def _who(said: dict[str, Decision], outcome: str, *, without: Sequence[str] = ()) -> tuple[str, ...]:
    return tuple(by for by, decision in said.items() if decision.outcome == outcome and by not in without)
