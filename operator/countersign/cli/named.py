"""NAME: the plan that a command is about, with the names of those that are there for the completion of the shell."""

from typing import Any

import click
from click.shell_completion import CompletionItem

from countersign.api.names import PLAN
from countersign.cli.cluster import Where
from countersign.cli.session import Outside, Session


def plan_argument(function: Any) -> Any:
    """Hands in `name`."""
    return click.argument("name", shell_complete=_names)(function)


def _names(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """A shell that completes shows no errors, so a cluster that cannot be asked has no plans."""
    where = Where(**{key: ctx.params.get(key) for key in ("namespace", "context", "kubeconfig")})
    session = Session(where, ctx.find_object(Outside) or Outside(), "")
    try:
        plans = session.plans.list(PLAN, namespace=session.namespace)
    except Exception:  # noqa: BLE001 - whatever it is, there is nobody to tell
        return []
    names = sorted(str(plan["metadata"]["name"]) for plan in plans)
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]
