"""Stage 3, Capabilities: actions write only namespaced kinds that their type is registered for."""

from collections.abc import Iterable, Iterator

from countersign.core.review import Review
from countersign.model.finding import Code, Finding


def capabilities(review: Review) -> Iterable[Finding] | None:
    if not any(action.action.parsed for action in review.actions):
        return None
    return list(_not_allowed(review))


def _not_allowed(review: Review) -> Iterator[Finding]:
    for action in (item.action for item in review.actions if item.action.type):
        for effect in action.effects:
            kind = effect.target.kind
            if kind not in action.type.kinds or not kind.namespaced:  # type: ignore[union-attr]  # filtered above
                message = f"{action.planned.type} may not write {kind.kind}: use an action type that does"
                yield Finding(Code.KIND_NOT_ALLOWED, message, path=action.at("type"), action=action.id)
