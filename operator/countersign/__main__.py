"""The composition root: the program with all its commands."""

import click

from countersign import __version__
from countersign.cli.entries import COMMANDS
from countersign.cli.program import Program

main = Program(COMMANDS, help="Plans that run only after people have countersigned exactly that.")
click.version_option(__version__, prog_name="countersign")(main)

if __name__ == "__main__":
    main()
