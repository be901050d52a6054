"""`completion`: what a shell needs to complete commands, options and the names of plans."""

import click
from click.shell_completion import BashComplete, FishComplete, ZshComplete

from countersign.cli.failure import Command

_SHELLS = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}
_PROGRAM = "countersign"
_VARIABLE = "_COUNTERSIGN_COMPLETE"


@click.command(cls=Command, examples=("completion bash > ~/.countersign.bash", "completion zsh > ~/.countersign.zsh"))
@click.argument("shell", type=click.Choice(tuple(_SHELLS)))
def completion(*, shell: str) -> None:
    """Print the completion script of a shell; source it from the shell's start-up file."""
    root = click.get_current_context().find_root()
    click.echo(_SHELLS[shell](root.command, {}, _PROGRAM, _VARIABLE).source())
