"""Stage 8, Protection: objects labelled as protected are left alone."""

from collections.abc import Iterable, Iterator

from countersign.api.names import PROTECTED
from countersign.core.review import Review
from countersign.model.finding import Code, Finding


def protection(review: Review) -> Iterable[Finding] | None:
    if not any(action.weighed for action in review.actions):
        return None
    return list(_protected(review))


def _protected(review: Review) -> Iterator[Finding]:
    for item in review.actions:
        for weighed in item.weighed:
            labels = ((weighed.previewed.live or {}).get("metadata") or {}).get("labels") or {}
            if weighed.changes and PROTECTED in labels:
                message = (
                    f"{weighed.effect.target} carries the label {PROTECTED}: remove the label first, or leave it alone"
                )
                yield Finding(Code.PROTECTED, message, path=item.action.at(), action=item.action.id)
