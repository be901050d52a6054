"""The whole operator in one function: what to do next about a plan, given all there is to know."""

from dataclasses import replace

from countersign.api.names import RETRY
from countersign.core.finishing import reopen, reopened, rest
from countersign.core.judging import judge
from countersign.core.running import run
from countersign.core.snapshot import Snapshot
from countersign.core.steps import Rest, Step


def next_step(snapshot: Snapshot) -> Step:
    """Total and deterministic: same snapshot, same step."""
    plan = snapshot.plan
    if plan.deleting:
        return Rest(plan.status)
    match plan.status.phase:
        case "Executing":
            return run(snapshot)
        case "Executed" | "Failed" if not reopened(snapshot):
            return rest(snapshot)
        case "Executed" | "Failed":
            return _continued(snapshot, reopen(snapshot, result=plan.status.reason))
        case _:
            return judge(_renewed(snapshot))


def _continued(snapshot: Snapshot, opened: Rest) -> Step:
    """A reopened plan is judged at once; nobody needs to see the state in between, nor its conditions."""
    return judge(snapshot.with_status(opened.status.but(conditions=snapshot.plan.status.conditions)))


def _renewed(snapshot: Snapshot) -> Snapshot:
    """A waiting plan whose time for approval ended gets a new digest when somebody asks for it."""
    plan = snapshot.plan
    if plan.status.reason != "Expired" or plan.annotations.get(RETRY) != str(plan.status.publication):
        return snapshot
    return replace(snapshot, plan=replace(plan, status=plan.status.but(digest=None)))
