"""`retry`: asks for what a plan left undone, in a new publication with approvals of its own."""

import click
from click.exceptions import Exit
from rich.text import Text

from countersign.api.names import PLAN
from countersign.cli.answers import standing as answer
from countersign.cli.failure import NOT_GOOD, Command, Refused
from countersign.cli.following import is_settled, standing
from countersign.cli.named import plan_argument
from countersign.cli.plan import fetch, is_current
from countersign.cli.printable import one_line
from countersign.cli.screen import Screen, answering
from countersign.cli.session import Session, connected
from countersign.cli.steering import ask_again
from countersign.core.situation import Situation
from countersign.core.snapshot import PlanObject


@click.command(cls=Command, examples=("retry payments",))
@plan_argument
@connected
@answering("table", "json", "yaml")
def retry(*, name: str, session: Session, screen: Screen) -> None:
    """Try again what a failed plan left undone, or open a new time for approval.

    The plan is validated and previewed anew, and needs new approvals; what was applied is not applied again. Needs the right
    to create plans.
    """
    plan = fetch(session, name)
    if obstacle := _obstacle(plan, session.program):
        raise Refused(f"There is nothing to retry in the plan {name}: {obstacle}")
    opened = ask_again(session, plan)
    told = one_line(standing(opened, session.program))
    screen.show(Text(f"plan.{PLAN.group}/{name} is tried again"), Text(f"  {told}"))
    if not screen.is_table:
        screen.answer(answer(opened))
    if is_settled(opened):
        raise Exit(NOT_GOOD)


def _obstacle(plan: PlanObject, program: str) -> str:
    """Empty for a plan that failed, and for one whose time for approval is over."""
    status = plan.status
    if not is_current(plan):
        return "the operator has not looked at it yet, wait for its verdict"
    match status.phase, status.reason:
        case _, Situation.EXPIRED.reason:
            return ""
        case "Failed", Situation.CANCELLED.reason:
            return "it was cancelled and stays so, submit another plan for the rest"
        case "Failed", _:
            return ""
        case "Executed", _:
            return "all of it is done, change the plan to have more done"
        case _:
            return standing(plan, program)
