"""Draws what a command prints as an SVG of a terminal, for README and documents: `python hack/picture.py FILE COMMAND...`.

Nothing in the picture is loaded from elsewhere, and nothing in it is typed by hand.
"""

import io
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

WIDTH = 100
_FONTS = re.compile(r"@font-face \{.*?\}\s*", flags=re.DOTALL)


def picture(command: Sequence[str]) -> str:
    colours = {"FORCE_COLOR": "1", "COLUMNS": str(WIDTH)}
    done = subprocess.run(command, env=os.environ | colours, check=True, capture_output=True, text=True)
    console = Console(record=True, width=WIDTH, file=io.StringIO())
    console.print(Text.assemble(("$ ", "bold green"), (" ".join(command), "bold")))
    console.print(Text.from_ansi(done.stdout))
    svg = console.export_svg(title="countersign", unique_id="terminal")
    svg = svg.replace("<svg ", '<svg xml:space="preserve" ', 1)  # runs of blanks keep their width
    return _FONTS.sub("", svg).replace("Fira Code", "ui-monospace, Menlo, Consolas") + "\n"


if __name__ == "__main__":
    target, *command = sys.argv[1:]
    Path(target).write_text(picture(command), encoding="utf-8")
