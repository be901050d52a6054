"""Where output goes: the answer to stdout, everything else to stderr, colours only to a terminal.

With `-o json` or `-o yaml` stdout holds that document and nothing else, so what is shown on the way moves to stderr.
"""

import sys
from collections.abc import Callable, Sequence
from functools import wraps
from typing import IO, Any

import click
from rich.console import Console, RenderableType
from rich.text import Text

from countersign.cli.printable import one_line
from countersign.cli.written import as_documents, as_json, as_yaml

_UNBOUNDED = 100_000


class Screen:
    """`output` is table, json or yaml."""

    def __init__(self, output: str) -> None:
        self.is_table = output == "table"
        self._output = output
        self._out = _console(sys.stdout)
        self._err = _console(sys.stderr)

    def show(self, *things: RenderableType) -> None:
        """For people."""
        console = self._out if self.is_table else self._err
        for thing in things:
            if console.is_terminal:
                console.print(thing, soft_wrap=isinstance(thing, Text) and bool(thing.no_wrap))
            else:
                console.file.write(_plain(console, thing))

    def tabulate(self, table: RenderableType) -> None:
        """A table as wide as it is: like kubectl's, it leaves wrapping to the terminal, so that names stay whole."""
        console = self._out if self.is_table else self._err
        console.file.write(_plain(_console(console.file, width=_UNBOUNDED), table))

    def note(self, text: str, *, style: str = "dim") -> None:
        """What happens meanwhile."""
        self._err.print(Text(one_line(text), style=style), soft_wrap=True)

    def answer(self, *contents: Any) -> None:
        """For programs. Several answers are a list in JSON, several documents in YAML."""
        if len(contents) == 1:
            sys.stdout.write(as_json(contents[0]) if self._output == "json" else as_yaml(contents[0]))
        else:
            sys.stdout.write(as_json(list(contents)) if self._output == "json" else as_documents(contents))

    def objects(self, *contents: Any) -> None:
        """Kubernetes objects, so that kubectl can read them again."""
        if len(contents) == 1 or self._output != "json":
            self.answer(*contents)
        else:
            self.listed(contents)

    def listed(self, contents: Sequence[Any]) -> None:
        """A list of Kubernetes objects, also of one or none."""
        self.answer({"apiVersion": "v1", "kind": "List", "items": list(contents)})

    def confirm(self, question: str) -> bool:
        return click.confirm(one_line(question), default=False, err=not self.is_table)

    def ask(self, question: str) -> str:
        answer: str = click.prompt(one_line(question), err=not self.is_table)
        return answer


def answering(*formats: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Adds -o with these formats, the first being the default, and hands in the `screen`."""

    def adapt(function: Callable[..., Any]) -> Callable[..., Any]:
        @click.option(
            "-o", "--output", type=click.Choice(formats), default=formats[0], show_default=True, help="Format."
        )
        @wraps(function)
        def command(*, output: str, **options: Any) -> Any:
            return function(screen=Screen(output), **options)

        return command

    return adapt


def _plain(console: Console, thing: RenderableType) -> str:
    """Without the blanks that fill the last column."""
    with console.capture() as captured:
        console.print(thing)
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def _console(file: IO[str], *, width: int | None = None) -> Console:
    """Where nobody looks, lines are as long as they are: a script reads them."""
    if hasattr(file, "reconfigure"):
        file.reconfigure(errors="backslashreplace")
    unseen = None if file.isatty() else _UNBOUNDED
    return Console(file=file, width=width or unseen, markup=False, highlight=False, emoji=False)
