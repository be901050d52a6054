"""Stage 2, References: what the actions name exists, as far as the executor may see."""

from collections.abc import Iterable
from typing import assert_never

from countersign.actions.base import Reference
from countersign.core.draft import DraftAction
from countersign.core.review import ActionReview, Review
from countersign.model.facts import Absent, Existence, Hidden, Present, Unavailable
from countersign.model.finding import Code, Finding, Severity


def references(review: Review) -> Iterable[Finding] | None:
    if not any(action.action.parsed for action in review.actions):
        return None
    if review.account_uid is None and any(action.action.references for action in review.actions):
        return None
    return [
        finding
        for action in review.actions
        for reference, answer in action.references
        for finding in _judge(action.action, reference, answer)
        if not (isinstance(answer, Absent) and _may_still_come(review, action))
    ]


def _may_still_come(review: Review, action: ActionReview) -> bool:
    """Nobody knows yet what an earlier action would make, so nobody can say that something is missing."""
    return any(not review.actions[before].action.compiled for before in review.draft.graph.before[action.action.index])


def _judge(action: DraftAction, reference: Reference, answer: Existence) -> tuple[Finding, ...]:
    where, what = action.at("params", *reference.path), f"{reference.kind.kind} {reference.name}"
    match answer:
        case Present():
            return ()
        case Absent():
            message = f"there is no {what} in this namespace: create it first or correct the name"
            return (Finding(Code.NOT_FOUND, message, path=where, action=action.id),)
        case Hidden():
            message = f"the executor may not get {what}, so nobody checked that it exists: check it by hand"
            return (Finding(Code.NOT_VERIFIED, message, path=where, action=action.id, severity=Severity.WARNING),)
        case Unavailable(message=reason):
            message = f"{what} could not be looked up and will be tried again: {reason}"
            return (Finding(Code.REFERENCES_UNAVAILABLE, message, path=where, action=action.id, retryable=True),)
    assert_never(answer)
