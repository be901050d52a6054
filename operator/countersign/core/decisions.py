"""Decisions: from the stamped annotation to the record in status, and from the records to who stands behind the plan.

Admission has made sure who decided and what was quoted; here each decision is recorded once, with the reason if it does not
count, and from then on the annotation does not matter.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from countersign.api.approval_status import MAX_DECISIONS, Approval, Decision
from countersign.api.names import AUTHORS, DECISION, UNKNOWN_AUTHOR
from countersign.api.plan_status import PlanStatus
from countersign.core.moments import moment
from countersign.core.snapshot import PlanObject, Snapshot
from countersign.model import instant

_LONGEST_NAME = 1024
_MOST_AUTHORS = 100
_AUTHORS_BYTES = 16 * 1024
_GROUPS_BYTES = 1024
_DECISIONS_BYTES = 48 * 1024
_PROGRAMS = ("system:serviceaccount:", "system:node:", "system:kube-", "system:apiserver", "system:anonymous")


class Stamp(BaseModel):
    """The record that the API server's admission policy made of somebody's request."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    n: Annotated[str, Field(min_length=1, max_length=64)]
    outcome: Literal["approve", "reject", "revise", "revoke"]
    quotes: Annotated[str, Field(pattern="^[^ ]")]
    by: Annotated[str, Field(min_length=1)]
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the current digest stands: whose approvals count, and who holds it up."""

    approved_by: tuple[str, ...] = ()
    rejected_by: tuple[str, ...] = ()
    revision_by: tuple[str, ...] = ()
    comments: dict[str, str] = field(default_factory=dict, hash=False)


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
    return [name[:_LONGEST_NAME] for name in found]


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
    if stamp is None or full(approval):
        return plan.status.but(approval=approval)
    decision = _decision(stamp, approval, plan, now=snapshot.now)
    return plan.status.but(approval=approval.but(decisions=[*approval.decisions, decision], recorded=stamp.n))


def full(approval: Approval) -> bool:
    """Whether no further decision finds room. Decisions are never removed, so such a plan waits for nobody any more."""
    used = sum(len(decision.model_dump_json().encode()) for decision in approval.decisions)
    return len(approval.decisions) >= MAX_DECISIONS or used > _DECISIONS_BYTES


def _decision(stamp: Stamp, approval: Approval, plan: PlanObject, *, now: datetime) -> Decision:
    digest, _, comment = stamp.quotes.partition(" ")
    why = _why_not(stamp, digest, approval, plan, now=now)
    return Decision(
        n=stamp.n,
        outcome=stamp.outcome,
        by=stamp.by[:_LONGEST_NAME],
        groups=list(_within([group[:512] for group in stamp.groups[:32]], _GROUPS_BYTES)),
        digest=digest[:80],
        comment=comment.strip()[:1024],
        at=instant.show(now),
        counts=not why,
        why=why,
    )


def _why_not(stamp: Stamp, digest: str, approval: Approval, plan: PlanObject, *, now: datetime) -> str:
    if digest != plan.status.digest:
        return "it quotes a digest that is not the current one"
    if plan.distrusted:
        return "it was made while the admission policies were not in place: decide again"
    if approval.consumed_at:
        return "it came after the plan had started: to stop what is left, set spec.cancel"
    return _why_no_approval(stamp, approval, now=now) if stamp.outcome == "approve" else ""


def _why_no_approval(stamp: Stamp, approval: Approval, *, now: datetime) -> str:
    if len(stamp.by) > _LONGEST_NAME:
        return f"user names of more than {_LONGEST_NAME} characters cannot approve"
    if stamp.by in approval.authors:
        return "an author of the plan cannot approve it: somebody else has to"
    if stamp.by.startswith(_PROGRAMS):
        return "it was made by a program, and approvals are given by people"
    ends = moment(approval.expires_at)
    if ends and now >= ends:
        return "the time for approving this digest is over"
    return ""


def standing(status: PlanStatus) -> Standing:
    """Decisions of the current digest, oldest first; the last word of each person is the one that holds."""
    said: dict[str, Decision] = {}
    for decision in status.approval.decisions:
        if decision.counts and decision.digest == status.digest:
            said[decision.by] = decision
    return Standing(
        approved_by=_who(said, "approve", without=status.approval.authors),
        rejected_by=_who(said, "reject"),
        revision_by=_who(said, "revise"),
        comments={by: decision.comment for by, decision in said.items()},
    )


def _who(said: dict[str, Decision], outcome: str, *, without: Sequence[str] = ()) -> tuple[str, ...]:
    return tuple(by for by, decision in said.items() if decision.outcome == outcome and by not in without)
