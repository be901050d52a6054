"""Compares what is shown with a file, so that a change of the screen is seen in a review.

`UPDATE_GOLDEN=1 pytest tests/cli` writes the files anew.
"""

import io
import os
from pathlib import Path

from rich.console import Console, RenderableType
from rich.text import Text

_FOLDER = Path(__file__).parents[1] / "cli" / "golden"


def shown(*things: RenderableType, colours: bool = False, width: int = 100) -> str:
    """What a terminal of this width gets, without the blanks at the ends of lines."""
    console = Console(
        file=io.StringIO(),
        width=width,
        force_terminal=colours,
        color_system="standard" if colours else None,
        markup=False,
        highlight=False,
        emoji=False,
        no_color=False,
        _environ={},
    )
    with console.capture() as captured:
        for thing in things:
            console.print(thing, soft_wrap=isinstance(thing, Text) and bool(thing.no_wrap))
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def matches(name: str, text: str) -> bool:
    path = _FOLDER / f"{name}.txt"
    if "UPDATE_GOLDEN" in os.environ:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    golden = path.read_text(encoding="utf-8") if path.exists() else ""
    assert text == golden, f"{path.name} differs; if that is right: UPDATE_GOLDEN=1 pytest tests/cli"
    return True
