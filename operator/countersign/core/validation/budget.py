"""Stage 6, Budget: the preview stays within what an approver can be shown, and the record within what the Plan can hold."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from countersign.api.plan_status import MAX_LEDGER
from countersign.api.preview import MAX_PREVIEW_BYTES
from countersign.core.fitting import MAX_STATUS_BYTES, needed
from countersign.core.preview import size
from countersign.core.review import Review
from countersign.core.tally import carried_out
from countersign.model import duration
from countersign.model.finding import Code, Finding


def budget(review: Review) -> Iterable[Finding] | None:
    if not review.actions or not all(action.shown for action in review.actions):
        return None
    return [*_actions(review), *_duration(review), *_preview(review), *_record(review), *_ledger(review)]


def _actions(review: Review) -> Iterator[Finding]:
    most = review.ruling.limits.actions
    if most is not None and len(review.actions) > most:
        message = f"the plan has {len(review.actions)} actions, approval policies allow {most}: split the plan"
        yield Finding(Code.TOO_MANY_ACTIONS, message, path="spec.actions")


def _duration(review: Review) -> Iterator[Finding]:
    most = review.ruling.limits.duration
    actions = [item.action for item in review.actions]
    longest = sum((duration.parse(one.timeout) * (one.retries + 1) for one in actions), timedelta())
    if most is not None and longest > most:
        message = (
            f"timeouts and retries add up to {duration.show(longest)}, approval policies allow {duration.show(most)}: "
            "shorten timeouts, lower retries, or split the plan"
        )
        yield Finding(Code.TOO_LONG, message, path="spec.actions")


def _preview(review: Review) -> Iterator[Finding]:
    used = size(review)
    most = min(MAX_PREVIEW_BYTES, review.ruling.limits.preview_bytes or MAX_PREVIEW_BYTES)
    if used > most:
        message = f"the preview has {used} bytes, at most {most} can be shown: split the plan"
        yield Finding(Code.PREVIEW_TOO_LARGE, message, path="spec.actions")


def _record(review: Review) -> Iterator[Finding]:
    used = needed(review.snapshot.plan.status, (action.action for action in review.actions))
    if used > MAX_STATUS_BYTES:
        message = (
            f"the record of the run needs {used} bytes, at most {MAX_STATUS_BYTES} fit into status: "
            "shorten ids and idempotencyKeys, or split the plan"
        )
        yield Finding(Code.RECORD_TOO_LARGE, message, path="spec.actions")


def _ledger(review: Review) -> Iterator[Finding]:
    ledger = review.snapshot.plan.status.ledger
    new = {action.action.planned.idempotency_key for action in review.actions} - carried_out(ledger)
    intents = len(ledger) + len(new)
    if intents > MAX_LEDGER:
        message = (
            f"the plan would have to remember {intents} intents over its publications, at most {MAX_LEDGER} fit: "
            "submit what is new as another plan"
        )
        yield Finding(Code.RECORD_TOO_LARGE, message, path="spec.actions")
