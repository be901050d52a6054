"""Queueing: an approved plan that nothing stands in the way of starts when it is its turn.

Gives the question about its place; `judging` asks it before anything that costs a request, `deciding` goes by the answer.
"""

from countersign.core.moments import moment
from countersign.core.others import AskPlace
from countersign.core.snapshot import Snapshot
from countersign.core.steps import Rest, Start

_APPROVED = ("Approved", "True")


def place_question(snapshot: Snapshot) -> AskPlace:
    """First come, first served, by the time of the approval. It stands in the status, so a restart forgets nobody's place."""
    plan = snapshot.plan
    recorded = next(
        (moment(item.last_transition_time) for item in plan.status.conditions if (item.type, item.status) == _APPROVED),
        None,
    )
    return AskPlace(plan.namespace, plan.name, created_at=plan.created_at, approved_at=recorded or snapshot.now)


def open_place(snapshot: Snapshot, decided: Start | Rest) -> tuple[AskPlace, ...]:
    """Only a plan that could start at once is let into the line."""
    question = place_question(snapshot)
    return (question,) if isinstance(decided, Start) and snapshot.place(question) is None else ()
