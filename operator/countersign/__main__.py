"""The composition root: which commands there are."""

import click

from countersign import __version__
from countersign.handlers.command import run


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="countersign")
def main() -> None:
    """Plans that run only after people have countersigned exactly that."""


main.add_command(run)

if __name__ == "__main__":
    main()
