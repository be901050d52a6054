"""Our reading of Pod Security restricted, against the API server's own."""

import pytest
from tests.support.identities import Identity, identity
from tests.support.pods import ACCEPTED, REFUSED

pytestmark = pytest.mark.cluster

_RESTRICTED = {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}


@pytest.fixture(scope="module")
def admin(cluster):
    with identity(cluster.admin_kubeconfig) as opened:
        yield opened


@pytest.fixture
def restricted(admin: Identity, namespace) -> str:
    assert admin.merge(f"/api/v1/namespaces/{namespace}", _RESTRICTED).ok
    return f"/api/v1/namespaces/{namespace}/pods"


def _tried(admin: Identity, pods: str, spec):
    body = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec}
    return admin.create(pods, body, dryRun="All")


def test_what_we_accept(admin: Identity, restricted):
    """The API server accepts it."""
    answers = {name: _tried(admin, restricted, pod) for name, pod in ACCEPTED.items()}
    assert {name: answer.message for name, answer in answers.items() if not answer.ok} == {}


def test_what_we_refuse(admin: Identity, restricted):
    """The API server refuses it, and for Pod Security's sake."""
    answers = {name: _tried(admin, restricted, pod) for name, (pod, _) in REFUSED.items()}
    wrong = {name: answer.message for name, answer in answers.items() if "violates PodSecurity" not in answer.message}
    assert wrong == {}
