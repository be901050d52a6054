"""Which step of a plan is only as good as the annotations it was made from: before it the guard must stand at that very moment."""

from countersign.api.plan_status import PlanStatus
from countersign.core.journal import ON_THE_WAY


def rests_on_annotations(before: PlanStatus, after: PlanStatus) -> bool:
    """Not so a start that finds everything carried out before: whoever forged its approval has gained nothing."""
    begins = after.execution is not None and (
        before.execution is None or after.execution.started_at != before.execution.started_at
    )
    if begins and not any(entry.status in ON_THE_WAY for entry in after.actions):
        return False
    return (
        begins
        or before.approval.decisions != after.approval.decisions
        or before.approval.authors != after.approval.authors
        or before.approval.generation != after.approval.generation
        or before.digest != after.digest
    )
