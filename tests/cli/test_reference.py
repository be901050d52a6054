"""The reference of the command line says of every command what its help says."""

import click

from countersign.cli.entries import COMMANDS
from countersign.cli.failure import Command
from countersign.cli.program import Program
from countersign.cli.reference import commands


def test_every_command():
    """Each with its usage and with lines to type."""
    sections = commands(Program(COMMANDS)).split("\n## ")[1:]
    assert [section.partition("\n")[0] for section in sections] == [entry.name for entry in COMMANDS]
    assert all(f"$ countersign {section.partition(chr(10))[0]}" in section for section in sections)


def test_one_command():
    """Options with their meaning, paragraphs in one line, cells that no value can break."""

    @click.command("do", cls=Command, examples=("do it",))
    @click.argument("name")
    @click.option("--how", type=click.Choice(("a", "b")), default="a", show_default=True, help="How  so.")
    def do(name: str, how: str) -> None:
        """Do a thing
        at once.

        More of it.
        """

    program = click.Group(commands=[do])
    assert commands(program).partition("## do\n\n")[2] == (
        "`countersign do [OPTIONS] NAME`\n\n"
        "Do a thing at once.\n\nMore of it.\n\n"
        "| Option | Meaning |\n| --- | --- |\n| `--how [a\\|b]` | How so. [default: a] |\n\n"
        "```console\n$ countersign do it\n```\n"
    )
