"""Why a plan stands where it stands, as short lists. Takes an Explanation (core/explain.py)."""

from collections.abc import Iterator
from datetime import datetime

from rich.console import RenderableType
from rich.text import Text

from countersign.api.approval_status import Approval
from countersign.cli.printable import one_line, printable
from countersign.cli.proposal import partial_of
from countersign.cli.render.plan import decided, diagnostics
from countersign.cli.render.words import BAD, CARE, GOOD, deadline, facts, hanging, heading, to_copy, word
from countersign.cli.written import as_yaml
from countersign.core.explain import ExplainedRisk, ExplainedStage, Explanation
from countersign.core.snapshot import PlanObject

_SIGNS = {"Passed": ("✓", GOOD), "Failed": ("✗", BAD), "Unavailable": ("…", CARE)}
_WORDS = {
    "Passed": "",
    "Failed": "",
    "NotReached": ": not reached, because an earlier stage failed",
    "Unavailable": ": the API server could not be asked, it is tried again",
}


def explanation(plan: PlanObject, explained: Explanation, *, now: datetime, hint: str = "") -> Iterator[RenderableType]:
    """`hint` is the command that comes next; it says the same as the message of the plan, shorter."""
    status = plan.status
    yield facts(
        [
            ("Plan", f"{plan.namespace}/{plan.name}"),
            ("State", Text.assemble(word(status.phase), " (", word(status.reason), ")")),
            ("Message", "" if hint else status.message),
        ]
    )
    yield from (to_copy(name, value) for name, value in (("Digest", status.digest), ("Next", hint)) if value)
    yield from _stages(explained)
    yield from _risks(explained)
    yield from _gate(explained, now=now)
    yield from decided(explained.decisions)
    yield from _proposals(explained)
    yield from _missing(explained)


def _stages(explained: Explanation) -> Iterator[RenderableType]:
    if explained.stages:
        yield heading("Validation")
    for stage in explained.stages:
        yield hanging([_stage(stage)], indent=0)
        if stage.findings:
            yield from diagnostics(stage.findings, indent=5)


def _stage(stage: ExplainedStage) -> tuple[Text, Text]:
    sign, style = _SIGNS.get(stage.result, ("-", "dim"))
    told = Text(f"{stage.number:>2} {one_line(stage.name)}").append(_WORDS[stage.result], style="dim")
    return Text(sign, style=style), told


def _risks(explained: Explanation) -> Iterator[RenderableType]:
    if not explained.risks:
        return
    yield heading("Risk").append_text(_level(explained.max_risk, "the highest of its actions"))
    for risk in explained.risks:
        yield hanging([(Text("-", style="dim"), _title(risk))], indent=0)
        yield hanging(((Text("·"), told) for told in _reasons(risk)), indent=2)


def _reasons(risk: ExplainedRisk) -> Iterator[Text]:
    """The rules alone where the sentences may not be read."""
    for each in risk.reasons or ():
        yield Text.assemble(word(each.level), f": {one_line(each.why)} ", (f"({one_line(each.rule)})", "dim"))
    if risk.reasons is None:
        yield from (Text.assemble(word(rule.level), ": ", (one_line(rule.rule), "dim")) for rule in risk.rules)


def _title(risk: ExplainedRisk) -> Text:
    told = Text(f"{one_line(risk.action)} ({one_line(risk.type)})")
    return told.append_text(
        _level(risk.level, "the sentences stand in the PlanPreview" if risk.reasons is None else "")
    )


def _level(level: str | None, remark: str) -> Text:
    told = Text.assemble(": ", word(level)) if level else Text(": not known, as not all of it could be previewed")
    return told.append(f", {remark}" if level and remark else "", style="not bold dim")


def _gate(explained: Explanation, *, now: datetime) -> Iterator[RenderableType]:
    gate = explained.gate
    if gate is None:
        return
    yield heading("Gate")
    yield facts(
        [
            ("Asks for", _ASKS[gate.gate]),
            ("By policy", ", ".join(one_line(policy) for policy in gate.policies)),
            ("Approvals", f"{gate.approved} of {gate.required}{_by(gate)}" if gate.required else ""),
            ("Authors", ", ".join(one_line(author) for author in gate.authors)),
            ("Open until", deadline(gate.expires_at, now=now) if gate.expires_at and not gate.consumed_at else ""),
            ("Used at", gate.consumed_at or ""),
        ]
    )
    yield hanging(((Text("·"), Text(one_line(each))) for each in explained.because), indent=0)


_ASKS: dict[str | None, str] = {
    "auto": "nobody (auto)",
    "humanInTheLoop": "people (humanInTheLoop)",
    "blocked": "nothing opens it (blocked)",
}


def _by(gate: Approval) -> str:
    return f", by {', '.join(one_line(user) for user in gate.counted)}" if gate.counted else ""


def _proposals(explained: Explanation) -> Iterator[RenderableType]:
    """What people who ask for a revision would rather see, as they wrote it."""
    for each in explained.decisions:
        proposed = partial_of(each.decision.comment) if each.counts and each.decision.outcome == "revise" else None
        if proposed is not None:
            yield heading(f"Proposed by {one_line(each.decision.by)}")
            lines = as_yaml(proposed).removesuffix("...\n").splitlines()
            yield hanging(((Text("|", style="dim"), Text(printable(line))) for line in lines), indent=0)


def _missing(explained: Explanation) -> Iterator[RenderableType]:
    if explained.missing:
        yield heading("Missing before it can start")
        yield hanging(((Text("-", style=CARE), Text(one_line(each))) for each in explained.missing), indent=0)
