"""Whether everything is still as the guard compared it last: asked before each start, for two lists instead of six.

The watches say when something changes, but may lag behind the plan that is about to start. What a forgery would need to be gone
is therefore read at that very moment; without the rest nobody can decide at all, so that a moment later is soon enough (ADR 1).
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from countersign.errors import ClusterError
from countersign.shell.client import ApiClient
from countersign.shell.guarded import LABELLED, PART_OF

DECISIVE = tuple(kind for kind in LABELLED if kind.kind.startswith("ValidatingAdmissionPolicy"))
"""The checks and their bindings: while they stand, nobody decides in another's name or hides that he wrote the plan."""

Versions = frozenset[tuple[str, str, str]]
"""Kind, name and resourceVersion of each: another set after any change, also one that was taken back."""


@dataclass(kw_only=True)
class Stillness:
    """`clock` counts seconds."""

    client: ApiClient
    clock: Callable[[], float]
    _heard: int = field(default=0, init=False)
    """How often the watches told of a change, and how often they had when the last comparison began."""
    _covered: int = field(default=0, init=False)
    _decisive: Versions = field(default=frozenset(), init=False)
    _doubted: float = field(default=0.0, init=False)

    def hear(self) -> None:
        """Something has changed."""
        self._heard += 1

    def doubt(self, *, seconds: float) -> None:
        """So long the watches may not tell of what changes."""
        self._doubted = self.clock() + seconds

    def begin(self) -> None:
        """A comparison with everything begins; what is heard from now on it may not see."""
        self._covered = self._heard

    def take(self, live: Iterable[dict[str, Any]]) -> None:
        """That is what it saw."""
        self._decisive = _versions(live)

    async def holds(self) -> bool:
        """When in doubt it does not."""
        if self.clock() < self._doubted:
            return False
        try:
            found = await _decisive(self.client)
        except ClusterError:
            return False
        return found == self._decisive and self._heard == self._covered


async def _decisive(client: ApiClient) -> Versions:
    lists = await asyncio.gather(*(client.list(kind, label_selector=PART_OF, metadata_only=True) for kind in DECISIVE))
    return _versions(content for found in lists for content in found.items)


def _versions(contents: Iterable[dict[str, Any]]) -> Versions:
    kinds = {kind.kind for kind in DECISIVE}
    return frozenset(
        (content["kind"], content["metadata"]["name"], content["metadata"]["resourceVersion"])
        for content in contents
        if content["kind"] in kinds
    )
