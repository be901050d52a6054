"""Judges the guard: whether the admission policies and CRDs that stand are those that were generated, and since when.

Takes objects as values and gives lapses as sentences; the shell reads the objects and tries the forgeries.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from countersign.core.decisions import authors, unrecorded
from countersign.core.snapshot import PlanObject
from countersign.model import instant
from countersign.model.digest import sha256

_BITES_WITHIN = timedelta(seconds=5)
"""Policies take effect a moment after they were written."""

Identity = tuple[str, str]


def identity(content: Mapping[str, Any]) -> Identity:
    return (content["kind"], content["metadata"]["name"])


def lapses(expected: Iterable[Mapping[str, Any]], live: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """One sentence for each object that is missing or differs. Policies must be equal, CRDs may have more."""
    standing = {identity(content): content for content in live}
    found = []
    for wanted in expected:
        kind, name = identity(wanted)
        there = standing.get((kind, name))
        if there is None or "deletionTimestamp" in there["metadata"]:
            found.append(f"{kind} {name} is missing")
        elif not _as_generated(wanted, there):
            found.append(f"{kind} {name} is not as it was installed")
    return tuple(found)


def fingerprint(expected: Iterable[Mapping[str, Any]], live: Iterable[Mapping[str, Any]]) -> str:
    """Differs after any change, also one that was taken back: every change counts up the generation or makes a new uid."""
    ours = {identity(content) for content in expected}
    return sha256(
        sorted(
            [*identity(content), content["metadata"]["uid"], str(content["metadata"].get("generation", 0))]
            for content in live
            if identity(content) in ours
        )
    )


def standing_since(expected: Iterable[Mapping[str, Any]], live: Iterable[Mapping[str, Any]]) -> datetime | None:
    """From when on the guard certainly bites; None when an object was changed after it was made, so nobody knows."""
    ours = {identity(content) for content in expected}
    mine = [content["metadata"] for content in live if identity(content) in ours]
    if not mine or any(metadata.get("generation", 1) != 1 for metadata in mine):
        return None
    return max(instant.parse(metadata["creationTimestamp"]) for metadata in mine) + _BITES_WITHIN


def trustworthy(plan: PlanObject, *, since: datetime | None) -> bool:
    """Whether all that stands in the plan was admitted by a standing guard, as far as can be known after a lapse.

    Either it was recorded before, or the plan was made after the guard stood and never changed since.
    """
    if unrecorded(plan) is not None:
        return False
    if since is not None and plan.created_at > since and plan.generation == 1:
        return True
    recorded = set(plan.status.approval.authors)
    return plan.generation == plan.status.approval.generation and set(authors(plan)) <= recorded


def _as_generated(wanted: Mapping[str, Any], there: Mapping[str, Any]) -> bool:
    if wanted["kind"] == "CustomResourceDefinition":
        return _within(wanted["spec"], there.get("spec", {}))
    return bool(wanted.get("spec") == there.get("spec"))


def _within(wanted: Any, there: Any) -> bool:
    match wanted, there:
        case Mapping(), Mapping():
            return all(key in there and _within(value, there[key]) for key, value in wanted.items())
        case list(), list():
            return len(wanted) == len(there) and all(
                _within(left, right) for left, right in zip(wanted, there, strict=True)
            )
        case _:
            return bool(wanted == there)
