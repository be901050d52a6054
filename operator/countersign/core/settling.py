"""Settling: what an action wrote is in place, and the plan waits until it is ready, as far as the action asks for that."""

from countersign.actions.base import Broken, Pending
from countersign.api.plan_status import ActionStatus
from countersign.core.journal import patience
from countersign.core.projection import Projected
from countersign.core.questions import AskObject
from countersign.core.snapshot import Snapshot
from countersign.core.steps import Done, Failure
from countersign.model import duration
from countersign.model.facts import Found


def awaited(projected: Projected, account: str) -> tuple[AskObject, ...]:
    """Follows from the params alone: what was written gets ready, whatever became of the things it was made from."""
    action = projected.action
    assert action.type is not None  # noqa: S101  # only what has a type is shown, written and waited for
    return tuple(AskObject(account, target) for target in action.type.awaited(action.params, projected.world))


def settled(snapshot: Snapshot, projected: Projected, entry: ActionStatus, account: str) -> Done | Pending | Failure:
    """What cannot be seen is not ready; whoever waits too long has failed. What is written stays, ready or not."""
    progress = _progress(snapshot, projected, account)
    if progress is None:
        return Done()
    if isinstance(progress, Broken):
        return Failure("NotReady", progress.message, passing=False, done=len(entry.resource_refs))
    ends = patience(entry, timeout=duration.parse(projected.action.timeout))
    if ends is not None and snapshot.now < ends:
        return progress
    late = f"not ready within {projected.action.timeout}: {progress.message}"
    return Failure("Timeout", late, passing=False, done=len(entry.resource_refs))


def _progress(snapshot: Snapshot, projected: Projected, account: str) -> Pending | Broken | None:
    sights = {question.target: snapshot.sight(question) for question in awaited(projected, account)}
    unseen = [target for target, sight in sights.items() if not isinstance(sight, Found)]
    if unseen:
        return Pending(f"{unseen[0]} cannot be seen")
    action = projected.action
    assert action.type is not None  # noqa: S101  # only what has a type is written, and settles
    seen = {target: sight.content for target, sight in sights.items() if isinstance(sight, Found)}
    world = projected.world.with_objects(seen)
    return action.type.settle(action.params, world)
