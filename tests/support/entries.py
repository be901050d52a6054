"""Plans as the cache has them, of which a test names only where they stand."""

from collections.abc import Sequence
from typing import Any

from countersign.model.finding import Code
from countersign.shell.key import Key

MADE = "2030-01-01T12:00:00Z"
_PUBLISHED = ("AwaitingApproval", "Suspended", "Queued", "Running")
_PHASES = {
    "Suspended": "Approved",
    "Queued": "Approved",
    "Running": "Executing",
    "Halted": "Executing",
    "Succeeded": "Executed",
}


def a_known_plan(
    key: Key, reason: str = "Validating", *, made: str = MADE, approved: str = MADE, refs: Sequence[str] = ()
) -> dict[str, Any]:
    """`Halted` is a run that is suspended, `TurnedAway` a plan that found no room."""
    status: dict[str, Any] = {"phase": _PHASES.get(reason, "Draft"), "reason": _REASONS.get(reason, reason)}
    if reason in (*_PUBLISHED, "Halted"):
        status["digest"] = "sha256:1"
        status["actions"] = [{"id": ref, "resourceRefs": [ref]} for ref in refs]
    if status["phase"] == "Approved":
        status["conditions"] = [{"type": "Approved", "status": "True", "lastTransitionTime": approved}]
    if reason == "TurnedAway":
        status["validation"] = {"valid": False, "diagnostics": [{"code": Code.TOO_MANY_OPEN_PLANS.code}]}
    return {
        "metadata": {"namespace": key.namespace, "name": key.name, "uid": f"uid-{key}", "creationTimestamp": made},
        "status": status,
    }


_REASONS = {"Halted": "Suspended", "TurnedAway": "Blocked"}
