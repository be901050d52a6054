"""What is remembered of a plan to answer questions of other plans about it: taken from its last seen state, compared by value."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from countersign.model.finding import Code
from countersign.shell.key import Key, key_of

_OPEN = ("Draft", "Approved", "Executing")

Age = tuple[str, str]
"""When a plan was made, and its name for those of the same second."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Of a plan that is not finished. `refs` are the objects that its published actions write."""

    key: Key
    age: Age
    phase: str
    reason: str
    published: bool
    turned_away: bool
    approved_at: str
    refs: frozenset[str]

    @property
    def has_started(self) -> bool:
        return self.phase == "Executing"

    @property
    def waits_in_line(self) -> bool:
        return (self.phase, self.reason) == ("Approved", "Queued")


def entry_of(content: Mapping[str, Any]) -> Entry | None:
    """None for what is finished or about to be deleted: it stands in nobody's way."""
    metadata, status = content["metadata"], content.get("status", {})
    phase = status.get("phase", "Draft")
    if phase not in _OPEN or "deletionTimestamp" in metadata:
        return None
    published = bool(status.get("digest"))
    return Entry(
        key=key_of(content),
        age=(metadata["creationTimestamp"], metadata["name"]),
        phase=phase,
        reason=status.get("reason", ""),
        published=published,
        turned_away=_is_turned_away(status),
        approved_at=_approved_at(status),
        refs=frozenset(ref for action in status.get("actions", ()) for ref in action.get("resourceRefs", ()))
        if published
        else frozenset(),
    )


def _is_turned_away(status: Mapping[str, Any]) -> bool:
    found = status.get("validation", {}).get("diagnostics", ())
    return any(finding["code"] == Code.TOO_MANY_OPEN_PLANS.code for finding in found)


def _approved_at(status: Mapping[str, Any]) -> str:
    conditions = status.get("conditions", ())
    return next(
        (item["lastTransitionTime"] for item in conditions if (item["type"], item["status"]) == ("Approved", "True")),
        "",
    )
