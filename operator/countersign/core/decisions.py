"""Decisions: from the stamped annotation to the record in status. Which of them count is told by `counting`.

Admission has made sure who decided and what was quoted; here each decision is recorded once, with the reason if it does not
count, and from then on the annotation does not matter.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import ValidationError

from countersign.api.approval_status import MAX_DECISIONS, Approval, Decision
from countersign.api.names import AUTHORS, DECISION, UNKNOWN_AUTHOR
from countersign.api.plan_status import PlanStatus
from countersign.core import powers
from countersign.core.counting import LONGEST_NAME, breaks_glass, why_not, why_void
from countersign.core.questions import AskAccess
from countersign.core.snapshot import PlanObject, Snapshot
from countersign.core.stamps import Stamp
from countersign.model import instant
from countersign.model.facts import Unavailable

_MOST_AUTHORS = 100
_AUTHORS_BYTES = 16 * 1024
_GROUPS_BYTES = 1024
_DECISIONS_BYTES = 48 * 1024


def authors(plan: PlanObject) -> tuple[str, ...]:
    """Everyone ever seen as an author, in the order they appeared. A lapse of the guard makes the author unknown."""
    named = _named(plan.annotations.get(AUTHORS, ""))
    known = plan.status.approval.authors
    edited = plan.generation != plan.status.approval.generation or not set(named) <= set(known)
    unknown = [UNKNOWN_AUTHOR] if plan.distrusted and edited else []
    everyone = tuple(dict.fromkeys((*known, *named, *unknown)))
    kept = tuple(_within(everyone, _AUTHORS_BYTES))[:_MOST_AUTHORS]
    return everyone if kept == everyone else tuple(dict.fromkeys((*kept[: _MOST_AUTHORS - 1], UNKNOWN_AUTHOR)))


def _named(text: str) -> list[str]:
    """The names in the annotation. What is not a list of names was not written by the admission policy."""
    try:
        found = json.loads(f"[{text}]")
    except (ValueError, RecursionError):
        found = []
    if not found or not all(map(_is_name, found)):
        return [UNKNOWN_AUTHOR]
    return [name[:LONGEST_NAME] for name in found]


def _is_name(value: Any) -> bool:
    """A text that can be written down again: JSON can also spell halves of characters."""
    return isinstance(value, str) and value != "" and value == value.encode(errors="ignore").decode()


def _within(texts: Sequence[str], limit: int) -> Iterator[str]:
    """As many of the texts, from the first on, as have room in this many bytes."""
    for text in texts:
        limit -= len(text.encode())
        if limit < 0:
            return
        yield text


def unrecorded(plan: PlanObject) -> Stamp | None:
    """The decision that stands in the annotation and not yet in the record."""
    text = plan.annotations.get(DECISION)
    if not text:
        return None
    try:
        stamp = Stamp.model_validate_json(text)
    except ValidationError:
        return None
    known = any(decision.n == stamp.n and decision.by == stamp.by for decision in plan.status.approval.decisions)
    return None if known or stamp.n == plan.status.approval.recorded else stamp


def record(snapshot: Snapshot) -> PlanStatus:
    """The status with the authors as they are known now, and with the waiting decision recorded, if there is one.

    While the guard is down nothing is recorded: whether a decision is genuine is not known then.
    """
    plan = snapshot.plan
    if not snapshot.guard.ok:
        return plan.status
    approval = plan.status.approval.but(authors=list(authors(plan)), generation=plan.generation)
    stamp = unrecorded(plan)
    if stamp is None or full(approval) or undecidable(snapshot):
        return plan.status.but(approval=approval)
    judged = snapshot.with_status(plan.status.but(approval=approval))
    decision = _decision(stamp, judged)
    return plan.status.but(approval=approval.but(decisions=[*approval.decisions, decision], recorded=stamp.n))


def open_access(snapshot: Snapshot) -> tuple[AskAccess, ...]:
    """What has to be known about an approver before the approval can be recorded."""
    stamp = unrecorded(snapshot.plan)
    if stamp is None or stamp.outcome != "approve" or not snapshot.guard.ok or why_void(stamp, snapshot):
        return ()
    return powers.questions(snapshot, stamp)


def undecidable(snapshot: Snapshot) -> bool:
    """The authorizer could not be asked about the approver. What counts is recorded once, so it is recorded when it is known."""
    return any(isinstance(snapshot.access(question), Unavailable) for question in open_access(snapshot))


def full(approval: Approval) -> bool:
    """Whether no further decision finds room. Decisions are never removed, so such a plan waits for nobody any more."""
    used = sum(len(decision.model_dump_json().encode()) for decision in approval.decisions)
    return len(approval.decisions) >= MAX_DECISIONS or used > _DECISIONS_BYTES


def _decision(stamp: Stamp, snapshot: Snapshot) -> Decision:
    why = why_not(stamp, snapshot)
    return Decision(
        n=stamp.n,
        outcome=stamp.outcome,
        by=stamp.by[:LONGEST_NAME],
        groups=list(_within([group[:512] for group in stamp.groups[:32]], _GROUPS_BYTES)),
        digest=stamp.digest[:80],
        comment=stamp.comment[:1024],
        at=instant.show(snapshot.now),
        counts=not why,
        why=why[:256],
        breaks_glass=breaks_glass(stamp, snapshot) or None,
    )
