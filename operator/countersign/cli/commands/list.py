"""`list`: what plans there are, or only those that wait for a decision.

Fast on purpose: it does not load the models (see listed.py).
"""

import click

from countersign.api.names import PLAN
from countersign.cli.cluster import Json
from countersign.cli.failure import Command
from countersign.cli.listed import listed
from countersign.cli.render.plans import pending as pending_table
from countersign.cli.render.plans import plans as plans_table
from countersign.cli.screen import Screen, answering
from countersign.cli.session import Session, connected

_WAITS_FOR_A_DECISION = (
    "status.reason=AwaitingApproval",
    "status.reason=PreviewChanged",
    "status.reason=Frozen,status.phase=Draft",
)


@click.command("list", cls=Command, examples=("list", "list --pending -A", "list -o json"))
@click.option("--pending", is_flag=True, help="Only plans that wait for a decision.")
@click.option("-A", "--all-namespaces", is_flag=True, help="In all namespaces.")
@connected
@answering("table", "json", "yaml")
def list_plans(*, pending: bool, all_namespaces: bool, session: Session, screen: Screen) -> None:
    """List plans."""
    found = sorted(_plans(session, pending=pending, everywhere=all_namespaces), key=_place)
    if not screen.is_table:
        screen.listed(found)
        return
    if not found:
        where = "in any namespace" if all_namespaces else f"in namespace {session.namespace}"
        screen.note(f"No plan waits for a decision {where}" if pending else f"There are no plans {where}")
        return
    table = pending_table if pending else plans_table
    screen.tabulate(table([listed(each) for each in found], now=session.outside.now(), all_namespaces=all_namespaces))


def _plans(session: Session, *, pending: bool, everywhere: bool) -> list[Json]:
    """A field selector knows no `or`, so each reason is asked for by itself."""
    namespace = None if everywhere else session.namespace
    waiting = _WAITS_FOR_A_DECISION if pending else ("",)
    return [plan for fields in waiting for plan in session.plans.list(PLAN, namespace=namespace, fields=fields)]


def _place(content: Json) -> tuple[str, str]:
    return content["metadata"]["namespace"], content["metadata"]["name"]
