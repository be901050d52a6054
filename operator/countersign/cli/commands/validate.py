"""`validate`: the operator's verdict on a plan that is not kept, or the structural part of it without any cluster."""

from collections.abc import Sequence
from contextlib import suppress

import click
from click.exceptions import Exit

from countersign.api.names import PLAN
from countersign.api.plan_status import LedgerEntry
from countersign.cli import documents, runagents
from countersign.cli.failure import NOT_GOOD, Command, Unreachable
from countersign.cli.plan import as_plan, is_current
from countersign.cli.render.verdict import verdict as rendered
from countersign.cli.screen import Screen, answering
from countersign.cli.session import Session, connected
from countersign.cli.submission import Submission, placed, submissions
from countersign.cli.verdict import Verdict, judged, refused, structural
from countersign.cli.waiting import until
from countersign.errors import Forbidden, Invalid, NotFound

_PATIENCE = 30.0


@click.command(cls=Command, examples=("validate -f plan.yaml", "validate -f action-plan.json --offline -o json"))
@documents.file_option
@click.option("--offline", is_flag=True, help="Check the structure only, without a cluster.")
@connected
@answering("table", "json", "yaml")
def validate(*, file: str, offline: bool, session: Session, screen: Screen) -> None:
    """Tell whether plans are valid; nothing of them is kept.

    The operator validates a copy that never runs and is deleted at once. If a plan of this name is there, what it has carried
    out counts too. Exit code 1: invalid. -o json answers in the
    shape of RunAgents' actions/validate.
    """
    found = submissions(documents.read(file), origin=documents.origin_of(file))
    verdicts = [_offline(each, session) if offline else _online(each, session) for each in found]
    _tell(verdicts, screen)
    if not all(each.valid for each in verdicts):
        raise Exit(NOT_GOOD)


def _offline(submission: Submission, session: Session) -> Verdict:
    """The kubeconfig is not even read."""
    return structural(placed(submission, asked=session.where.namespace, default=""))


def _online(submission: Submission, session: Session) -> Verdict:
    submission = placed(submission, asked=session.where.namespace, default=session.namespace)
    if submission.findings:
        return structural(submission)
    namespace = submission.namespace or ""
    body = submission.for_a_verdict(session.outside.token())
    try:
        name = str(session.plans.create(PLAN, namespace=namespace, body=body)["metadata"]["name"])
    except Invalid as error:
        return refused(submission, error)
    try:
        return _awaited(submission, session, name=name)
    finally:
        # The operator may have been faster.
        with suppress(NotFound):
            session.plans.delete(PLAN, namespace=namespace, name=name)


def _awaited(submission: Submission, session: Session, *, name: str) -> Verdict:
    namespace = submission.namespace or ""
    plan = until(
        lambda: as_plan(session.plans.get(PLAN, namespace=namespace, name=name)),
        is_current,
        seconds=_PATIENCE,
        outside=session.outside,
    )
    if not is_current(plan):
        reason = f" ({plan.status.message})" if plan.status.message else ""
        raise Unreachable(f"The operator gave no verdict within {_PATIENCE:.0f} seconds{reason}: check that it runs")
    return judged(submission, plan.status, ledger=_ledger(submission, session))


def _ledger(submission: Submission, session: Session) -> Sequence[LedgerEntry]:
    """What the plan of this name has carried out. Who may not look at it hears of it when the plan is submitted."""
    with suppress(NotFound, Forbidden):
        plan = as_plan(session.plans.get(PLAN, namespace=submission.namespace or "", name=submission.name))
        return plan.status.ledger
    return ()


def _tell(verdicts: Sequence[Verdict], screen: Screen) -> None:
    if screen.is_table:
        screen.show(*(line for verdict in verdicts for line in rendered(verdict)))
        return
    screen.answer(*(runagents.validated(verdict) for verdict in verdicts))
