"""The list of plans: the columns of `kubectl get plans`, and for those that wait for a decision what helps to choose one."""

from collections.abc import Sequence
from datetime import datetime

from rich.table import Table
from rich.text import Text

from countersign.cli.listed import Listed
from countersign.cli.render.words import age, rows, table, word
from countersign.model import duration, instant

_LONGEST = 60


def plans(listed: Sequence[Listed], *, now: datetime, all_namespaces: bool) -> Table:
    headers = ("NAME", "PHASE", "REASON", "RISK", "APPROVALS", "PROGRESS", "AGE")
    return _table(headers, listed, [_columns(plan, now=now) for plan in listed], all_namespaces=all_namespaces)


def pending(listed: Sequence[Listed], *, now: datetime, all_namespaces: bool) -> Table:
    headers = ("NAME", "REASON", "RISK", "APPROVALS", "LEFT", "AUTHORS", "AGE", "DESCRIPTION")
    return _table(headers, listed, [_waiting(plan, now=now) for plan in listed], all_namespaces=all_namespaces)


def _table(
    headers: tuple[str, ...], listed: Sequence[Listed], cells: list[tuple[str | Text, ...]], *, all_namespaces: bool
) -> Table:
    if not all_namespaces:
        return rows(table(*headers), cells)
    placed = [(plan.namespace, *row) for plan, row in zip(listed, cells, strict=True)]
    return rows(table("NAMESPACE", *headers), placed)


def _columns(plan: Listed, *, now: datetime) -> tuple[str | Text, ...]:
    return (
        plan.name,
        word(plan.phase),
        word(plan.reason),
        word(plan.risk),
        plan.approvals,
        plan.progress,
        age(plan.created_at, now=now),
    )


def _waiting(plan: Listed, *, now: datetime) -> tuple[str | Text, ...]:
    left = duration.show(instant.parse(plan.expires_at) - now) if plan.expires_at else ""
    return (
        plan.name,
        word(plan.reason),
        word(plan.risk),
        plan.approvals,
        left,
        ", ".join(plan.authors),
        age(plan.created_at, now=now),
        _short(plan.description),
    )


def _short(text: str) -> str:
    first = text.strip().split("\n")[0]
    return first if len(first) <= _LONGEST else f"{first[: _LONGEST - 1]}…"
