"""One plan in full: where it stands, who decided what, what each action did, what is wrong with it, what came of it."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from rich.console import RenderableType
from rich.text import Text

from countersign.api.plan_status import ActionStatus, Diagnostic, PlanStatus
from countersign.cli.printable import one_line
from countersign.cli.render.words import (
    BAD,
    CARE,
    GOOD,
    age,
    deadline,
    facts,
    hanging,
    heading,
    rows,
    sign,
    table,
    to_copy,
    verdict_sign,
    will,
    word,
)
from countersign.core.explain import ExplainedDecision, explained_decisions
from countersign.core.snapshot import PlanObject
from countersign.model.finding import Code


def plan(shown: PlanObject, *, now: datetime, hint: str = "") -> Iterator[RenderableType]:
    """`hint` is the command that comes next."""
    status = shown.status
    yield facts(_facts(shown, now=now))
    yield from (to_copy(name, value) for name, value in (("Digest", status.digest), ("Next", hint)) if value)
    yield from decisions(status)
    yield from actions(status)
    yield from _diagnostics(status)
    yield from _outcome(status)


def _facts(shown: PlanObject, *, now: datetime) -> Iterator[tuple[str, str | Text]]:
    status, spec = shown.status, shown.spec
    yield "Plan", f"{shown.namespace}/{shown.name}"
    yield "Description", str(spec.get("description") or "")
    yield "Rationale", str(spec.get("rationale") or "")
    yield "State", Text.assemble(word(status.phase), " (", word(status.reason), ")", _stale(shown))
    yield "Message", status.message
    yield "Risk", word(status.max_risk or "")
    yield "Approvals", _approvals(status, now=now)
    yield "Authors", ", ".join(one_line(author) for author in status.approval.authors)
    yield "Runs as", str(spec.get("serviceAccountName") or "")
    yield "Age", age(shown.created_at, now=now)


def _stale(shown: PlanObject) -> Text:
    stale = shown.status.observed_generation != shown.generation
    return Text(": the plan was changed since, and the operator has not looked at it yet" if stale else "", style=CARE)


def _approvals(status: PlanStatus, *, now: datetime) -> str:
    approval = status.approval
    open_until = approval.expires_at if status.phase == "Draft" and approval.progress else None
    return f"{approval.progress}, open until {deadline(open_until, now=now)}" if open_until else approval.progress


def decisions(status: PlanStatus) -> Iterator[RenderableType]:
    yield from decided(explained_decisions(status))


def decided(explained: Iterable[ExplainedDecision]) -> Iterator[RenderableType]:
    cells = [_decision(each) for each in explained]
    if cells:
        yield heading("Decisions")
        yield rows(table("WHAT", "WHO", "WHEN", "COUNTS", "COMMENT"), cells)


def _decision(explained: ExplainedDecision) -> tuple[str | Text, ...]:
    decision = explained.decision
    return decision.outcome, decision.by, decision.at, _counts(explained), decision.comment


def _counts(explained: ExplainedDecision) -> Text:
    if explained.counts:
        return Text(f"yes{counts_towards(explained)}", style=GOOD)
    return Text(f"no: {one_line(explained.why)}", style=CARE if explained.decision.counts else BAD)


def counts_towards(explained: ExplainedDecision) -> str:
    """Said where it could be either, or is not the usual."""
    if explained.towards == "break-glass":
        return ", towards breaking the glass"
    return ", as a usual approval and not to break the glass" if explained.decision.breaks_glass else ""


def actions(status: PlanStatus) -> Iterator[RenderableType]:
    if status.actions:
        yield heading("Actions")
        made = table("ID", "TYPE", "STATUS", "OPERATION", "CHANGES", "RISK", "MESSAGE")
        yield rows(made, (_action(entry) for entry in status.actions))


def _action(entry: ActionStatus) -> tuple[str | Text, ...]:
    changes = str(entry.changes) if entry.operation else ""
    reason = entry.reason if entry.reason and entry.reason not in entry.message else ""
    told = ": ".join(part for part in (reason, entry.message, _half_way(entry)) if part)
    return (
        entry.id,
        entry.type,
        word(entry.status),
        will(entry.operation, done=entry.status == "applied" or entry.reason == "AlreadyApplied"),
        changes,
        word(entry.risk or ""),
        told,
    )


def _half_way(entry: ActionStatus) -> str:
    so_many = f"{entry.effects_done} of {len(entry.resource_refs)} effects are done"
    return so_many if entry.effects_done and so_many not in entry.message else ""


def _diagnostics(status: PlanStatus) -> Iterator[RenderableType]:
    """Decisions that do not count stand above."""
    validation = status.validation
    found = [each for each in validation.diagnostics if each.code != Code.NOT_COUNTED.code] if validation else []
    if validation and found:
        yield heading("Diagnostics")
        yield from diagnostics(found, omitted=validation.omitted)


def diagnostics(found: Iterable[Diagnostic], *, omitted: int = 0, indent: int = 0) -> Iterator[RenderableType]:
    yield hanging(((sign(each.severity), _finding(each)) for each in found), indent=indent)
    if omitted:
        yield Text(f"and {omitted} more")


def _finding(found: Diagnostic) -> Text:
    return Text.assemble((f"{one_line(found.path)}: " if found.path else "", "bold"), one_line(found.message))


def end(shown: PlanObject, *, good: bool) -> Iterator[RenderableType]:
    """What came of a plan that was waited for."""
    status = shown.status
    yield from actions(status)
    state = Text.assemble(word(status.phase), " (", word(status.reason), ")")
    yield Text.assemble("\n", verdict_sign(good=good), f" {shown.name}: ", state, f": {one_line(status.message)}")


def out_of_time(shown: PlanObject, *, message: str, goal: str = "finished") -> Iterator[RenderableType]:
    yield from actions(shown.status)
    yield Text.assemble("\n", ("…", CARE), f" {shown.name} is not {goal} in time: {one_line(message)}")


def brief(shown: PlanObject) -> Iterator[RenderableType]:
    """What it is about and how far it is, for a question that is about all of it."""
    spec, status = shown.spec, shown.status
    state = Text.assemble(word(status.phase), " (", word(status.reason), f") {status.progress}")
    named = (("Plan", f"{shown.namespace}/{shown.name}"), ("Description", str(spec.get("description") or "")))
    yield facts((*named, ("State", state)))
    yield from actions(status)
    yield Text()


def _outcome(status: PlanStatus) -> Iterator[RenderableType]:
    outcome = status.outcome
    if outcome:
        yield heading("Outcome")
        yield Text(one_line(outcome.summary))
        yield facts((what, ", ".join(one_line(name) for name in names)) for what, names in outcome.details.items())
