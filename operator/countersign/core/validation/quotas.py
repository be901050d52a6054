"""Stage 11, Quotas: the plan as a whole fits into what the resource quotas of the namespace leave."""

from collections.abc import Iterable, Iterator
from typing import assert_never

from countersign.core.quotas import Lack, demand, exceeded, quotas_question
from countersign.core.review import Review
from countersign.core.validation.access import grant
from countersign.model import quantity
from countersign.model.effect import RESOURCE_QUOTA
from countersign.model.facts import Hidden, Quota, Refusal, Refused, Unavailable
from countersign.model.finding import Code, Finding

_ACTIONS = "spec.actions"


def quotas(review: Review) -> Iterable[Finding] | None:
    refused = list(_refused(review))
    if not review.actions or not all(action.shown for action in review.actions):
        return refused or None
    question = quotas_question(review)
    if question is None:
        return []
    answer = review.snapshot.quotas(question)
    match answer:
        case None:
            return None
        case Hidden():
            return [_unread(grant("list", RESOURCE_QUOTA, question.account, question.namespace))]
        case Unavailable(message=reason):
            where = f"the resource quotas of namespace {question.namespace}"
            return [_unread(f"{where} could not be read and will be tried again: {reason}")]
        case tuple():
            wanted = demand(review)
            return [_exceeded(quota, lack) for quota in answer for lack in exceeded(quota, wanted)]
    assert_never(answer)


def _refused(review: Review) -> Iterator[Finding]:
    """One object alone can be too much: then its dry run says so."""
    for action in review.actions:
        for trial in action.trials:
            match trial.preview:
                case Refused(refusal=Refusal.QUOTA, message=reason):
                    message = f"{trial.effect.target} is refused: {reason}"
                    yield Finding(Code.QUOTA_EXCEEDED, message, path=action.action.at(), action=action.action.id)
                case _:
                    pass


def _unread(message: str) -> Finding:
    return Finding(Code.QUOTAS_UNAVAILABLE, message, path=_ACTIONS, retryable=True)


def _exceeded(quota: Quota, lack: Lack) -> Finding:
    wanted, used, hard = (quantity.show(amount) for amount in (lack.wanted, lack.used, lack.hard))
    message = (
        f"resource quota {quota.name} allows {hard} of {lack.resource}, {used} are used and the plan would add {wanted}: "
        "leave actions out, delete what is no longer needed, or have the quota raised"
    )
    return Finding(Code.QUOTA_EXCEEDED, message, path=_ACTIONS)
