"""Calls: effects that are made once and never again. What the plan remembers of them, and what the other side is told.

The other side shows no object that carries our mark, so what was called is known from the journal while the plan runs, and from
the ledger afterwards. `review` and `attempting` ask here what a call would still do.
"""

from dataclasses import replace

from countersign.api.plan_status import PlanStatus
from countersign.core.questions import AskPreview, Tracking
from countersign.core.snapshot import Snapshot
from countersign.model.digest import sha256
from countersign.model.effect import Call
from countersign.model.facts import Preview, Previewed


def call_key(tracking: Tracking, place: int) -> str:
    """Names one call for the other side: the same for each attempt, another for each intent of each plan."""
    return sha256({"planUid": tracking.plan_uid, "idempotencyKey": tracking.key, "effect": place})


def remembered(snapshot: Snapshot, question: AskPreview, place: int) -> Preview | None:
    """A call that an earlier run of this plan made is in place, and changes nothing any more."""
    preview = snapshot.preview(question)
    if not isinstance(question.effect, Call) or not isinstance(preview, Previewed):
        return preview
    made = _made(snapshot.plan.status, question.tracking, place)
    return replace(preview, live=preview.result) if made else preview


def _made(status: PlanStatus, tracking: Tracking, place: int) -> bool:
    known = (entry for entry in status.ledger if entry.key == tracking.key)
    return any(
        entry.params_digest == tracking.params_digest and (entry.effects_done is None or place < entry.effects_done)
        for entry in known
    )
