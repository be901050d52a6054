"""Stage 3, Capabilities: actions write only what their type is registered for, and what every approval policy allows."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from countersign.core.review import Review
from countersign.model import address
from countersign.model.effect import Apply, Effect
from countersign.model.finding import Code, Finding

_ADDRESSES = (("spec", "connection", "baseUrl"), ("spec", "endpoint"))
"""Fields of tools and model providers."""


def capabilities(review: Review) -> Iterable[Finding] | None:
    if not any(action.action.parsed for action in review.actions):
        return None
    if review.ruling.unknown:
        message = f"the approval policies could not be read and will be tried again: {review.ruling.unknown}"
        return [Finding(Code.POLICIES_UNAVAILABLE, message, retryable=True)]
    return [*_not_allowed(review), *_forbidden_types(review), *_forbidden_hosts(review)]


def _not_allowed(review: Review) -> Iterator[Finding]:
    for action in (item.action for item in review.actions if item.action.type):
        for effect in action.effects:
            kind = effect.target.kind
            allowed = action.type.kinds if isinstance(effect, Apply) else action.type.calls  # type: ignore[union-attr]  # filtered above
            if kind not in allowed or not kind.namespaced:
                does = "write" if isinstance(effect, Apply) else "call"
                message = f"{action.planned.type} may not {does} {kind.kind}: use an action type that does"
                yield Finding(Code.KIND_NOT_ALLOWED, message, path=action.at("type"), action=action.id)


def _forbidden_types(review: Review) -> Iterator[Finding]:
    for action in (item.action for item in review.actions if item.action.type):
        name = action.planned.type
        policy = review.ruling.forbids_type(name)
        if policy is not None:
            message = (
                f"the approval policy {policy} does not allow {name}: leave the action out, or ask the platform team"
            )
            yield Finding(Code.TYPE_NOT_ALLOWED, message, path=action.at("type"), action=action.id)


def _forbidden_hosts(review: Review) -> Iterator[Finding]:
    for action in (item.action for item in review.actions):
        for where, url in (found for effect in action.effects for found in _addresses(effect)):
            named = address.read(url)
            policy = review.ruling.forbids_host(named.host if named else None)
            if policy is not None:
                message = f"the approval policy {policy} does not allow the host of {where}: use an allowed one"
                yield Finding(
                    Code.HOST_NOT_ALLOWED, message, path=action.at("params", *where.split(".")), action=action.id
                )


def _addresses(effect: Effect) -> Iterator[tuple[str, Any]]:
    """Where the object will lead its callers."""
    for where in _ADDRESSES:
        found: Any = effect.fields
        for key in where:
            found = found.get(key) if isinstance(found, Mapping) else None
        if found is not None:
            yield ".".join(where), found
