"""`approve` and `reject`: show what is being decided, ask, decide exactly that, and tell what it led to."""

from collections.abc import Callable

import click
from click.exceptions import Exit

from countersign.cli.deciding import Recorded, decide, fetch_decidable
from countersign.cli.failure import NOT_GOOD, Command
from countersign.cli.plan import fetch_effects
from countersign.cli.render.decision import outcome, subject
from countersign.cli.screen import Screen, answering
from countersign.cli.session import Session, connected
from countersign.core.snapshot import PlanObject


def _options(function: Callable[..., None]) -> Callable[..., None]:
    for add in (
        answering("table", "json", "yaml"),
        connected,
        click.option("--yes", is_flag=True, help="Do not ask."),
        click.option("-m", "--message", help="Comment, recorded with the decision."),
        click.argument("name"),
    ):
        function = add(function)
    return function


@click.command(cls=Command)
@_options
def approve(*, name: str, message: str | None, yes: bool, session: Session, screen: Screen) -> None:
    """Show what a plan would change, and approve exactly that."""
    _require_somebody(session, yes=yes)
    plan = _shown(session, screen, name=name, verb="approve")
    if not yes and not screen.confirm(f"Approve {name}?"):
        _leave_undecided(screen)
    _tell(decide(session, plan, verb="approve", comment=message or ""), screen)


@click.command(cls=Command)
@_options
def reject(*, name: str, message: str | None, yes: bool, session: Session, screen: Screen) -> None:
    """Show what a plan would change, and reject it with a reason."""
    _require_somebody(session, yes=yes)
    if yes and not message:
        raise click.UsageError("A rejection needs a reason: give it with -m")
    plan = _shown(session, screen, name=name, verb="reject")
    reason = message or screen.ask("Reason, for the authors")
    if not yes and not screen.confirm(f"Reject {name}?"):
        _leave_undecided(screen)
    _tell(decide(session, plan, verb="reject", comment=reason), screen)


def _require_somebody(session: Session, *, yes: bool) -> None:
    if not yes and not session.outside.is_attended():
        raise click.UsageError("There is nobody to ask: run this in a terminal, or decide without a question by --yes")


def _shown(session: Session, screen: Screen, *, name: str, verb: str) -> PlanObject:
    plan = fetch_decidable(session, name, verb=verb)
    effects = fetch_effects(session, plan)
    screen.show(*subject(plan, effects, now=session.outside.now()))
    return plan


def _leave_undecided(screen: Screen) -> None:
    screen.note("Nothing was decided")
    raise Exit(NOT_GOOD)


def _tell(recorded: Recorded, screen: Screen) -> None:
    decision, status = recorded.decision, recorded.plan.status
    screen.show(outcome(decision, status))
    if not screen.is_table:
        screen.answer(_answer(recorded))
    if not decision.counts:
        raise Exit(NOT_GOOD)


def _answer(recorded: Recorded) -> dict[str, object]:
    plan, status = recorded.plan, recorded.plan.status
    return {
        "plan": plan.name,
        "namespace": plan.namespace,
        "decision": recorded.decision.wire(),
        "approvals": {"approved": status.approval.approved, "required": status.approval.required},
        "phase": status.phase,
        "reason": status.reason,
        "message": status.message,
    }
