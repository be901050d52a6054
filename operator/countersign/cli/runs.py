"""The runs of a plan, past and present, each with the people whose approvals it was started on. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from countersign.api.plan_status import Execution, PastRun, PlanStatus
from countersign.core.standing import standing


@dataclass(frozen=True, slots=True)
class Run:
    """`finished_at` is empty while it runs."""

    publication: int
    digest: str
    result: str
    started_at: str
    finished_at: str
    approved_by: tuple[str, ...]
    summary: str


def runs(status: PlanStatus) -> Iterator[Run]:
    """Oldest first; the last may be on its way."""
    yield from (_past(run, status) for run in status.history)
    if status.execution:
        yield _last(status.execution, status)


def _past(run: PastRun, status: PlanStatus) -> Run:
    return Run(
        publication=run.publication,
        digest=run.digest,
        result=run.result,
        started_at=run.started_at,
        finished_at=run.finished_at,
        approved_by=_approvers(run.digest, status),
        summary=run.summary,
    )


def _last(run: Execution, status: PlanStatus) -> Run:
    return Run(
        publication=run.publication,
        digest=run.digest,
        result=status.reason,
        started_at=run.started_at,
        finished_at=run.finished_at or "",
        approved_by=_approvers(run.digest, status),
        summary=status.outcome.summary if status.outcome else status.message,
    )


def _approvers(digest: str, status: PlanStatus) -> tuple[str, ...]:
    """Who has become an author since was none then: an edit has another digest."""
    return standing(status.but(digest=digest, approval=status.approval.but(authors=[]))).approved_by
