"""The runs of a plan as a table, and below it the intents that it has carried out."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from countersign.api.plan_status import LedgerEntry
from countersign.cli.render.words import heading, rows, table, word
from countersign.cli.runs import Run
from countersign.model import duration, instant

_SHORT = len("sha256:") + 12


def history(runs: Sequence[Run], ledger: Sequence[LedgerEntry]) -> Iterator[RenderableType]:
    if runs:
        yield rows(
            table("PUBLICATION", "RESULT", "STARTED", "TOOK", "APPROVED BY", "DIGEST", "SUMMARY"), map(_run, runs)
        )
    if ledger:
        yield heading("Carried out, and remembered for good")
        yield rows(
            table("IDEMPOTENCY KEY", "PUBLICATION", "PARAMS"),
            ((entry.key, str(entry.publication), entry.params_digest[:_SHORT]) for entry in ledger),
        )


def _run(run: Run) -> tuple[str | Text, ...]:
    return (
        str(run.publication),
        word(run.result),
        run.started_at,
        _took(run),
        ", ".join(run.approved_by),
        run.digest[:_SHORT],
        run.summary,
    )


def _took(run: Run) -> str:
    if not run.finished_at:
        return "still running"
    return duration.show(instant.parse(run.finished_at) - instant.parse(run.started_at))
