"""How far a Deployment has come, read from its status as `kubectl rollout status` reads it.

Takes the object as the API server shows it; serves the action that waits for a rollout and the observer of agents. Both
write what it says into a status, so no sentence leaves it with the values that it quotes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from countersign.model.masked import masked

_DEADLINE = "ProgressDeadlineExceeded"


@dataclass(frozen=True, slots=True)
class Complete:
    """Every pod is of the newest template, and available."""


@dataclass(frozen=True, slots=True)
class Progressing:
    """Not there yet; `message` says what is missing."""

    message: str


@dataclass(frozen=True, slots=True)
class Stuck:
    """It came no further within its deadline."""

    reason: str
    message: str


Rollout = Complete | Progressing | Stuck


def rollout(deployment: Mapping[str, Any]) -> Rollout:
    metadata, spec, status = (deployment.get(part) or {} for part in ("metadata", "spec", "status"))
    if status.get("observedGeneration", 0) < metadata.get("generation", 1):
        return Progressing("the deployment controller has not seen the newest state yet")
    progress = condition(deployment, "Progressing")
    if progress.get("reason") == _DEADLINE:
        said = progress.get("message") or "the rollout came no further within its deadline"
        return Stuck(_DEADLINE, masked(str(said)))
    wanted = spec.get("replicas", 1)
    updated, available = status.get("updatedReplicas", 0), status.get("availableReplicas", 0)
    if updated < wanted:
        return Progressing(_with_failure(deployment, f"{updated} of {wanted} pods are updated"))
    if status.get("replicas", 0) > updated:
        return Progressing(f"{status['replicas'] - updated} old pods have not ended yet")
    if available < updated:
        return Progressing(f"{available} of {updated} updated pods are available")
    return Complete()


def condition(body: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    """The condition of this type; empty when there is none."""
    conditions = (body.get("status") or {}).get("conditions") or ()
    return next((item for item in conditions if item.get("type") == kind), {})


def _with_failure(deployment: Mapping[str, Any], message: str) -> str:
    """Pods that nobody may create, for want of quota or because admission refuses them, are the reason to know."""
    failure = condition(deployment, "ReplicaFailure")
    return f"{message}: {masked(str(failure.get('message')))}" if failure.get("status") == "True" else message
