"""`wait`: until a plan is approved, finished, or has a condition."""

import click
from click.exceptions import Exit

from countersign.cli.answers import standing as answer
from countersign.cli.failure import NOT_GOOD, TIMED_OUT, Command
from countersign.cli.following import follow, is_settled, standing
from countersign.cli.goals import Goal, Goals
from countersign.cli.named import plan_argument
from countersign.cli.plan import fetch
from countersign.cli.render.plan import end, out_of_time
from countersign.cli.screen import Screen, answering
from countersign.cli.session import Session, connected
from countersign.cli.span import Span


@click.command(
    cls=Command,
    examples=("wait payments", "wait payments --for=approved --timeout=1h", "wait payments --for=condition=Ready"),
)
@plan_argument
@click.option(
    "--for",
    "goal",
    type=Goals(),
    default="finished",
    show_default=True,
    metavar="GOAL",
    help="approved, finished, or condition=NAME[=VALUE].",
)
@click.option("--timeout", type=Span(), default="10m", show_default=True, help="How long to wait.")
@connected
@answering("table", "json", "yaml")
def wait(*, name: str, goal: Goal, timeout: float, session: Session, screen: Screen) -> None:
    """Wait until a plan is approved, has finished well, or has a condition.

    Exit code 1 means that this will not come by itself any more: the plan is invalid, was rejected, failed, or its time is
    over. Exit code 4 means that the time of waiting is over.
    """
    plan = follow(fetch(session, name), session, seconds=timeout, note=screen.note, enough=goal.reached)
    reached, settled = goal.reached(plan), is_settled(plan)
    if not screen.is_table:
        screen.answer({**answer(plan), "for": goal.name, "reached": reached})
    elif reached or settled:
        screen.show(*end(plan, good=reached))
    else:
        screen.show(*out_of_time(plan, message=standing(plan, session.program), goal=goal.name))
    if not reached:
        raise Exit(NOT_GOOD if settled else TIMED_OUT)
