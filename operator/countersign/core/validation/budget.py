"""Stage 6, Budget: the preview stays within what an approver can be shown and the cluster can store."""

from collections.abc import Iterable

from countersign.api.preview import MAX_PREVIEW_BYTES
from countersign.core.preview import size
from countersign.core.review import Review
from countersign.model.finding import Code, Finding


def budget(review: Review) -> Iterable[Finding] | None:
    if not review.actions or not all(action.shown for action in review.actions):
        return None
    needed = size(review)
    if needed <= MAX_PREVIEW_BYTES:
        return []
    message = f"the preview has {needed} bytes, at most {MAX_PREVIEW_BYTES} can be shown: split the plan"
    return [Finding(Code.PREVIEW_TOO_LARGE, message, path="spec.actions")]
