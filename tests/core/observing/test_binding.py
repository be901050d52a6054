"""The status of a PolicyBinding."""

import pytest

from countersign.core.observing.binding import binding_is_settled, bound_accounts, observe_binding, policy_of

BINDING = {
    "metadata": {"generation": 3, "namespace": "team-a"},
    "spec": {"policyRef": {"name": "reads"}, "subjects": [{"kind": "ServiceAccount", "name": "agent-support"}]},
}


def _binding(*subjects):
    return {**BINDING, "spec": {**BINDING["spec"], "subjects": list(subjects)}}


def test_ready():
    """Policy and account exist."""
    status = observe_binding(BINDING, policy_exists=True, accounts=frozenset({"agent-support"}))
    assert status.wire() == {"observedGeneration": 3, "ready": True}
    assert binding_is_settled(status)


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
    status = observe_binding(binding, policy_exists=policy_exists, accounts=frozenset())
    assert (status.ready, status.message) == (False, message)
    assert not binding_is_settled(status)


def test_bound_accounts():
    """Each once, of the namespace of the binding only."""
    binding = _binding(
        {"name": "b"}, {"name": "a", "namespace": "team-a"}, {"name": "b"}, {"name": "c", "namespace": "x"}
    )
    assert bound_accounts(binding) == ("a", "b")
    assert policy_of(binding) == "reads"
