"""From the recorded decisions to who stands behind the current digest, and who holds it up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from countersign.api.approval_status import Decision
from countersign.api.plan_status import PlanStatus

Held = dict[str, tuple[Decision, ...]]


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
    held, authors = words_that_hold(status), status.approval.authors
    last = {by: said[-1] for by, said in held.items()}
    counting = {by: decision for by, decision in last.items() if decision.counts}
    return Standing(
        approved_by=_behind(held, authors, lambda decision: decision.counts),
        rejected_by=_who(counting, "reject"),
        revision_by=_who(counting, "revise"),
        broken_by=_behind(held, authors, lambda decision: bool(decision.breaks_glass)),
        comments={by: decision.comment for by, decision in counting.items()},
    )


def words_that_hold(status: PlanStatus) -> Held:
    """Of each person the last decision about the current digest, in the order in which people first spoke.

    A rejection outlasts what its author says later, until he revokes it; and one more approval takes nothing back of what
    the approvals before it were good for.
    """
    said: Held = {}
    for decision in status.approval.decisions:
        before = said.get(decision.by, ())
        if decision.digest == status.digest and _speaks(decision, after=before[-1] if before else None):
            said[decision.by] = (*(one for one in before if _says_more(one, than=decision)), decision)
    return said


def rejects(status: PlanStatus, by: str) -> bool:
    """Whether this person's rejection of the current digest still holds."""
    return by in standing(status).rejected_by


def _speaks(decision: Decision, *, after: Decision | None) -> bool:
    held = after is not None and after.outcome == "reject"
    return (decision.counts or bool(decision.breaks_glass)) and (not held or decision.outcome in ("reject", "revoke"))


def _says_more(decision: Decision, *, than: Decision) -> bool:
    approvals = decision.outcome == than.outcome == "approve"
    return approvals and bool(
        (decision.counts and not than.counts) or (decision.breaks_glass and not than.breaks_glass)
    )


def _behind(held: Held, authors: Sequence[str], good_for: Callable[[Decision], bool]) -> tuple[str, ...]:
    """Whose approvals are good for this."""
    return tuple(
        by
        for by, said in held.items()
        if said[-1].outcome == "approve" and by not in authors and any(map(good_for, said))
    )


def _who(said: dict[str, Decision], outcome: str) -> tuple[str, ...]:
    return tuple(by for by, decision in said.items() if decision.outcome == outcome)
