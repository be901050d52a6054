"""The sealed executor on the real API server: whoever gets hold of the account can write nothing with it."""

from contextlib import contextmanager

import pytest
from tests.support.identities import bearer, identity, token_of
from tests.support.world import INSTALL, a_tool, account

pytestmark = pytest.mark.cluster

EXECUTOR = "countersign-executor"
SEALED = "acts only through the operator: submit a Plan instead of using the account directly"


@pytest.fixture
def sealed(world, until):
    """A namespace whose executor may write tools, and a tenant with the built-in rights of `edit`."""
    rbac = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{world.namespace}/rolebindings"
    world.admin.create(f"/api/v1/namespaces/{world.namespace}/serviceaccounts", {"metadata": {"name": EXECUTOR}})
    executor = {"kind": "ServiceAccount", "name": EXECUTOR, "namespace": world.namespace}
    tenant = {"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "tina"}
    for role, subject in ((EXECUTOR, executor), ("system:aggregate-to-edit", tenant), ("countersign-proposer", tenant)):
        reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role}
        body = {"metadata": {"name": role.replace(":", "-")}, "roleRef": reference, "subjects": [subject]}
        assert world.admin.create(rbac, body).ok
    until(lambda: world.admin.acting_as("tina").get(world.plans).ok)
    until(lambda: "cannot create" not in acting(world).create(world.all_of("tools"), a_tool(), dryRun="All").message)
    return world


def acting(world):
    return world.admin.acting_as(account(world.namespace, EXECUTOR))


@contextmanager
def tenant(cluster):
    with identity(cluster.kubeconfig("tina", [])) as opened:
        yield opened


def test_an_impersonated_executor_writes_nothing(sealed, cluster):
    """The built-in role edit may impersonate service accounts; it gains nothing."""
    with tenant(cluster) as tina:
        answer = tina.acting_as(account(sealed.namespace, EXECUTOR)).create(sealed.all_of("tools"), a_tool())

    assert answer.code == 403
    assert f"{account(sealed.namespace, EXECUTOR)} {SEALED}" in answer.message


def test_the_extra_cannot_be_forged(sealed, cluster):
    """Naming a plan takes a right of its own, which only the operator has."""
    with tenant(cluster) as tina:
        forged = tina.acting_as(account(sealed.namespace, EXECUTOR), **{"countersign.dev/plan": "uid/one"})
        answer = forged.create(sealed.all_of("tools"), a_tool())

    assert answer.code == 403
    assert 'cannot impersonate resource "userextras/countersign.dev/plan"' in answer.message


def test_a_token_of_the_executor_writes_nothing(sealed, cluster):
    """The built-in role edit may also request tokens."""
    with tenant(cluster) as tina:
        token = token_of(tina, EXECUTOR, namespace=sealed.namespace)
    with bearer(cluster.admin_kubeconfig, token) as executor:
        answer = executor.create(sealed.all_of("tools"), a_tool())

    assert answer.code == 403
    assert SEALED in answer.message


def test_a_pod_under_the_executor_writes_nothing(sealed, cluster):
    """A token bound to a pod carries extras of its own, but not ours."""
    pods = f"/api/v1/namespaces/{sealed.namespace}/pods"
    container = {"name": "c", "image": "example.com/c"}
    with tenant(cluster) as tina:
        pod = tina.create(
            pods, {"metadata": {"name": "x"}, "spec": {"serviceAccountName": EXECUTOR, "containers": [container]}}
        )
        assert pod.ok, pod.message
        bound = {"kind": "Pod", "apiVersion": "v1", "name": "x", "uid": pod.body["metadata"]["uid"]}
        token = token_of(tina, EXECUTOR, namespace=sealed.namespace, boundObjectRef=bound)
    with bearer(cluster.admin_kubeconfig, token) as executor:
        answer = executor.create(sealed.all_of("tools"), a_tool())

    assert answer.code == 403
    assert SEALED in answer.message


def test_an_executor_of_any_namespace_is_sealed(world):
    """Whatever rights somebody binds to such an account."""
    stranger = world.admin.acting_as(account("elsewhere", EXECUTOR), "system:masters")

    answer = stranger.create(f"/api/v1/namespaces/{world.namespace}/configmaps", {"metadata": {"name": "c"}})

    assert SEALED in answer.message


def test_other_accounts_are_not_meant(world):
    """Only the exact name of a service account counts."""
    for user in (account(world.namespace, "my-countersign-executor"), f"oidc:{EXECUTOR}"):
        other = world.admin.acting_as(user, "system:masters")
        answer = other.create(f"/api/v1/namespaces/{world.namespace}/configmaps", {"metadata": {"generateName": "c-"}})
        assert answer.ok, answer.message


def test_the_operator_acts_as_the_executor(sealed, cluster):
    """With its own token, naming plan and action; as no other account, and not without the extra."""
    token = token_of(sealed.admin, INSTALL.account, namespace=INSTALL.namespace)
    tools = sealed.all_of("tools")
    with bearer(cluster.admin_kubeconfig, token) as operator:
        executor = account(sealed.namespace, EXECUTOR)
        through = operator.acting_as(executor, **{"countersign.dev/plan": "uid/one"}).apply(f"{tools}/t", a_tool())
        without = operator.acting_as(executor).apply(f"{tools}/t", a_tool())
        other = operator.acting_as(account(sealed.namespace, "default")).apply(f"{tools}/t", a_tool())
        canary_elsewhere = operator.acting_as(account(sealed.namespace, INSTALL.canary)).apply(f"{tools}/t", a_tool())
        directly = operator.apply(f"{tools}/t", a_tool())

    assert through.ok, through.message
    assert SEALED in without.message
    assert "cannot impersonate" in other.message
    assert "cannot impersonate" in canary_elsewhere.message
    assert 'cannot patch resource "tools"' in directly.message
