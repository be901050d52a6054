"""The difference an effect makes, found by comparing the live object with the result of a dry run.

Only what somebody asked for or somebody had before counts: what the server fills in, writes on every change or keeps for
itself is no change, and neither is our own tracking metadata. So a digest over changes is stable.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from countersign.model.path import Part

Path = tuple[Part, ...]

TRACKING = "countersign.dev/"
_SERVER_OWNED = frozenset(
    {
        "creationTimestamp",
        "deletionTimestamp",
        "generation",
        "managedFields",
        "name",
        "namespace",
        "resourceVersion",
        "selfLink",
        "uid",
    }
)
_NOT_OWNED = frozenset({"apiVersion", "kind", "metadata", "status"})


class Operation(StrEnum):
    CREATED = "created"
    CONFIGURED = "configured"
    UNCHANGED = "unchanged"
    DELETED = "deleted"
    CALLED = "called"


class _Missing:
    """Falsy, so that nothing and an empty mapping are told apart only where it matters."""

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "MISSING"


MISSING = _Missing()


@dataclass(frozen=True, slots=True)
class Change:
    """`old` is MISSING when the value is new, `new` is MISSING when it goes away."""

    path: Path
    old: Any = field(hash=False)
    new: Any = field(hash=False)


def meaningful(body: Mapping[str, Any] | None) -> dict[str, Any]:
    """What people own in an object: not its identity, no server-owned metadata, no status, no tracking metadata of ours."""
    if body is None:
        return {}
    metadata = {key: value for key, value in body.get("metadata", {}).items() if key not in _SERVER_OWNED}
    for bag in ("labels", "annotations"):
        kept = {key: value for key, value in metadata.pop(bag, {}).items() if not key.startswith(TRACKING)}
        if kept:
            metadata[bag] = kept
    rest = {key: value for key, value in body.items() if key not in _NOT_OWNED}
    return {**rest, "metadata": metadata} if metadata else rest


def compare(
    live: Mapping[str, Any] | None, result: Mapping[str, Any], *, desired: Mapping[str, Any]
) -> tuple[Change, ...]:
    """What changes from `live` to `result`, sorted by path; additions that nobody asked for are the server's defaults."""
    wanted = meaningful(desired)
    found = sorted(_differences((), meaningful(live), meaningful(result)), key=lambda change: _sortable(change.path))
    changes = (_without_defaults(change, wanted) for change in found)
    return tuple(change for change in changes if change is not None)


def _without_defaults(change: Change, wanted: Mapping[str, Any]) -> Change | None:
    """An addition without what the server filled in; None when nobody asked for any of it."""
    if change.old is not MISSING:
        return change
    asked = _asked_for(wanted, change.path)
    return None if asked is MISSING else Change(change.path, MISSING, _pruned(change.new, asked))


def _pruned(value: Any, asked: Any) -> Any:
    """Only a whole new list comes here with something inside; mappings were taken apart before."""
    match value, asked:
        case dict(), dict():
            return {key: _pruned(item, asked[key]) for key, item in value.items() if key in asked}
        case list(), list() if len(value) == len(asked):
            return [_pruned(item, wish) for item, wish in zip(value, asked, strict=True)]
        case _:
            return value


def operation(live: Mapping[str, Any] | None, changes: tuple[Change, ...]) -> Operation:
    if live is None:
        return Operation.CREATED
    return Operation.CONFIGURED if changes else Operation.UNCHANGED


def _differences(path: Path, old: Any, new: Any) -> Iterator[Change]:
    """Down to the leaves: what appears or goes away as a whole is listed leaf by leaf too."""
    match old, new:
        case ((dict() | _Missing()), (dict() | _Missing())) if old or new:
            yield from _in_mappings(path, old or {}, new or {})
        case list(), list():
            for index in range(max(len(old), len(new))):
                yield from _differences((*path, index), _at(old, index), _at(new, index))
        case _ if not _same(old, new):
            yield Change(path, old, new)


def _same(old: Any, new: Any) -> bool:
    """As JSON has it: to Python, true is 1 and false is 0."""
    return isinstance(old, bool) is isinstance(new, bool) and (old is new or old == new)


def _in_mappings(path: Path, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for key in old.keys() | new.keys():
        yield from _differences((*path, key), old.get(key, MISSING), new.get(key, MISSING))


def _at(values: list[Any], index: int) -> Any:
    return values[index] if index < len(values) else MISSING


def _asked_for(desired: Any, path: Path) -> Any:
    """What was asked for at the path, MISSING when nothing was."""
    for part in path:
        match desired, part:
            case dict(), str() if part in desired:
                desired = desired[part]
            case list(), int() if part < len(desired):
                desired = desired[part]
            case _:
                return MISSING
    return desired


def _sortable(path: Path) -> tuple[tuple[int, str], ...]:
    return tuple((part, "") if isinstance(part, int) else (-1, part) for part in path)
