"""The status of an Agent, from its Deployment and pods."""

import pytest

from countersign.core.observing.agent import agent_is_settled, has_pods_to_ask, observe_agent
from countersign.model.facts import Absent, Found, Hidden

AGENT = {"metadata": {"name": "support", "generation": 2}}


def _deployment(*conditions, available=0):
    found = [{"type": kind, "status": status, **rest} for kind, status, rest in conditions]
    counts = {"replicas": 1, "updatedReplicas": 1, "availableReplicas": available}
    return {
        "metadata": {"generation": 1},
        "spec": {"replicas": 1},
        "status": {"observedGeneration": 1, **counts, "conditions": found},
    }


def _pod(*, waiting=None, init=None, scheduled="True", message="no node\n fits", name="one"):
    def containers(state):
        return [{"name": "agent", "state": {"waiting": state}}] if state else []

    condition = {"type": "PodScheduled", "status": scheduled, "reason": "Unschedulable", "message": message}
    statuses = {"containerStatuses": containers(waiting), "initContainerStatuses": containers(init)}
    return {"metadata": {"name": name}, "status": {"conditions": [condition], **statuses}}


RUNS = ("Available", "True", {})
STUCK = ("Progressing", "False", {"reason": "ProgressDeadlineExceeded", "message": "timed out"})
QUOTING = 'env[0].value: Invalid value: "hunter2": too long'
PULLING = {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}


def _observed(deployment, pods=()):
    seen = Found(deployment) if isinstance(deployment, dict) else deployment
    return observe_agent(AGENT, seen, pods)


def _said(deployment, *pods):
    status = _observed(deployment, pods)
    assert status.observed_generation == 2
    return status.phase, status.reason, status.message


def test_runs():
    """Nothing more is said of an agent that is rolled out."""
    assert _said(_deployment(RUNS, available=1), _pod()) == ("Running", None, None)


@pytest.mark.parametrize(
    ("deployment", "reason", "message"),
    [
        (Absent(), "DeploymentMissing", "there is no Deployment agent-support: deploy the agent again"),
        (
            Hidden(),
            "DeploymentHidden",
            "nobody may look at Deployment agent-support: let the executor of this namespace get it",
        ),
    ],
)
def test_no_deployment(deployment, reason, message):
    """Somebody removed it, or the executor has no eyes for it."""
    assert _said(deployment) == ("Pending", reason, message)


def test_hidden_pods():
    """What the Deployment says stands, and how to see more."""
    remedy = "; let the executor of this namespace list pods to see why"
    starting, stuck = _observed(_deployment(), Hidden()), _observed(_deployment(STUCK), Hidden())
    assert (starting.reason, starting.message) == ("RollingOut", "0 of 1 updated pods are available" + remedy)
    assert (stuck.reason, stuck.message) == ("ProgressDeadlineExceeded", "timed out" + remedy)


def test_pods_to_ask():
    """Those of a Deployment that is rolled out are not asked, and without one there are none."""
    assert has_pods_to_ask(Found(_deployment()))
    assert not has_pods_to_ask(Found(_deployment(RUNS, available=1)))
    assert not has_pods_to_ask(Absent())


def test_starts():
    """A pod that is being made has no reason of its own."""
    pod = _pod(waiting={"reason": "ContainerCreating"})
    assert _said(_deployment(), pod) == ("Pending", "RollingOut", "0 of 1 updated pods are available")


@pytest.mark.parametrize(
    ("pod", "reason", "message"),
    [
        pytest.param(
            _pod(waiting=PULLING), "ImagePullBackOff", "container agent of pod one: Back-off pulling image", id="image"
        ),
        pytest.param(
            _pod(init={"reason": "CrashLoopBackOff"}),
            "CrashLoopBackOff",
            "container agent of pod one: it says no more",
            id="an init container",
        ),
        pytest.param(_pod(scheduled="False"), "Unschedulable", "pod one: no node fits", id="no node"),
    ],
)
def test_pod_that_cannot_start(pod, reason, message):
    """The pod's reason stands for the agent's."""
    assert _said(_deployment(), pod) == ("Pending", reason, message)


@pytest.mark.parametrize(
    ("deployment", "pods"),
    [
        pytest.param(
            _deployment(), [_pod(waiting={"reason": "CreateContainerError", "message": QUOTING})], id="waiting"
        ),
        pytest.param(_deployment(), [_pod(scheduled="False", message=QUOTING)], id="not scheduled"),
        pytest.param(_deployment(("Progressing", "False", {**STUCK[2], "message": QUOTING})), [], id="stuck"),
    ],
)
def test_values_that_are_quoted(deployment, pods):
    """Whoever says why nothing starts, and quotes what was written, is repeated without it."""
    assert _said(deployment, *pods)[2].endswith("env[0].value: Invalid value: (not shown): too long")


def test_stuck():
    """After the deadline it has failed, for the pod's reason if there is one."""
    assert _said(_deployment(STUCK)) == ("Failed", "ProgressDeadlineExceeded", "timed out")
    assert _said(_deployment(STUCK), _pod(waiting=PULLING))[:2] == ("Failed", "ImagePullBackOff")


def test_old_pods_still_answer():
    """A newer state that cannot start does not take the agent down, but the reason is told."""
    assert _said(_deployment(RUNS, STUCK), _pod(waiting=PULLING))[:2] == ("Running", "ImagePullBackOff")


@pytest.mark.parametrize(
    ("deployment", "settled"),
    [
        pytest.param(_deployment(RUNS, available=1), True, id="runs"),
        pytest.param(_deployment(RUNS), False, id="rolls out, and runs"),
        pytest.param(_deployment(), False, id="starts"),
        pytest.param(_deployment(STUCK), False, id="failed"),
    ],
)
def test_settled(deployment, settled):
    """Only an agent that runs as it should is left alone for a while."""
    assert agent_is_settled(_observed(deployment)) is settled


def test_always_the_same():
    """Of several pods the first in order of their reasons, whatever order they come in."""
    pods = [_pod(waiting=PULLING, name="b"), _pod(waiting=PULLING, name="a"), _pod(scheduled="False", name="c")]
    assert _said(_deployment(), *pods) == _said(_deployment(), *reversed(pods))


def test_bounds():
    """A message that is too long for the status is cut."""
    _, _, message = _said(_deployment(), _pod(waiting={"reason": "X", "message": "m" * 5000}))
    assert len(message) == 1024
