"""Rivalry: another plan that waits or runs writes the same object. A warning, since either may go first.

Gives the question, and the findings that stage 7 reports. They name the other plan but not where it stands: that would be news
with each of its steps. The digest covers what a plan does and not what is said about it, so no approval is void by a rival.
"""

from collections.abc import Iterator

from countersign.core.others import AskRivals
from countersign.core.review import Review
from countersign.model.facts import Present
from countersign.model.finding import Code, Finding, Severity


def rivals_question(review: Review) -> AskRivals | None:
    """None when nobody knows yet what the plan writes, or as whom."""
    refs = sorted({ref for item in review.actions for ref in item.action.resource_refs})
    plan = review.snapshot.plan
    return AskRivals(plan.namespace, plan.name, tuple(refs)) if refs and isinstance(review.account, Present) else None


def open_rivals(review: Review) -> tuple[AskRivals, ...]:
    question = rivals_question(review)
    return (question,) if question and review.snapshot.rivals(question) is None else ()


def rivalry(review: Review) -> Iterator[Finding]:
    """Once for each object, at the first action that writes it."""
    question = rivals_question(review)
    plans: dict[str, list[str]] = {}
    for rival in (question and review.snapshot.rivals(question)) or ():
        plans.setdefault(rival.ref, []).append(rival.plan)
    for action in (item.action for item in review.actions):
        for effect, ref in zip(action.effects, action.resource_refs, strict=True):
            if names := plans.pop(ref, None):
                message = (
                    f"{effect.target} is also written by plan {' and '.join(names)}: cancel what is not wanted, or decide in the "
                    "order in which they are to run, because what one of them changes is previewed anew for the others"
                )
                yield Finding(Code.OTHER_PLAN, message, path=action.at(), action=action.id, severity=Severity.WARNING)
