"""What is wrong with a plan, grouped by action, each finding with the path at which its author mends it."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from countersign.cli.printable import one_line
from countersign.cli.render.plan import diagnostics
from countersign.cli.render.words import verdict_sign, will, word
from countersign.cli.verdict import Judged, Verdict


def verdict(shown: Verdict) -> Iterator[RenderableType]:
    yield _summary(shown)
    yield from diagnostics(shown.general, indent=2)
    for action in shown.actions:
        yield _action(action)
        yield from diagnostics(action.diagnostics, indent=4)
    if shown.omitted:
        yield Text(f"  and {counted(shown.omitted, 'finding')} more")
    if shown.structural_only:
        yield Text(
            "  Only the structure was checked: references, rights, policies and risk need a cluster", style="dim"
        )


def counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _summary(shown: Verdict) -> Text:
    state = "is valid" if shown.valid else "is invalid"
    numbers = {"action": len(shown.actions), "error": shown.count("error"), "warning": shown.count("warning")}
    told = Text.assemble(verdict_sign(good=shown.valid), " ", (one_line(shown.plan_id), "bold"), f" {state}: ")
    told.append(", ".join(counted(number, what) for what, number in numbers.items() if number))
    if shown.risk:
        told.append(", ").append_text(word(shown.risk)).append(" risk")
    return told


def _action(action: Judged) -> Text:
    told = Text.assemble("  ", verdict_sign(good=action.valid), f" {one_line(action.id)} ({one_line(action.type)})")
    status = action.status
    if action.valid and status and status.operation:
        told.append(f": {will(status.operation, done=False)} {one_line(action.reference)}")
        if status.changes:
            told.append(f", {counted(status.changes, 'change')}")
        if status.risk:
            told.append(", ").append_text(word(status.risk)).append(" risk")
    return told
