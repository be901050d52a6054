"""What a plan says to people: one sentence that tells where it stands and what to do next, with the exact command."""

from collections.abc import Sequence

from countersign.api.names import RETRY, command
from countersign.api.plan_status import PlanStatus
from countersign.core.policies.freezes import Frozen
from countersign.core.snapshot import PlanObject
from countersign.core.stamps import BREAK_GLASS
from countersign.core.standing import Standing
from countersign.core.validation import Report
from countersign.model import instant
from countersign.model.facts import InLine

_FEW = 3


def invalid(report: Report) -> str:
    errors = [finding for finding in report.findings if finding.blocks]
    first = errors[0]
    more = f" ({len(errors) - 1} more in status.validation.diagnostics)" if len(errors) > 1 else ""
    where = f"{first.path}: " if first.path else ""
    return f"{where}{first.message}{more}"


def awaiting(plan: PlanObject, status: PlanStatus, *, changed: bool) -> str:
    missing = status.approval.required - status.approval.approved
    approvals = "1 approval is" if missing == 1 else f"{missing} approvals are"
    lead = "The preview or the rules changed, so earlier approvals are void. " if changed else ""
    return (
        f"{lead}{status.max_risk} risk, {approvals} missing until {status.approval.expires_at}. "
        f"See what it would change: kubectl get planpreview -n {plan.namespace} {status.preview} -o yaml; "
        f"approve it: {_approve(plan, status)}"
    )


def frozen(plan: PlanObject, status: PlanStatus, found: Frozen, *, broken: int = 0) -> str:
    """Approvals may be given meanwhile. `broken`: by how many the glass is broken so far."""
    missing = status.approval.required - status.approval.approved
    approvals = f"; approvals still missing: {missing}, {_approve(plan, status)}" if missing > 0 else ""
    return (
        f"Frozen until {instant.show(found.until)} by {found.name} of the approval policy {found.policy}: "
        f"it starts by itself afterwards{approvals}{_emergency(plan, status, broken)}"
    )


def blocked(plan: PlanObject, status: PlanStatus, *, broken: int = 0) -> str:
    policies = ", ".join(status.approval.policies)
    return f"Plans of {status.max_risk} risk are blocked by {policies}{_emergency(plan, status, broken)}"


def _approve(plan: PlanObject, status: PlanStatus, *, comment: str = "") -> str:
    value = f"'{status.digest} {comment}'" if comment else status.digest
    return f"kubectl annotate plan -n {plan.namespace} {plan.name} {command('approve')}={value}"


def _emergency(plan: PlanObject, status: PlanStatus, broken: int) -> str:
    glass = status.approval.break_glass
    if glass is None:
        return ""
    groups = " and of ".join(" or ".join(one.groups) for one in glass.lists)
    approval = status.approval
    return (
        f". In an emergency {glass.quorum} of {groups} can break the glass ({broken} did), "
        f"besides {approval.required} usual approvals by other people ({approval.approved} given): "
        f"{_approve(plan, status, comment=f'{BREAK_GLASS}: why')}"
    )


def queued(found: InLine) -> str:
    where = "in all namespaces together" if found.everywhere else "in a namespace"
    return (
        f"Approved, and number {found.place} in the line of its namespace: plans that run at once are capped at {found.most} {where}. "
        "It starts by itself when it is its turn; to let others go first, suspend or cancel it"
    )


def unknown_author() -> str:
    return (
        "The plan was created or changed while the admission policies were not in place, so its authors are not known "
        "and it cannot be approved: delete it and submit it again"
    )


def held(verb: str, who: Sequence[str], standing: Standing) -> str:
    first = who[0]
    comment = standing.comments.get(first, "")
    said = f": {comment}" if comment else ""
    if verb == "reject":
        return f"Rejected by {first}{said}. It stays so until {first} revokes the rejection or the plan is changed"
    return f"{first} asks for a revision{said}. Change the plan, or ask {first} to revoke"


def expired(plan: PlanObject, status: PlanStatus) -> str:
    return (
        f"The time for approving {status.digest} ended at {status.approval.expires_at}. To open a new one: "
        f"kubectl annotate --overwrite plan -n {plan.namespace} {plan.name} {RETRY}={status.publication}"
    )


def too_many_decisions() -> str:
    return (
        "So many decisions are recorded that no further one finds room, so nobody could be heard any more: "
        "submit the plan again under another name"
    )


def finished(status: PlanStatus, plan: PlanObject, reason: str) -> str:
    summary = status.outcome.summary if status.outcome else ""
    if reason == "Succeeded":
        return summary
    if any(entry.status == "unknown" for entry in status.actions):
        return f"{summary}. Nobody could tell whether a call happened: find out there, and submit another plan for the rest"
    if reason == "Cancelled":
        return f"{summary}. It was cancelled and stays so: submit another plan for the rest"
    retry = f"kubectl annotate --overwrite plan -n {plan.namespace} {plan.name} {RETRY}={status.publication}"
    return f"{summary}. Change the plan, or try again what remains: {retry}"


def carrying_out(running: Sequence[str]) -> str:
    few, more = running[:_FEW], running[_FEW:]
    return f"Carrying out {', '.join(few) or 'the next action'}" + (f" and {len(more)} more" if more else "")
