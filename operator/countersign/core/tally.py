"""What of an action is done, effect by effect, as its journal entry tells it.

Takes entries, gives objects with what was made of them: `journal` asks before it calls an action undone, `finishing` counts.
"""

from collections.abc import Iterable, Sequence

from countersign.api.plan_status import ActionStatus, LedgerEntry


def done(entry: ActionStatus) -> tuple[tuple[str, str], ...]:
    """Each object that is as the action wants it, with what was done to it."""
    if entry.reason == "AlreadyApplied":
        return tuple((name, "unchanged") for name in entry.resource_refs)
    through = len(entry.resource_refs) if entry.status == "applied" else entry.effects_done or 0
    return tuple(zip(entry.resource_refs, _operations(entry), strict=True))[:through]


def carried_out(ledger: Iterable[LedgerEntry]) -> frozenset[str]:
    """Keys of the intents that were carried out, and not only in part."""
    return frozenset(entry.key for entry in ledger if entry.effects_done is None)


def called(entry: ActionStatus) -> bool:
    """Whether it did something that must not be done again."""
    return any(what == "called" for _, what in done(entry))


def touched(entry: ActionStatus) -> bool:
    """Whether it changed anything."""
    return any(what != "unchanged" for _, what in done(entry))


def _operations(entry: ActionStatus) -> Sequence[str]:
    return entry.operations or [entry.operation or "unchanged"] * len(entry.resource_refs)
