"""The documents as something to be done: files to write, commands to type, and what they print.

A YAML block whose first line is a comment with a name is a file of that name. In a console block what follows `$` is a command, and what
follows it has to be printed by it, in this order; `…` stands for anything. `Error` or `exit code N` means that it fails.
"""

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
_ENDED = re.compile(r"^exit code (\d+)$")


@dataclass(frozen=True)
class File:
    name: str
    content: str


@dataclass(frozen=True)
class Typed:
    command: str
    shown: tuple[str, ...]

    @property
    def code(self) -> int | None:
        """None is any but 0."""
        ended = [int(match[1]) for line in self.shown if (match := _ENDED.match(line))]
        if ended:
            return ended[0]
        return None if any(line.startswith("Error") for line in self.shown) else 0

    def printed(self) -> list[str]:
        """Pieces that have to appear one after the other."""
        lines = [line for line in self.shown if not _ENDED.match(line)]
        return [piece.strip() for line in lines for piece in line.split("…") if piece.strip()]


def blocks(page: Path) -> list[tuple[str, str]]:
    """Language and content."""
    return _BLOCK.findall(page.read_text())


def steps(page: Path) -> Iterator[File | Typed]:
    for language, content in blocks(page):
        if language == "yaml" and (named := re.match(r"# (\S+\.yaml)\n", content)):
            yield File(named[1], content)
        if language == "console":
            for block in re.split(r"^\$ ", content, flags=re.MULTILINE)[1:]:
                command, *shown = block.splitlines()
                yield Typed(command, tuple(shown))


@dataclass(frozen=True)
class Reader:
    """Somebody who does what a page says, in one folder, with one shell."""

    folder: Path
    path: str

    def follow(self, page: Path) -> None:
        for step in steps(page):
            match step:
                case File(name, content):
                    (self.folder / name).write_text(content)
                case Typed():
                    self._type(step)

    def _type(self, typed: Typed) -> None:
        # What a command sets or exports is there for the next one.
        shell = f'set -a; [ -f .shell ] && . ./.shell\n{typed.command}\ncode=$?\nexport -p >.shell\nexit "$code"'
        environment = {name: value for name, value in os.environ.items() if name != "KUBECONFIG"}
        ended = subprocess.run(
            ["bash", "-c", shell],
            cwd=self.folder,
            env=environment | {"PATH": self.path, "COLUMNS": "200"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        output = ended.stdout + ended.stderr
        told = f"$ {typed.command}\n{output}\nended with {ended.returncode}"
        assert ended.returncode == typed.code or (typed.code is None and ended.returncode), told
        _in_order(typed.printed(), output, told)


def _in_order(pieces: list[str], output: str, told: str) -> None:
    at = 0
    for piece in pieces:
        at = output.find(piece, at)
        assert at >= 0, f"{piece} is not printed where it should be:\n{told}"
        at += len(piece)
