"""What the status of an Agent says: its phase from its Deployment, with the reason of a pod that cannot start.

Takes Agent, Deployment and pods as the API server shows them, gives the status. What of the shell asks for these and writes
the answer is no matter here.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, assert_never

from countersign.api.agents_domain import AgentStatus
from countersign.model.rollout import Complete, Progressing, Rollout, Stuck, condition, rollout

Body = Mapping[str, Any]

_LONGEST = 1024
_HARMLESS = frozenset({"", "ContainerCreating", "PodInitializing"})
"""Reasons to wait that every pod has for a moment."""


def agent_status(agent: Body, deployment: Body | None, pods: Iterable[Body]) -> AgentStatus:
    """`deployment` is None when there is none; `pods` are those of the Deployment, old ones included."""
    generation = (agent.get("metadata") or {}).get("generation")
    if deployment is None:
        return _status(generation, "Pending", "DeploymentMissing", "the Deployment of the agent does not exist")
    reason, message = _obstacle(rollout(deployment), pods)
    return _status(generation, _phase(deployment), reason, message)


def _phase(deployment: Body) -> str:
    """An agent that still answers is Running, also while a newer state of it cannot start."""
    if condition(deployment, "Available").get("status") == "True":
        return "Running"
    return "Failed" if isinstance(rollout(deployment), Stuck) else "Pending"


def _obstacle(state: Rollout, pods: Iterable[Body]) -> tuple[str, str]:
    """A pod knows better than its Deployment why it does not start."""
    found = min((obstacle for pod in pods for obstacle in _of_pod(pod)), default=None)
    match state:
        case Complete():
            return "", ""
        case Stuck(reason=reason, message=message):
            return found or (reason, message)
        case Progressing(message=message):
            return found or ("RollingOut", message)
    assert_never(state)


def _of_pod(pod: Body) -> Iterator[tuple[str, str]]:
    name = (pod.get("metadata") or {}).get("name", "")
    scheduled = condition(pod, "PodScheduled")
    if scheduled.get("status") == "False":
        yield str(scheduled.get("reason", "Unschedulable")), f"pod {name}: {scheduled.get('message', '')}"
    status = pod.get("status") or {}
    for container in (*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())):
        waiting = (container.get("state") or {}).get("waiting") or {}
        if waiting.get("reason", "") not in _HARMLESS:
            said = waiting.get("message") or "it says no more"
            yield str(waiting["reason"]), f"container {container.get('name')} of pod {name}: {said}"


def _status(generation: int | None, phase: str, reason: str, message: str) -> AgentStatus:
    """Kubernetes' reasons are words; anything longer is nobody's reason."""
    return AgentStatus.model_validate(
        {
            "observedGeneration": generation,
            "phase": phase,
            "reason": reason[:128] or None,
            "message": " ".join(message.split())[:_LONGEST] or None,
        }
    )
