"""The status of a PolicyBinding."""

import pytest

from countersign.core.observing_binding import binding_status

BINDING = {
    "metadata": {"generation": 3, "namespace": "team-a"},
    "spec": {"policyRef": {"name": "reads"}, "subjects": [{"kind": "ServiceAccount", "name": "agent-support"}]},
}


def _binding(*subjects):
    return {**BINDING, "spec": {**BINDING["spec"], "subjects": list(subjects)}}


def test_ready():
    """Policy and account exist."""
    status = binding_status(BINDING, policy_exists=True, accounts=frozenset({"agent-support"}))
    assert status.wire() == {"observedGeneration": 3, "ready": True}


@pytest.mark.parametrize(
    ("binding", "policy_exists", "message"),
    [
        pytest.param(BINDING, False, "there is no Policy reads: create it", id="no policy"),
        pytest.param(BINDING, True, "there is no service account agent-support: create it", id="no account"),
        pytest.param(_binding(), True, "nobody is bound: the binding has no subjects", id="no subjects"),
        pytest.param(
            _binding({"name": "a", "namespace": "team-b"}),
            True,
            "service account a is in another namespace: bindings bind in their own",
            id="another namespace",
        ),
    ],
)
def test_not_ready(binding, policy_exists, message):
    """The first thing that is missing, with what to do."""
    status = binding_status(binding, policy_exists=policy_exists, accounts=frozenset())
    assert (status.ready, status.message) == (False, message)
