"""The full difference that a digest stands for, as lines with + and -, objects in the order in which they are written.

Takes the effects of all parts of a PlanPreview. Sensitive values were masked when the preview was made. A long line goes on
below itself, right of its mark, so that no value can look like a line of its own.
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from countersign.api.preview import MASK, PreviewedChange, PreviewedEffect
from countersign.cli.printable import one_line, printable
from countersign.cli.render.words import CARE, hanging, will, word
from countersign.cli.written import as_yaml

_MARKS = {"created": "+", "configured": "~", "deleted": "-", "unchanged": " ", "called": "!"}
_STYLES = {"+": "green", "-": "red", "~": CARE, "!": CARE, "@": "cyan", " ": "dim"}
_ENDLESS = "(no line break at the end)"
Line = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Written:
    """A value as lines; a `block` begins below its path."""

    lines: list[str]
    block: bool


def difference(effects: Iterable[PreviewedEffect], *, risks: Mapping[str, str]) -> Iterator[RenderableType]:
    """`risks` are those of the actions, by id."""
    for effect in effects:
        yield Text()
        mark = _MARKS[effect.operation]
        yield hanging([(Text(mark, style=_STYLES[mark]), _title(effect, risk=risks.get(effect.action, "")))], indent=0)
        lines = [(" ", f"{reason.level}: {one_line(reason.why)}") for reason in effect.reasons]
        lines.extend(("!", one_line(warning)) for warning in effect.warnings)
        lines.extend(line for change in effect.changes for line in _lines(change))
        yield hanging(
            (Text(mark, style=_STYLES[mark]), Text(printable(line), style=_STYLES[mark])) for mark, line in lines
        )


def _title(effect: PreviewedEffect, *, risk: str) -> Text:
    operation = will(effect.operation, done=False)
    title = Text(f"{operation} {effect.kind} {one_line(effect.name)}", style="bold")
    title.append(f"  {effect.api_version}, by action {one_line(effect.action)} ({effect.type}", style="not bold dim")
    if risk:
        title.append(", ", style="not bold dim").append_text(word(risk)).append(" risk", style="not bold dim")
    return title.append(")", style="not bold dim")


def _lines(change: PreviewedChange) -> Iterator[Line]:
    path = one_line(change.path)
    if change.change == "added":
        yield from _whole("+", path, _written(change.new))
    elif change.change == "removed":
        yield from _whole("-", path, _written(change.old))
    elif change.old == change.new == MASK:
        yield "~", f"{path}: {MASK} is replaced by {MASK}"
    else:
        yield from _replaced(path, _written(change.old), _written(change.new))


def _whole(mark: str, path: str, value: Written) -> Iterator[Line]:
    if not value.block:
        yield mark, f"{path}: {value.lines[0]}"
        return
    yield mark, f"{path}:"
    for line in value.lines:
        yield mark, f"  {line}"


def _replaced(path: str, old: Written, new: Written) -> Iterator[Line]:
    if not (old.block and new.block):
        yield from _whole("-", path, old)
        yield from _whole("+", path, new)
        return
    yield "~", f"{path}:"
    for line in list(difflib.unified_diff(old.lines, new.lines, lineterm="", n=3))[2:]:
        yield line[0], f"  {line if line[0] == '@' else line[1:]}"


def _written(value: Any) -> Written:
    """The lines of a text, or the YAML of any other value. A text without line breaks is quoted where YAML would."""
    if isinstance(value, str) and "\n" in value:
        lines = value.split("\n")
        return Written(lines[:-1] if lines[-1] == "" else [*lines, _ENDLESS], block=True)
    lines = as_yaml(value).removesuffix("...\n").rstrip("\n").split("\n")
    return Written(lines, block=isinstance(value, list | dict) and bool(value))
