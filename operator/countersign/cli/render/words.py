"""The vocabulary of the screen: what has which colour, how tables and times look. A colour never says more than the word."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from countersign.cli.printable import one_line, printable
from countersign.model import duration, instant

GOOD, BAD, CARE = "green", "red", "yellow"
_STYLES = {
    "Draft": "",
    "Validating": "cyan",
    "Invalid": BAD,
    "Blocked": BAD,
    "Oversized": BAD,
    "GuardMissing": BAD,
    "Expired": CARE,
    "AwaitingApproval": CARE,
    "PreviewChanged": CARE,
    "RevisionRequested": CARE,
    "ValidatedOnly": GOOD,
    "Rejected": BAD,
    "TooManyDecisions": BAD,
    "Cancelled": CARE,
    "Approved": GOOD,
    "Suspended": CARE,
    "Queued": CARE,
    "Executing": "cyan",
    "Running": "cyan",
    "Contended": "yellow",
    "Waiting": "cyan",
    "Executed": GOOD,
    "Succeeded": GOOD,
    "Failed": BAD,
    "ActionFailed": BAD,
    "Interrupted": CARE,
    "applied": GOOD,
    "failed": BAD,
    "invalid": BAD,
    "running": "cyan",
    "unknown": CARE,
    "low": GOOD,
    "medium": CARE,
    "high": BAD,
    "critical": "bold red",
    "Frozen": CARE,
}
KNOWN = frozenset(_STYLES)
"""Words that the status is made of; any other is shown without a colour."""
_SIGNS = {"error": ("✗", BAD), "warning": ("!", CARE), "info": ("i", "dim")}
_NAMES = len("Description")
_WILL = {
    "created": "create",
    "configured": "configure",
    "deleted": "delete",
    "unchanged": "no change",
    "called": "call",
}


def word(text: str) -> Text:
    """A word of the status in its colour."""
    return Text(one_line(text), style=_STYLES.get(text, ""))


def sign(severity: str) -> Text:
    text, style = _SIGNS[severity]
    return Text(text, style=style)


def verdict_sign(*, good: bool) -> Text:
    return Text("✓", style=GOOD) if good else Text("✗", style=BAD)


def will(operation: str | None, *, done: bool) -> str:
    """What was done, or what would be."""
    return (operation or "") if done else _WILL.get(operation or "", "")


def heading(text: str) -> Text:
    return Text(f"\n{text}", style="bold")


def table(*headers: str) -> Table:
    """Like kubectl's: no lines, three blanks between columns."""
    made = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="bold")
    for header in headers:
        made.add_column(header, overflow="fold")
    return made


def rows(made: Table, cells: Iterable[Sequence[str | Text]]) -> Table:
    for row in cells:
        made.add_row(*(cell if isinstance(cell, Text) else Text(one_line(cell)) for cell in row))
    return made


def hanging(marked: Iterable[tuple[Text, Text]], *, indent: int = 2) -> RenderableType:
    """Lines with a mark before each. What does not fit into a line goes on below it, right of the mark."""
    made = Table.grid(padding=(0, 1, 0, 0))
    made.add_column(width=1)
    made.add_column(overflow="fold")
    for mark, line in marked:
        made.add_row(mark, line)
    return Padding(made, (0, 0, 0, indent), expand=False)


def facts(named: Iterable[tuple[str, str | Text]]) -> RenderableType:
    """Names and values, one below the other; what has no value is left out. A value of several lines stays in its column."""
    made = Table.grid(padding=(0, 3, 0, 0))
    made.add_column(min_width=_NAMES)
    made.add_column(overflow="fold")
    for name, value in named:
        if value:
            shown = value if isinstance(value, Text) else Text(printable(value.strip()))
            made.add_row(Text(name, style="dim"), shown)
    return made


def to_copy(name: str, value: str) -> Text:
    """A fact in one piece, however narrow the terminal is: somebody will copy it. Only for what nobody else wrote."""
    return Text.assemble((name.ljust(_NAMES + 3), "dim"), (value, "bold"), no_wrap=True)


def age(since: datetime, *, now: datetime) -> str:
    return duration.show(now - since)


def deadline(moment: str, *, now: datetime) -> str:
    """`2026-11-22T12:39:35Z (23h59m left)`."""
    left = instant.parse(moment) - now
    told = f"{duration.show(left)} left" if left.total_seconds() > 0 else f"over since {duration.show(-left)}"
    return f"{moment} ({told})"
