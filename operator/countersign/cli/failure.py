"""How a command ends when it does not end well: one line on stderr, and an exit code that scripts can tell apart.

0    done
1    the plan is invalid, was rejected, failed, or the decision does not count
2    the command was called wrongly
3    the cluster cannot be reached or refuses
4    waited long enough
130  interrupted
"""

from collections.abc import Sequence
from pathlib import Path
from traceback import extract_tb
from typing import Any

import click
from click.exceptions import Exit

from countersign.cli.printable import one_line
from countersign.errors import CountersignError

NOT_GOOD = 1
TIMED_OUT = 4
_INTERRUPTED = 130


class Failure(click.ClickException):
    """The message is one sentence: subject, problem, remedy."""

    def format_message(self) -> str:
        return one_line(self.message)


class Misused(Failure):
    """It is what was typed, or the file that was named."""

    exit_code = 2


class Refused(Failure):
    """It is the plan, or the state it is in."""

    exit_code = NOT_GOOD


class Unreachable(Failure):
    """It is the cluster, or what it lets us do."""

    exit_code = 3


class TimedOut(Failure):
    """Nothing is wrong, but what was waited for has not come."""

    exit_code = TIMED_OUT


class Command(click.Command):
    """A command whose errors are sentences, and whose help ends with lines to type."""

    def __init__(self, name: str | None, *, examples: Sequence[str] = (), **settings: Any) -> None:
        super().__init__(name, **settings)
        self.examples = tuple(examples)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Examples"):
            for example in self.examples:
                formatter.write(f"{' ' * formatter.current_indent}{ctx.find_root().info_name} {example}\n")

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (KeyboardInterrupt, click.Abort):
            click.echo(err=True)
            raise Exit(_INTERRUPTED) from None
        except CountersignError as error:
            raise Unreachable(str(error)) from error
        except (click.ClickException, Exit, BrokenPipeError):
            raise
        except Exception as error:
            raise Unreachable(_defect(error)) from error


def _defect(error: Exception) -> str:
    """Where, not what: the text of an unforeseen error may hold anything."""
    frames = extract_tb(error.__traceback__)
    ours = next((frame for frame in reversed(frames) if "countersign" in Path(frame.filename).parts), frames[-1])
    where = f"{Path(ours.filename).name}:{ours.lineno}"
    return f"This is a defect of countersign ({type(error).__name__} at {where}): please report it with what you typed"
