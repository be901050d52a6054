"""Stage 10, Federation: nothing is written outside the namespace of the plan."""

from collections.abc import Iterable

from countersign.core.review import Review
from countersign.model.finding import Code, Finding


def federation(review: Review) -> Iterable[Finding] | None:
    if not any(action.action.parsed for action in review.actions):
        return None
    home = review.snapshot.plan.namespace
    return [
        Finding(
            Code.OUTSIDE_NAMESPACE,
            f"{effect.target} lies in namespace {effect.target.namespace}: submit the plan there",
            path=item.action.at(),
            action=item.action.id,
        )
        for item in review.actions
        for effect in item.action.effects
        if effect.target.namespace != home
    ]
