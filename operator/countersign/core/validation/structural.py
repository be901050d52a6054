"""Stage 1, Structural: the plan has the shape of one. The parsing itself found everything (core/draft.py)."""

from collections.abc import Iterable

from countersign.core.review import Review
from countersign.model.finding import Finding


def structural(review: Review) -> Iterable[Finding]:
    return review.draft.findings
