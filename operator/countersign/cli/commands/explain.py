"""`explain`: why a plan stands where it stands."""

import click

from countersign.api.preview import PreviewedEffect
from countersign.cli.answers import standing
from countersign.cli.failure import Command
from countersign.cli.following import decide_hint
from countersign.cli.named import plan_argument
from countersign.cli.plan import fetch, fetch_preview
from countersign.cli.render.explanation import explanation
from countersign.cli.screen import Screen, answering
from countersign.cli.session import Session, connected
from countersign.core.explain import explain as explained
from countersign.core.snapshot import PlanObject
from countersign.errors import Forbidden, NotFound


@click.command(cls=Command, examples=("explain payments", "explain payments -o json"))
@plan_argument
@connected
@answering("table", "json", "yaml")
def explain(*, name: str, session: Session, screen: Screen) -> None:
    """Explain where a plan stands: stages, risk, gate, decisions, and what is missing.

    What exactly makes it risky stands in the PlanPreview, which needs the role countersign-approver; the rules of the risk
    and everything else are told to whoever may read the plan.
    """
    plan = fetch(session, name)
    effects = _effects(plan, session, screen)
    found = explained(plan, effects)
    if screen.is_table:
        screen.show(*explanation(plan, found, now=session.outside.now(), hint=decide_hint(plan, session.program)))
    else:
        screen.answer({**standing(plan), **found.wire()})


def _effects(plan: PlanObject, session: Session, screen: Screen) -> tuple[PreviewedEffect, ...] | None:
    """None if the preview is not there, may not be read, or is about another digest than the verdict."""
    if not plan.status.preview:
        return None
    try:
        preview = fetch_preview(session, plan)
    except (Forbidden, NotFound) as error:
        screen.note(f"Of the risk only the rules are shown. {error}")
        return None
    return preview.effects if plan.status.digest in (None, preview.digest) else None
