"""The answers of RunAgents' `actions/validate` and `actions/apply`, for the tools that read them.

Takes verdicts and statuses; gives JSON with RunAgents' field names. What RunAgents has no word for comes in further fields.
"""

from collections.abc import Iterable
from typing import Any

from countersign.api.plan_status import ActionStatus, Diagnostic, PlanStatus
from countersign.cli.verdict import Judged, Verdict

Json = dict[str, Any]
_ON_THE_WAY = ("pending", "running", "waiting")


def validated(verdict: Verdict) -> Json:
    return {
        "plan_id": verdict.plan_id,
        "namespace": verdict.namespace,
        "valid": verdict.valid,
        "results": [_validated(action) for action in verdict.actions],
        "diagnostics": [diagnostic.wire() for diagnostic in verdict.diagnostics],
    }


def applied(verdict: Verdict, status: PlanStatus, *, ended: bool) -> Json:
    """While a plan is on its way, actions have our words for it; RunAgents has none. What never ran was skipped."""
    results = [
        _applied(action, entry, ended=ended) for action, entry in zip(verdict.actions, status.actions, strict=False)
    ]
    standing = {"phase": status.phase, "reason": status.reason, "message": status.message}
    return {**_counted(verdict, results), "applied": status.phase == "Executed", **standing}


def refused(verdict: Verdict) -> Json:
    """Nothing was submitted, or the validation ended it."""
    results = [
        {**_named(action), "status": "skipped" if action.valid else "invalid", **_error(action)}
        for action in verdict.actions
    ]
    return {**_counted(verdict, results), "diagnostics": [diagnostic.wire() for diagnostic in verdict.diagnostics]}


def _counted(verdict: Verdict, results: list[Json]) -> Json:
    return {
        "plan_id": verdict.plan_id,
        "namespace": verdict.namespace,
        "applied": False,
        "applied_count": sum(result["status"] == "applied" for result in results),
        "failed_count": sum(result["status"] in ("failed", "invalid") for result in results),
        "results": results,
    }


def _named(action: Judged) -> Json:
    reference = {"resource_ref": action.reference} if action.reference else {}
    return {"id": action.id, "type": action.type, "idempotency_key": action.key, **reference}


def _validated(action: Judged) -> Json:
    return {
        **_named(action),
        "valid": action.valid,
        "errors": _sentences(action.diagnostics, "error"),
        "warnings": _sentences(action.diagnostics, "warning"),
    }


def _applied(action: Judged, entry: ActionStatus, *, ended: bool) -> Json:
    error = (
        entry.error.message
        if entry.error
        else entry.message
        if entry.status in ("failed", "invalid", "unknown")
        else ""
    )
    output = {
        "operation": entry.operation,
        "changes": entry.changes,
        "reason": entry.reason,
        "resource_refs": entry.resource_refs,
    }
    return {
        **_named(action),
        "status": _state(entry) if ended else entry.status,
        **({"error": error} if error else {}),
        "output": {key: value for key, value in output.items() if value},
    }


def _state(entry: ActionStatus) -> str:
    """What nobody knows the outcome of is not called skipped: somebody has to look."""
    if entry.status == "unknown":
        return "failed"
    return "skipped" if entry.status in _ON_THE_WAY else entry.status


def _error(action: Judged) -> Json:
    errors = _sentences(action.diagnostics, "error")
    return {"error": "; ".join(errors)} if errors else {}


def _sentences(diagnostics: Iterable[Diagnostic], severity: str) -> list[str]:
    return [sentence(diagnostic) for diagnostic in diagnostics if diagnostic.severity == severity]


def sentence(diagnostic: Diagnostic) -> str:
    return f"{diagnostic.path}: {diagnostic.message}" if diagnostic.path else diagnostic.message
