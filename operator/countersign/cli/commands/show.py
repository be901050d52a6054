"""`show`: everything about one plan."""

import click

from countersign.api.names import PLAN
from countersign.cli.failure import Command
from countersign.cli.following import decide_hint
from countersign.cli.named import plan_argument
from countersign.cli.plan import as_plan
from countersign.cli.render.plan import plan as rendered
from countersign.cli.screen import Screen, answering
from countersign.cli.session import Session, connected


@click.command(cls=Command, examples=("show payments", "show payments -o yaml"))
@plan_argument
@connected
@answering("table", "json", "yaml")
def show(*, name: str, session: Session, screen: Screen) -> None:
    """Show where a plan stands, who decided what, and what each action did."""
    content = session.plans.get(PLAN, namespace=session.namespace, name=name)
    if not screen.is_table:
        screen.objects(content)
        return
    plan = as_plan(content)
    screen.show(*rendered(plan, now=session.outside.now(), hint=decide_hint(plan, session.program)))
