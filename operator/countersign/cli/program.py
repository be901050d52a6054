"""The program as a group of commands that are loaded only when they are called, so that help and completion come at once."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import click

PLUGIN = "kubectl-countersign"


@dataclass(frozen=True, slots=True)
class Entry:
    """A command: where it is defined (`module:attribute`), and what the list of commands says about it."""

    name: str
    source: str
    help: str

    def load(self) -> click.Command:
        module, _, attribute = self.source.partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command


class Program(click.Group):
    """Shows its entries in the given order."""

    def __init__(self, entries: Iterable[Entry], **settings: Any) -> None:
        super().__init__(context_settings={"help_option_names": ["-h", "--help"]}, **settings)
        self.entries = {entry.name: entry for entry in entries}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*self.entries, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = self.entries.get(cmd_name)
        return entry.load() if entry else super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Without loading them."""
        others = ((name, self.commands[name].get_short_help_str(100)) for name in super().list_commands(ctx))
        with formatter.section("Commands"):
            formatter.write_dl([*((entry.name, entry.help) for entry in self.entries.values()), *others])

    def main(self, *args: Any, **extra: Any) -> Any:
        if extra.get("prog_name") is None:
            extra["prog_name"] = called_as(sys.argv[0])
        return super().main(*args, **extra)


def called_as(program: str) -> str:
    """The name that people type: an executable kubectl-countersign is called by kubectl, as `kubectl countersign`."""
    return "kubectl countersign" if Path(program).stem == PLUGIN else "countersign"
