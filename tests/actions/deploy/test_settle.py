"""Waiting for an agent to be rolled out."""

import pytest
from tests.support.deploys import ACTION, a_world, an_object, deploy

from countersign.actions.base import Broken, Pending
from countersign.model.effect import DEPLOYMENT

COUNTS = {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1}
LATE = {"type": "Progressing", "reason": "ProgressDeadlineExceeded", "message": "timed out"}


def _settled(**status):
    deployment = an_object(DEPLOYMENT, "agent-support", spec={"replicas": 1}, status={**COUNTS, **status})
    return ACTION.settle(deploy(wait=True), a_world(deployment))


def test_awaited():
    """Its Deployment, if it is to be waited for."""
    world = a_world()
    assert ACTION.awaited(deploy(wait=True), world) == (world.at(DEPLOYMENT, "agent-support"),)
    assert ACTION.awaited(deploy(), world) == ()


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        ({}, None),
        ({"availableReplicas": 0}, Pending("Deployment agent-support: 0 of 1 updated pods are available")),
        ({"conditions": [LATE]}, Broken("Deployment agent-support is stuck (ProgressDeadlineExceeded): timed out")),
    ],
)
def test_settle(status, answer):
    """Ready, on the way, or not to be expected any more."""
    assert _settled(**status) == answer


def test_gone():
    """Nobody waits for what was removed."""
    answer = ACTION.settle(deploy(wait=True), a_world())
    assert answer == Broken("Deployment agent-support is gone: somebody removed it while it was rolled out")
