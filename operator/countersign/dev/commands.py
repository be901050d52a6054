"""The commands `countersign up` and `countersign down`.

The entry point says what is to be installed and how to tell that it is in force, and adds the commands to its group.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from countersign.dev.launch import Options
from countersign.dev.plane import ControlPlane, stop_running
from countersign.dev.progress import Progress
from countersign.dev.up import Product, Wishes, up
from countersign.errors import CountersignError


class _Failure(click.ClickException):
    """Neither a usage error nor a verdict: this machine or the cluster."""

    exit_code = 3


_directory = click.option(
    "--dir",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".countersign"),
    show_default=True,
    help="Folder of data, keys, kubeconfigs and logs.",
)


_UP_EXAMPLES = """\b
Examples:
  countersign up --detach
  countersign up --dir /tmp/try --fresh"""
_DOWN_EXAMPLES = """\b
Examples:
  countersign down
  countersign down --dir /tmp/try"""


def up_command(product: Product) -> click.Command:
    """`countersign up` for what the entry point wants installed."""

    @click.command("up", epilog=_UP_EXAMPLES)
    @_directory
    @click.option("--detach", is_flag=True, help="Return when everything runs; stop it with 'countersign down'.")
    @click.option("--no-operator", is_flag=True, help="Install everything, but leave running the operator to you.")
    @click.option("--no-nodes", is_flag=True, help="No scheduler and no simulated node: pods stay pending.")
    @click.option("--fresh", is_flag=True, help="Throw away the data of an earlier run.")
    @click.option("--fsync", is_flag=True, help="Let the data survive a crash of this machine; slower.")
    def command(*, directory: Path, detach: bool, no_operator: bool, no_nodes: bool, fresh: bool, fsync: bool) -> None:
        """Run a local Kubernetes with Countersign in it."""
        options = Options(nodes=not no_nodes, fsync=fsync)
        wishes = Wishes(shown=directory, operator=not no_operator, detach=detach, fresh=fresh)
        with _explained():
            plane = ControlPlane(directory, options=options, progress=Progress(sys.stderr))
            up(plane, wishes, product=product)

    return command


@click.command("down", epilog=_DOWN_EXAMPLES)
@_directory
def down_command(directory: Path) -> None:
    """Stop what 'countersign up' started. The data stay for the next start."""
    with _explained():
        was_running = stop_running(directory)
    click.echo(f"Stopped what ran in {directory}." if was_running else f"Nothing was running in {directory}.")


@contextmanager
def _explained() -> Iterator[None]:
    """A known failure is shown as its message, not as a stack."""
    try:
        yield
    except CountersignError as error:
        raise _Failure(str(error)) from error
