"""Server-side apply that says what it did, in the words of kubectl."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from countersign.cli.cluster import Json, Plans
from countersign.errors import NotFound
from countersign.model.effect import ResourceKind

_COUNTED = ("generation", "managedFields", "resourceVersion")


def put(plans: Plans, kind: ResourceKind, body: Mapping[str, Any], *, force: bool = False) -> tuple[Json, str]:
    """The object as it is now, and created, configured or unchanged. Needs a namespace and a name in the body."""
    namespace, name = body["metadata"]["namespace"], body["metadata"]["name"]
    before = None
    with suppress(NotFound):
        before = plans.get(kind, namespace=namespace, name=name)
    applied = plans.apply(kind, namespace=namespace, body=body, force=force)
    if before is None or applied.created:
        return applied.content, "created"
    return applied.content, "unchanged" if _of_people(before) == _of_people(applied.content) else "configured"


def _of_people(content: Json) -> Json:
    """Without what the server counts and the operator reports, which changes all the time."""
    metadata = {key: value for key, value in content["metadata"].items() if key not in _COUNTED}
    return {**content, "metadata": metadata, "status": None}
