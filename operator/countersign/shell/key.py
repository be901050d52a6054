"""The name of one object of a known kind: what caches are keyed by and queues hand out."""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Key(NamedTuple):
    """`namespace` is empty for objects that stand in none."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


def key_of(content: Mapping[str, Any]) -> Key:
    metadata = content["metadata"]
    return Key(metadata.get("namespace", ""), metadata["name"])
