"""What somebody is about to decide, complete: who wants what and why, how risky it is, and every change it would make.

Takes a plan and the effects of its preview. The digest comes last, right above the question that is about it.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.console import RenderableType
from rich.text import Text

from countersign.api.approval_status import Decision
from countersign.api.plan_status import PlanStatus
from countersign.api.preview import PreviewedEffect
from countersign.cli.printable import one_line
from countersign.cli.render.plan import actions, counts_towards, decisions, diagnostics
from countersign.cli.render.preview import difference
from countersign.cli.render.verdict import counted
from countersign.cli.render.words import deadline, facts, hanging, heading, to_copy, verdict_sign, word
from countersign.core.explain import explained_decisions
from countersign.core.snapshot import PlanObject

_NAMES = {"approve": "approval", "reject": "rejection", "revise": "request for a revision", "revoke": "revocation"}


def subject(plan: PlanObject, effects: Sequence[PreviewedEffect], *, now: datetime) -> Iterator[RenderableType]:
    status = plan.status
    yield facts(_who_and_why(plan))
    yield from actions(status)
    found = [each for each in status.validation.diagnostics if each.severity != "info"] if status.validation else []
    if found:
        yield heading("Warnings")
        yield from diagnostics(found)
    yield heading(f"Changes ({counted(len(effects), 'object')})")
    yield from difference(effects, risks={entry.id: entry.risk or "" for entry in status.actions})
    yield from decisions(status)
    yield heading("To be decided")
    yield facts(_decision(status, now=now))
    yield to_copy("Digest", status.digest or "")
    yield Text()


def outcome(decision: Decision, status: PlanStatus) -> RenderableType:
    """What became of a recorded decision, and where the plan stands now."""
    name = _NAMES[decision.outcome]
    explained = next(each for each in explained_decisions(status) if each.decision == decision)
    counts = decision.counts or bool(decision.breaks_glass)
    what = f"and counts{counts_towards(explained)}" if counts else f", but does not count: {one_line(decision.why)}"
    told = Text(f"Your {name} is recorded{' ' if counts else ''}{what}")
    return hanging([(verdict_sign(good=counts), told), (Text(), _standing(status))], indent=0)


def _who_and_why(plan: PlanObject) -> Iterator[tuple[str, str | Text]]:
    spec, status = plan.spec, plan.status
    yield "Plan", f"{plan.namespace}/{plan.name}"
    yield "Plan ID", str(spec.get("planId") or "")
    yield "Description", str(spec.get("description") or "none given")
    yield "Rationale", str(spec.get("rationale") or "none given")
    yield "Authors", ", ".join(one_line(author) for author in status.approval.authors)
    yield "Runs as", str(spec.get("serviceAccountName") or "")
    yield "On error", "go on with the other actions" if spec.get("continueOnError") else "stop"
    yield "Risk", word(status.max_risk or "")


def _decision(status: PlanStatus, *, now: datetime) -> Iterator[tuple[str, str | Text]]:
    approval = status.approval
    by = f", by {', '.join(one_line(user) for user in approval.counted)}" if approval.counted else ""
    yield "State", Text.assemble(word(status.phase), " (", word(status.reason), ")")
    yield "Approvals", f"{approval.approved} of {approval.required}{by}"
    yield "Open until", deadline(approval.expires_at, now=now) if approval.expires_at else ""


def _standing(status: PlanStatus) -> Text:
    approval = status.approval
    match status.phase, status.reason:
        case "Draft", "AwaitingApproval" | "PreviewChanged":
            missing = approval.required - approval.approved
            return Text(f"{approval.approved} of {approval.required} approvals: {missing} more needed before it starts")
        case "Executing", _:
            return Text(f"{approval.approved} of {approval.required} approvals: the plan has started")
        case _:
            return Text.assemble(word(status.phase), " (", word(status.reason), f"): {one_line(status.message)}")
