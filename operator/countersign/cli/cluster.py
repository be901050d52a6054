"""What a command asks of the cluster. `Plans` is the seam: `api_server` is the real one, tests have one in memory.

Every method raises one of `countersign.errors`, whose message is a sentence for people.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from countersign.model.effect import ResourceKind

MANAGER = "countersign-cli"
"""Owner of the fields that the command line sets. It must not begin with kubectl: Flux takes such managers' fields away."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Which cluster and namespace the options name; None where they leave it to the kubeconfig."""

    namespace: str | None = None
    context: str | None = None
    kubeconfig: Path | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """The object as it is now, and whether the server had to create it."""

    content: Json
    created: bool


class Plans(Protocol):
    """One cluster, as somebody in particular."""

    @property
    def namespace(self) -> str:
        """Where the kubeconfig points to."""
        ...

    def get(self, kind: ResourceKind, *, namespace: str, name: str) -> Json: ...

    def list(self, kind: ResourceKind, *, namespace: str | None, fields: str = "") -> tuple[Json, ...]:
        """In all namespaces if it is None; `fields` is a field selector."""
        ...

    def create(self, kind: ResourceKind, *, namespace: str, body: Mapping[str, Any]) -> Json: ...

    def apply(self, kind: ResourceKind, *, namespace: str, body: Mapping[str, Any], force: bool = False) -> Applied:
        """Server-side apply of all that we want to own. `force` takes fields over from other managers."""
        ...

    def patch(self, kind: ResourceKind, *, namespace: str, name: str, body: Mapping[str, Any]) -> Json:
        """A merge patch."""
        ...

    def delete(self, kind: ResourceKind, *, namespace: str, name: str) -> None: ...
