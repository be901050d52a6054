"""Stage 8, Protection: objects labelled as protected are left alone; freezes and protected namespaces are told."""

from collections.abc import Iterable, Iterator

from countersign.api.names import PROTECTED
from countersign.core.review import Review
from countersign.model import instant
from countersign.model.finding import Code, Finding, Severity


def protection(review: Review) -> Iterable[Finding] | None:
    if not any(action.weighed for action in review.actions):
        return None
    return [*_frozen(review), *_protected_namespace(review), *_protected(review)]


def _frozen(review: Review) -> Iterator[Finding]:
    """Not wrong with the plan: it can be approved, and starts afterwards."""
    found = review.ruling.frozen(review.snapshot.now)
    if found is not None:
        message = (
            f"{found.name} of the approval policy {found.policy} lets nothing start until {instant.show(found.until)}: "
            "wait, or have the glass broken"
        )
        yield Finding(Code.FROZEN, message, severity=Severity.WARNING)


def _protected_namespace(review: Review) -> Iterator[Finding]:
    if review.ruling.protected:
        message = f"the namespace carries the label {PROTECTED}, so every action is at least of high risk"
        yield Finding(Code.NAMESPACE_PROTECTED, message, severity=Severity.WARNING)


def _protected(review: Review) -> Iterator[Finding]:
    for item in review.actions:
        for weighed in item.weighed:
            labels = ((weighed.previewed.live or {}).get("metadata") or {}).get("labels") or {}
            if weighed.changes and PROTECTED in labels:
                message = (
                    f"{weighed.effect.target} carries the label {PROTECTED}: remove the label first, or leave it alone"
                )
                yield Finding(Code.PROTECTED, message, path=item.action.at(), action=item.action.id)
