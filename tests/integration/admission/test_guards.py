"""What only the operator writes, what an executor may do, and when a plan may be deleted: attacks on the real API server."""

from contextlib import contextmanager

import pytest
from tests.support.identities import bearer, identity, token_of
from tests.support.world import INSTALL, OTHER_DIGEST, a_preview, a_tool, account

pytestmark = pytest.mark.cluster

EXECUTOR = "countersign-executor"
GARBAGE_COLLECTOR = account("kube-system", "generic-garbage-collector")
NAMESPACE_CONTROLLER = account("kube-system", "namespace-controller")
SEALED = "acts only through the operator: submit a Plan instead of using the account directly"


def test_the_operator_writes_status(world):
    """With its own rights and nothing else."""
    world.submit()

    assert world.publish().ok


@pytest.mark.parametrize("who", ["proposer", "approver"])
def test_tenants_have_no_right_to_write_status(world, who):
    """The roles do not give it."""
    world.submit()

    answer = getattr(world, who).merge(f"{world.plan()}/status", {"status": {"phase": "Approved"}})

    assert answer.code == 403
    assert 'cannot patch resource "plans/status"' in answer.message


@pytest.mark.parametrize(
    "user", ["root", account("other", "countersign-operator"), f"x:{INSTALL.operator}", f"{INSTALL.operator}2"]
)
def test_nobody_else_writes_status(world, user):
    """Not even who may do everything, and not somebody with a similar name."""
    world.submit()
    mighty = world.admin.acting_as(user, "system:masters")

    answer = mighty.merge(f"{world.plan()}/status", {"status": {"phase": "Approved"}})

    assert answer.code == 403
    assert "only the operator writes status: change the spec, or decide about a plan by annotation" in answer.message


def test_nobody_else_writes_the_status_of_tools(world):
    """The rule is for the whole group."""
    world.admin.create(world.all_of("tools"), a_tool())

    answer = world.admin.merge(f"{world.all_of('tools')}/t/status", {"status": {"phase": "Available"}})

    assert "only the operator writes status" in answer.message


def test_nobody_else_writes_previews(world):
    """Create, change and delete are all refused to the admin."""
    previews = world.all_of("planpreviews")
    assert world.operator.create(previews, a_preview()).ok

    answers = [
        world.admin.create(previews, a_preview("w")),
        world.admin.merge(f"{previews}/v", {"metadata": {"labels": {"a": "b"}}}),
        world.admin.delete(f"{previews}/v"),
        world.admin.delete(previews),
    ]

    assert [answer.code for answer in answers] == [403] * 4
    assert all("only the operator writes previews: change the plan" in answer.message for answer in answers)
    assert world.operator.delete(f"{previews}/v").ok


def test_a_preview_is_never_changed(world):
    """Not by the operator either."""
    world.operator.create(world.all_of("planpreviews"), a_preview())
    mighty_operator = world.admin.acting_as(INSTALL.operator, "system:masters")

    answer = mighty_operator.merge(f"{world.all_of('planpreviews')}/v", {"spec": {"digest": OTHER_DIGEST}})

    assert answer.code == 422
    assert "a preview is never changed: another digest has another preview" in answer.message


def test_kubernetes_cleans_previews_up(world):
    """The garbage collector takes owners off and deletes; a namespace takes its previews along."""
    previews = world.all_of("planpreviews")
    for name in ("v", "w"):
        world.operator.create(previews, a_preview(name))
    collector = world.admin.acting_as(GARBAGE_COLLECTOR, "system:masters")

    assert collector.merge(f"{previews}/v", {"metadata": {"ownerReferences": None}}).ok
    assert collector.delete(f"{previews}/v").ok
    assert world.admin.acting_as(NAMESPACE_CONTROLLER, "system:masters").delete(previews).ok
    assert world.admin.get(previews).body["items"] == []
    assert collector.create(previews, a_preview()).code == 403


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


DELETING = "plan p cannot be deleted while it is executing: set spec.cancel to true and wait until it has stopped"


def test_an_executing_plan_cannot_be_deleted(world):
    """Neither alone nor with all others; the message says what to do instead."""
    world.executing()

    alone, together = world.proposer.delete(world.plan()), world.admin.delete(world.plans)

    assert (alone.code, together.code) == (403, 403)
    assert DELETING in alone.message
    assert DELETING in together.message


def test_a_plan_that_does_not_run_can_be_deleted(world):
    """Before, after and without any status."""
    for name, phase in (("a", "Draft"), ("b", "Failed"), ("c", None)):
        world.submit(name)
        if phase:
            world.report(name, phase=phase)
        assert world.proposer.delete(world.plan(name)).ok


@pytest.mark.parametrize("user", [GARBAGE_COLLECTOR, NAMESPACE_CONTROLLER])
def test_kubernetes_deletes_executing_plans(world, user):
    """Cleaning up after a namespace or an owner is not held up."""
    world.executing()

    assert world.admin.acting_as(user, "system:masters").delete(world.plan()).ok


def test_a_namespace_on_its_way_out_takes_its_plans_along(world, until):
    """Then anybody may delete them."""
    world.executing()
    world.admin.delete(f"/api/v1/namespaces/{world.namespace}")

    # With a controller manager the plan is gone by itself sooner or later.
    until(lambda: world.admin.delete(world.plan()).code in (200, 404))
