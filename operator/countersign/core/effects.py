"""From an effect and its dry run to what it would change, and to the digest that an approval binds.

The digest covers the complete desired fields and all changes, uncut; sensitive values enter it keyed, so that a digest
tells nobody anything. What people see is derived from the same values (core/preview.py), never the reverse.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, assert_never

from countersign.actions.base import Seen
from countersign.api.names import (
    ACTION_ID,
    IDEMPOTENCY_KEY,
    PARAMS_DIGEST,
    PLAN_NAME,
    PLAN_UID,
)
from countersign.core.questions import Tracking
from countersign.model.change import MISSING, Change, Operation, compare, operation
from countersign.model.digest import keyed, sha256
from countersign.model.effect import Apply, Call, Effect
from countersign.model.facts import Previewed
from countersign.model.path import Part


@dataclass(frozen=True, slots=True)
class Weighed:
    """An effect whose dry run went through."""

    effect: Effect
    previewed: Previewed = field(hash=False)
    changes: tuple[Change, ...]
    operation: Operation
    digest: str

    def seen(self) -> Seen:
        return Seen(effect=self.effect, live=self.previewed.live, result=self.previewed.result, changes=self.changes)


def content_of(effect: Effect) -> dict[str, Any]:
    """What it sets, with the name of what it sets it on."""
    metadata = effect.fields.get("metadata", {})
    return {**effect.fields, "metadata": {**metadata, "name": effect.target.name, "namespace": effect.target.namespace}}


def body(effect: Apply, tracking: Tracking) -> dict[str, Any]:
    """The object as it is sent to the API server: complete, with the tracking metadata."""
    kind, content = effect.target.kind, content_of(effect)
    metadata = content["metadata"]
    labels = {**metadata.get("labels", {}), PLAN_UID: tracking.plan_uid}
    annotations = {
        **metadata.get("annotations", {}),
        PLAN_NAME: tracking.plan,
        ACTION_ID: tracking.action,
        IDEMPOTENCY_KEY: tracking.key,
        PARAMS_DIGEST: tracking.params_digest,
    }
    return {
        "apiVersion": kind.api_version,
        "kind": kind.kind,
        **content,
        "metadata": {**metadata, "labels": labels, "annotations": annotations},
    }


def carries(live: Mapping[str, Any] | None, tracking: Tracking) -> bool:
    """Whether the object says that it was written for this intent."""
    annotations = (live or {}).get("metadata", {}).get("annotations") or {}
    return annotations.get(IDEMPOTENCY_KEY) == tracking.key and annotations.get(PARAMS_DIGEST) == tracking.params_digest


def of_plan(live: Mapping[str, Any] | None, tracking: Tracking) -> bool:
    """Whether this very plan wrote it last."""
    labels = (live or {}).get("metadata", {}).get("labels") or {}
    return labels.get(PLAN_UID) == tracking.plan_uid


def written_by(live: Mapping[str, Any] | None, tracking: Tracking) -> bool:
    """Whether this very plan wrote it for this intent."""
    return of_plan(live, tracking) and carries(live, tracking)


def weigh(effect: Effect, previewed: Previewed, *, key: bytes) -> Weighed:
    kind = effect.target.kind
    desired = {"apiVersion": kind.api_version, "kind": kind.kind, **content_of(effect)}
    changes = compare(previewed.live, previewed.result, desired=desired)
    done = _operation(effect, previewed.live, changes)
    return Weighed(
        effect=effect,
        previewed=previewed,
        changes=changes,
        operation=done,
        digest=_digest(effect, desired, changes, done, key=key),
    )


def _operation(effect: Effect, live: Mapping[str, Any] | None, changes: tuple[Change, ...]) -> Operation:
    match effect:
        case Apply():
            return operation(live, changes)
        case Call():
            return Operation.CALLED if live is None else Operation.UNCHANGED
    assert_never(effect)


def is_sensitive(effect: Effect, path: tuple[Part, ...]) -> bool:
    """At or below one of the effect's sensitive paths."""
    return any(
        len(path) >= len(pattern) and all(want in ("*", part) for want, part in zip(pattern, path, strict=False))
        for pattern in effect.sensitive
    )


def veiled(effect: Effect, path: tuple[Part, ...], value: Any, *, veil: Callable[[Any], Any]) -> Any:
    """The value that stands at `path`, with everything sensitive in it replaced, however deep it stands."""
    if is_sensitive(effect, path):
        return veil(value)
    match value:
        case Mapping():
            return {name: veiled(effect, (*path, name), item, veil=veil) for name, item in value.items()}
        case list():
            return [veiled(effect, (*path, index), item, veil=veil) for index, item in enumerate(value)]
        case _:
            return value


def _digest(
    effect: Effect, desired: Mapping[str, Any], changes: tuple[Change, ...], done: Operation, *, key: bytes
) -> str:
    target, veil = effect.target, partial(keyed, key=key)
    return sha256(
        {
            "v": 1,
            "target": [target.kind.api_version, target.kind.plural, target.namespace, target.name],
            "operation": done.value,
            "desired": veiled(effect, (), desired, veil=veil),
            "changes": [
                {"path": list(change.path)}
                | {
                    side: veiled(effect, change.path, value, veil=veil)
                    for side, value in (("old", change.old), ("new", change.new))
                    if value is not MISSING
                }
                for change in changes
            ],
        }
    )
