"""`diff`: every change that a plan would make, from the previews that its status names."""

import click
from click.exceptions import Exit

from countersign.cli.answers import standing
from countersign.cli.failure import NOT_GOOD, Command
from countersign.cli.named import plan_argument
from countersign.cli.plan import fetch, fetch_preview
from countersign.cli.render.changes import caveats, changes
from countersign.cli.screen import Screen, answering
from countersign.cli.session import Session, connected


@click.command(cls=Command, examples=("diff payments", "diff payments --exit-code", "diff payments -o json"))
@plan_argument
@click.option("--exit-code", is_flag=True, help="Exit with 1 if there are changes, as kubectl diff does.")
@connected
@answering("table", "json", "yaml")
def diff(*, name: str, exit_code: bool, session: Session, screen: Screen) -> None:
    """Show every change that a plan would make, object by object.

    Sensitive values are hidden; the digest covers them nevertheless. Needs the right to read PlanPreviews, which the role
    countersign-approver has.
    """
    plan = fetch(session, name)
    preview = fetch_preview(session, plan)
    if screen.is_table:
        screen.show(*changes(plan, preview))
    else:
        effects = [effect.wire() for effect in preview.effects]
        screen.answer(
            {**standing(plan), "previewed": preview.digest, "notes": caveats(plan, preview), "effects": effects}
        )
    if exit_code and any(effect.operation != "unchanged" for effect in preview.effects):
        raise Exit(NOT_GOOD)
