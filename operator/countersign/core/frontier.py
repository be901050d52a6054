"""How far a run has come: which actions may begin now, and which never will. Follows from the journal and the graph."""

from collections.abc import Sequence
from datetime import datetime

from countersign.api.plan_status import ActionStatus, PlanStatus
from countersign.core.graph import Graph
from countersign.core.journal import ON_THE_WAY, closed, progress


def frontier(graph: Graph, entries: Sequence[ActionStatus], *, in_flight: frozenset[str]) -> tuple[int, ...]:
    """Actions that are neither over nor in flight and have nothing before them that still has to happen."""
    return tuple(
        index
        for index, entry in enumerate(entries)
        if entry.status in ON_THE_WAY
        and entry.id not in in_flight
        and all(_out_of_the_way(entries[need], ordered=graph.ordered) for need in graph.needs[index])
    )


def bereft(status: PlanStatus, graph: Graph, *, now: datetime) -> PlanStatus:
    """With the actions closed that depend on a failed one. In an ordered plan none depends on another."""
    if graph.ordered:
        return status
    entries = list(status.actions)
    for index in graph.order:
        if any(_lost(entries[need]) for need in graph.needs[index]):
            entries[index] = closed(entries[index], reason="DependencyFailed", now=now)
    return status.but(actions=entries, progress=progress(entries)) if entries != status.actions else status


def _out_of_the_way(entry: ActionStatus, *, ordered: bool) -> bool:
    return entry.status not in ON_THE_WAY if ordered else _succeeded(entry)


def _succeeded(entry: ActionStatus) -> bool:
    return entry.status == "applied" or entry.reason == "AlreadyApplied"


def _lost(entry: ActionStatus) -> bool:
    return entry.status not in ON_THE_WAY and not _succeeded(entry)
