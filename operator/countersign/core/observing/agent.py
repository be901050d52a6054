"""The status of an Agent: its phase from its Deployment, with the reason of a pod that cannot start.

Takes what the executor of the namespace was shown of Deployment and pods. What it may not see is said, never guessed.
"""

from collections.abc import Iterator, Mapping
from typing import Any, assert_never

from countersign.actions.deploy.naming import account
from countersign.api.agents_domain import AgentStatus
from countersign.core.observing.reading import MESSAGE, generation
from countersign.core.wording import one_line
from countersign.model.facts import Absent, Found, Hidden
from countersign.model.masked import masked
from countersign.model.rollout import Complete, Progressing, Rollout, Stuck, condition, rollout

Body = Mapping[str, Any]
Pods = tuple[Body, ...] | Hidden
"""All that carry the labels of the agent, old ones included."""

_REASON = 128
_HARMLESS = frozenset({"", "ContainerCreating", "PodInitializing"})
"""Reasons to wait that every pod has for a moment."""


def observe_agent(content: Body, deployment: Found | Absent | Hidden, pods: Pods) -> AgentStatus:
    name = account(content["metadata"]["name"])
    match deployment:
        case Absent():
            said = "Pending", "DeploymentMissing", f"there is no Deployment {name}: deploy the agent again"
        case Hidden():
            remedy = "let the executor of this namespace get it"
            said = "Pending", "DeploymentHidden", f"nobody may look at Deployment {name}: {remedy}"
        case Found(content=found):
            said = (_phase(found), *_obstacle(rollout(found), pods))
        case _:
            assert_never(deployment)
    return _status(content, *said)


def has_pods_to_ask(deployment: Found | Absent | Hidden) -> bool:
    """Pods of a Deployment that is rolled out have nothing to add."""
    return isinstance(deployment, Found) and not isinstance(rollout(deployment.content), Complete)


def agent_is_settled(status: AgentStatus) -> bool:
    """Whether nothing is expected to change by itself; nobody tells the operator when a Deployment gets on."""
    return status.phase == "Running" and status.reason is None


def _phase(deployment: Body) -> str:
    """An agent that still answers is Running, also while a newer state of it cannot start."""
    if condition(deployment, "Available").get("status") == "True":
        return "Running"
    return "Failed" if isinstance(rollout(deployment), Stuck) else "Pending"


def _obstacle(state: Rollout, pods: Pods) -> tuple[str, str]:
    """A pod knows better than its Deployment why it does not start."""
    match state:
        case Complete():
            return "", ""
        case Stuck(reason=reason, message=message):
            return _told(pods) or (reason, message + _unseen(pods))
        case Progressing(message=message):
            return _told(pods) or ("RollingOut", message + _unseen(pods))
    assert_never(state)


def _told(pods: Pods) -> tuple[str, str] | None:
    if isinstance(pods, Hidden):
        return None
    return min((obstacle for pod in pods for obstacle in _of_pod(pod)), default=None)


def _unseen(pods: Pods) -> str:
    return "; let the executor of this namespace list pods to see why" if isinstance(pods, Hidden) else ""


def _of_pod(pod: Body) -> Iterator[tuple[str, str]]:
    name = (pod.get("metadata") or {}).get("name", "")
    scheduled = condition(pod, "PodScheduled")
    if scheduled.get("status") == "False":
        yield str(scheduled.get("reason", "Unschedulable")), f"pod {name}: {masked(scheduled.get('message') or '')}"
    status = pod.get("status") or {}
    for container in (*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())):
        waiting = (container.get("state") or {}).get("waiting") or {}
        if waiting.get("reason", "") not in _HARMLESS:
            said = masked(waiting.get("message") or "it says no more")
            yield str(waiting["reason"]), f"container {container.get('name')} of pod {name}: {said}"


def _status(content: Body, phase: str, reason: str, message: str) -> AgentStatus:
    """Kubernetes' reasons are words; anything longer is nobody's reason."""
    return AgentStatus.model_validate(
        {
            "observedGeneration": generation(content),
            "phase": phase,
            "reason": reason[:_REASON] or None,
            "message": one_line(message, limit=MESSAGE) or None,
        }
    )
