"""`history`: the runs of a plan, and the intents it has carried out for good."""

from dataclasses import asdict

import click

from countersign.cli.answers import standing
from countersign.cli.failure import Command
from countersign.cli.named import plan_argument
from countersign.cli.plan import fetch
from countersign.cli.render.history import history as rendered
from countersign.cli.runs import Run, runs
from countersign.cli.screen import Screen, answering
from countersign.cli.session import Session, connected


@click.command(cls=Command, examples=("history payments", "history payments -o json"))
@plan_argument
@connected
@answering("table", "json", "yaml")
def history(*, name: str, session: Session, screen: Screen) -> None:
    """Show the runs of a plan, on whose approval each started, and what was carried out.

    The plan remembers its last runs. The idempotency keys that it has carried out it remembers for good: the same key with
    other params is refused.
    """
    plan = fetch(session, name)
    found = list(runs(plan.status))
    if not screen.is_table:
        screen.answer(
            {
                **standing(plan),
                "runs": [_answer(run) for run in found],
                "ledger": [entry.wire() for entry in plan.status.ledger],
            }
        )
    elif found or plan.status.ledger:
        screen.show(*rendered(found, plan.status.ledger))
    else:
        screen.note(f"The plan {name} has never run: it is {plan.status.phase} ({plan.status.reason})")


def _answer(run: Run) -> dict[str, object]:
    given = asdict(run)
    return {_NAMES.get(key, key): value for key, value in given.items()}


_NAMES = {"started_at": "startedAt", "finished_at": "finishedAt", "approved_by": "approvedBy"}
