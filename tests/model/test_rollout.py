"""How far a Deployment has come."""

import pytest

from countersign.model.rollout import Complete, Progressing, Stuck, rollout


def _deployment(*, generation=1, replicas=2, conditions=(), **status):
    counts = {"observedGeneration": 1, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 2}
    return {
        "metadata": {"generation": generation},
        "spec": {"replicas": replicas},
        "status": {**counts, **status, "conditions": list(conditions)},
    }


LATE = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}
REFUSED = {"type": "ReplicaFailure", "status": "True", "message": "exceeded quota"}
QUOTING = 'spec.containers[0].env[0].value: Invalid value: "hunter2": must be short'
TOLD = "spec.containers[0].env[0].value: Invalid value: (not shown): must be short"


@pytest.mark.parametrize(
    ("deployment", "state"),
    [
        pytest.param(_deployment(), Complete(), id="complete"),
        pytest.param({**_deployment(replicas=0), "status": {"observedGeneration": 1}}, Complete(), id="none wanted"),
        pytest.param({}, Progressing("the deployment controller has not seen the newest state yet"), id="just made"),
        pytest.param(
            _deployment(generation=2),
            Progressing("the deployment controller has not seen the newest state yet"),
            id="not seen",
        ),
        pytest.param(_deployment(updatedReplicas=1), Progressing("1 of 2 pods are updated"), id="updating"),
        pytest.param(
            _deployment(updatedReplicas=1, conditions=[REFUSED]),
            Progressing("1 of 2 pods are updated: exceeded quota"),
            id="refused",
        ),
        pytest.param(
            _deployment(updatedReplicas=1, conditions=[{**REFUSED, "message": QUOTING}]),
            Progressing(f"1 of 2 pods are updated: {TOLD}"),
            id="refused for a value",
        ),
        pytest.param(
            _deployment(replicas=1, updatedReplicas=1), Progressing("1 old pods have not ended yet"), id="old"
        ),
        pytest.param(
            _deployment(availableReplicas=1), Progressing("1 of 2 updated pods are available"), id="not available"
        ),
        pytest.param(
            _deployment(conditions=[LATE]),
            Stuck("ProgressDeadlineExceeded", "the rollout came no further within its deadline"),
            id="stuck",
        ),
        pytest.param(
            _deployment(conditions=[{**LATE, "message": "timed out"}]),
            Stuck("ProgressDeadlineExceeded", "timed out"),
            id="stuck and says why",
        ),
        pytest.param(
            _deployment(conditions=[{**LATE, "message": QUOTING}]),
            Stuck("ProgressDeadlineExceeded", TOLD),
            id="stuck for a value",
        ),
    ],
)
def test_rollout(deployment, state):
    """As kubectl rollout status reads it, without values that its conditions quote."""
    assert rollout(deployment) == state
