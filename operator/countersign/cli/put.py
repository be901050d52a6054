"""Server-side apply that says what it did, in the words of kubectl."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from countersign.cli.cluster import Json, Plans
from countersign.errors import NotFound
from countersign.model.effect import ResourceKind


def put(plans: Plans, kind: ResourceKind, body: Mapping[str, Any], *, force: bool = False) -> tuple[Json, str]:
    """The object as it is now, and created, configured or unchanged. Needs a namespace and a name in the body."""
    namespace, name = body["metadata"]["namespace"], body["metadata"]["name"]
    before = None
    with suppress(NotFound):
        before = plans.get(kind, namespace=namespace, name=name)
    applied = plans.apply(kind, namespace=namespace, body=body, force=force)
    if before is None or applied.created:
        return applied.content, "created"
    same = before["metadata"]["resourceVersion"] == applied.content["metadata"]["resourceVersion"]
    return applied.content, "unchanged" if same else "configured"
