"""`suspend`, `resume` and `cancel`: the brakes of a plan. Whoever may decide about it may use them."""

from collections.abc import Callable
from typing import Any

import click
from click.exceptions import Exit
from rich.text import Text

from countersign.api.names import PLAN
from countersign.cli.answers import standing as answer
from countersign.cli.failure import NOT_GOOD, Command, Refused
from countersign.cli.following import standing
from countersign.cli.named import plan_argument
from countersign.cli.plan import fetch
from countersign.cli.printable import one_line
from countersign.cli.render.plan import brief
from countersign.cli.screen import Screen, answering
from countersign.cli.session import Session, connected, require_somebody
from countersign.cli.steering import steer
from countersign.core.snapshot import PlanObject


def _options(function: Callable[..., Any]) -> Callable[..., Any]:
    for add in (answering("table", "json", "yaml"), connected, plan_argument):
        function = add(function)
    return function


@click.command(cls=Command, examples=("suspend payments",))
@_options
def suspend(*, name: str, session: Session, screen: Screen) -> None:
    """Keep a plan from starting, or stop it before its next action.

    Approvals stay what they are, and go on running out of time.
    """
    _set_suspend(session, screen, name=name, wanted=True)


@click.command(cls=Command, examples=("resume payments",))
@_options
def resume(*, name: str, session: Session, screen: Screen) -> None:
    """Let a suspended plan go on."""
    _set_suspend(session, screen, name=name, wanted=False)


@click.command(cls=Command, examples=("cancel payments", "cancel payments --yes"))
@click.option("--yes", is_flag=True, help="Do not ask.")
@_options
def cancel(*, name: str, yes: bool, session: Session, screen: Screen) -> None:
    """Give a plan up for good: what has not run is skipped.

    An action that is being carried out is finished; what was applied stays.
    """
    require_somebody(session, yes=yes)
    plan = fetch(session, name)
    if plan.spec.get("cancel") is True:
        _tell(plan, screen, session, done="is cancelled already")
        return
    _require_course(plan, verb="cancelled")
    screen.show(*brief(plan))
    if not yes and not screen.confirm(f"Cancel {name}? It cannot be taken back"):
        screen.note("Nothing was cancelled")
        raise Exit(NOT_GOOD)
    _tell(steer(session, plan, cancel=True), screen, session, done="cancelled")


def _set_suspend(session: Session, screen: Screen, *, name: str, wanted: bool) -> None:
    done = "suspended" if wanted else "resumed"
    plan = fetch(session, name)
    _require_course(plan, verb=done)
    if (plan.spec.get("suspend") is True) is wanted:
        _tell(plan, screen, session, done="is suspended already" if wanted else "is not suspended")
        return
    _tell(steer(session, plan, suspend=wanted), screen, session, done=done)


def _require_course(plan: PlanObject, *, verb: str) -> None:
    """Raises if nothing is left to stop or to let go on."""
    status = plan.status
    if status.phase in ("Executed", "Failed"):
        raise Refused(f"The plan {plan.name} cannot be {verb} any more: it is {status.phase} ({status.reason})")


def _tell(plan: PlanObject, screen: Screen, session: Session, *, done: str) -> None:
    screen.show(Text(f"plan.{PLAN.group}/{plan.name} {done}"), Text(f"  {one_line(standing(plan, session.program))}"))
    if not screen.is_table:
        screen.answer(answer(plan))
