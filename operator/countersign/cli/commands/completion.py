"""`completion`: what a shell needs to complete commands, options and the names of plans."""

import click
from click.shell_completion import BashComplete, FishComplete, ZshComplete

from countersign.cli.failure import Command

_SHELLS = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}
_PROGRAM = "countersign"
_VARIABLE = "_COUNTERSIGN_COMPLETE"
_KUBECTL = f"""\
#!/bin/sh
# kubectl asks this program what can follow "kubectl countersign"; the last line says that files cannot.
COMP_WORDS="{_PROGRAM} $*" COMP_CWORD=$# {_VARIABLE}=bash_complete {_PROGRAM} | sed 's/^[a-z]*,//'
echo :4
"""


@click.command(
    cls=Command,
    examples=(
        "completion bash > ~/.countersign.bash",
        "completion kubectl > ~/.local/bin/kubectl_complete-countersign",
    ),
)
@click.argument("shell", type=click.Choice((*_SHELLS, "kubectl")))
def completion(*, shell: str) -> None:
    """Print the completion script of a shell; source it from the shell's start-up file.

    That of kubectl is a program: store it in a folder of PATH as kubectl_complete-countersign, and make it executable.
    """
    root = click.get_current_context().find_root()
    text = _KUBECTL if shell == "kubectl" else _SHELLS[shell](root.command, {}, _PROGRAM, _VARIABLE).source()
    click.echo(text.rstrip("\n"))
