"""`approve`, `reject`, `revise` and `revoke`: show what is being decided, ask, decide exactly that, and tell what it led to."""

from collections.abc import Callable
from typing import Any

import click
from click.exceptions import Exit

from countersign.cli import documents
from countersign.cli.answers import standing
from countersign.cli.deciding import Recorded, decide, fetch_decidable, fitting
from countersign.cli.failure import NOT_GOOD, Command, Misused
from countersign.cli.named import plan_argument
from countersign.cli.plan import fetch_effects
from countersign.cli.proposal import proposal
from countersign.cli.render.decision import outcome, subject
from countersign.cli.screen import Screen, answering
from countersign.cli.session import Session, connected, require_somebody

_QUESTIONS = {
    "approve": "Approve {}?",
    "reject": "Reject {}?",
    "revise": "Ask for a revision of {}?",
    "revoke": "Revoke what you decided about {}?",
}
_NEED_A_REASON = {"reject": "A rejection", "revise": "A request for a revision"}


def _options(function: Callable[..., None]) -> Callable[..., None]:
    for add in (
        answering("table", "json", "yaml"),
        connected,
        click.option("--yes", is_flag=True, help="Do not ask."),
        click.option("-m", "--message", default="", help="Comment, recorded with the decision."),
        plan_argument,
    ):
        function = add(function)
    return function


@click.command(cls=Command, examples=("approve payments", 'approve payments --yes -m "as agreed"'))
@_options
def approve(*, name: str, message: str, yes: bool, session: Session, screen: Screen) -> None:
    """Show what a plan would change, and approve exactly that."""
    _decide(session, screen, verb="approve", name=name, comment=message, yes=yes)


@click.command(cls=Command, examples=("reject payments", 'reject payments --yes -m "not on a Friday"'))
@_options
def reject(*, name: str, message: str, yes: bool, session: Session, screen: Screen) -> None:
    """Show what a plan would change, and reject it with a reason.

    It holds until you revoke it, or the plan or what it would change becomes another.
    """
    _decide(session, screen, verb="reject", name=name, comment=message, yes=yes)


@click.command(cls=Command, examples=('revise payments -m "use the new host"', "revise payments --partial better.yaml"))
@_options
@click.option("--partial", metavar="FILE", help="What the plan should say instead, as far as you know: JSON or YAML.")
def revise(*, name: str, message: str, partial: str | None, yes: bool, session: Session, screen: Screen) -> None:
    """Show what a plan would change, and ask its authors to change it.

    With --partial the comment is JSON that programs read: {"partial": ..., "feedback": ...}.
    """
    comment = message if partial is None else _proposed(partial, feedback=message)
    _decide(session, screen, verb="revise", name=name, comment=comment, yes=yes)


@click.command(cls=Command, examples=("revoke payments", 'revoke payments --yes -m "seen another risk"'))
@_options
def revoke(*, name: str, message: str, yes: bool, session: Session, screen: Screen) -> None:
    """Take back what you decided about a plan: an approval, a rejection, or a request for a revision.

    An approval can be taken back until the plan starts; after that it can be cancelled.
    """
    _decide(session, screen, verb="revoke", name=name, comment=message, yes=yes)


def _decide(session: Session, screen: Screen, *, verb: str, name: str, comment: str, yes: bool) -> None:
    require_somebody(session, yes=yes)
    if yes and not comment and verb in _NEED_A_REASON:
        raise click.UsageError(f"{_NEED_A_REASON[verb]} needs a reason: give it with -m")
    fitting(comment)
    plan = fetch_decidable(session, name, verb=verb)
    screen.show(*subject(plan, fetch_effects(session, plan), now=session.outside.now()))
    if not comment and verb in _NEED_A_REASON:
        comment = fitting(screen.ask("Reason, for the authors"))
    if not yes and not screen.confirm(_QUESTIONS[verb].format(name)):
        screen.note("Nothing was decided")
        raise Exit(NOT_GOOD)
    _tell(decide(session, plan, verb=verb, comment=comment), screen)


def _proposed(file: str, *, feedback: str) -> str:
    found = documents.read(file)
    if len(found) != 1:
        raise Misused(f"{documents.origin_of(file)} holds {len(found)} documents: write one")
    return proposal(found[0], feedback=feedback)


def _tell(recorded: Recorded, screen: Screen) -> None:
    decision, status = recorded.decision, recorded.plan.status
    screen.show(outcome(decision, status))
    if not screen.is_table:
        screen.answer(_answer(recorded))
    if not decision.counts and not decision.breaks_glass:
        raise Exit(NOT_GOOD)


def _answer(recorded: Recorded) -> dict[str, Any]:
    approval = recorded.plan.status.approval
    return {
        **standing(recorded.plan),
        "decision": recorded.decision.wire(),
        "approvals": {"approved": approval.approved, "required": approval.required},
    }
