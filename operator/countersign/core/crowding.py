"""Crowding: beyond the cap on open plans of a namespace a plan is neither validated nor previewed, until others have ended.

Asked by `judging` before anything else about a plan that is not published. Whatever was published stays so: a plan that
approvers look at is never turned away because others came.
"""

from countersign.core import sentences
from countersign.core.draft import Draft
from countersign.core.others import AskCrowd
from countersign.core.pacing import revalidation
from countersign.core.review import review
from countersign.core.situation import Situation, situate
from countersign.core.snapshot import Snapshot
from countersign.core.steps import Look, Rest
from countersign.core.validation import STAGES, Report
from countersign.core.verdict import with_verdict
from countersign.model.finding import Code, Finding
from countersign.model.stage import Stage


def turned_away(snapshot: Snapshot, draft: Draft) -> Look | Rest | None:
    """None: there is room. Whose turn it is follows from the age of the plans, so that nobody overtakes."""
    plan, most = snapshot.plan, snapshot.rules.open_plans
    if not most or plan.status.digest:
        return None
    question = AskCrowd(plan.namespace, plan.name, created_at=plan.created_at)
    crowd = snapshot.crowd(question)
    if crowd is None:
        return Look((question,))
    return _away(snapshot, draft) if crowd.ahead >= most else None


def _away(snapshot: Snapshot, draft: Draft) -> Rest:
    """The number of those ahead is left out: it would be news with each plan that ends."""
    report = _report(snapshot)
    status = with_verdict(snapshot.plan.status, review(snapshot, draft), report)
    return Rest(situate(snapshot, status, Situation.BLOCKED, sentences.invalid(report)), until=revalidation(snapshot))


def _report(snapshot: Snapshot) -> Report:
    most = snapshot.rules.open_plans
    message = (
        f"{most} other plans of the namespace are not finished, and no more are looked after at once: "
        "finish, cancel or delete some, then this one is taken up by itself"
    )
    finding = Finding(Code.TOO_MANY_OPEN_PLANS, message, retryable=True)
    return Report(
        outcomes=tuple((stage, "Unavailable" if stage is Stage.BUDGET else "NotReached") for stage, _ in STAGES),
        findings=(finding,),
    )
