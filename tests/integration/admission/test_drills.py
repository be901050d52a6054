"""The guard's forgeries, made with the operator's own token: RBAC lets them through, so that it is the policies that answer."""

import pytest
from tests.support.identities import bearer, token_of
from tests.support.world import DIGEST, INSTALL, World, a_plan, a_preview, a_tool, account

pytestmark = pytest.mark.cluster

REFUSED = "a drill: the guard's forgery was refused"


@pytest.fixture
def guarded(installed, cluster):
    """The operator's namespace, with the operator's own token in the place of the admin."""
    token = token_of(installed, INSTALL.account, namespace=INSTALL.namespace)
    with bearer(cluster.admin_kubeconfig, token) as operator:
        yield World(operator, INSTALL.namespace)


@pytest.fixture
def canary(guarded):
    return guarded.admin.acting_as(account(INSTALL.namespace, INSTALL.canary))


def test_a_forged_plan_comes_back_stamped(guarded, canary):
    """The stamp is in force."""
    forged = {
        "countersign.dev/authors": '"somebody else"',
        "countersign.dev/decision": "{}",
        "countersign.dev/approve": DIGEST,
    }

    answer = canary.create(guarded.plans, a_plan(metadata={"annotations": forged}), dryRun="All")

    assert answer.ok, answer.message
    assert answer.annotations == {"countersign.dev/authors": f'"{account(INSTALL.namespace, INSTALL.canary)}"'}


@pytest.mark.parametrize("policy", ["decisions", "delete"])
def test_a_drill_is_refused(guarded, canary, policy):
    """Each of the two policies about plans answers its own drill."""
    drill = {"annotations": {"countersign.dev/drill": policy}}

    answer = canary.create(guarded.plans, a_plan(metadata=drill), dryRun="All")

    assert answer.code == 422
    assert f"'countersign-{policy}' with binding 'countersign-{policy}' denied request: {REFUSED}" in answer.message


def test_a_forged_preview_is_refused(guarded, canary):
    """Previews are the operator's."""
    answer = canary.create(guarded.all_of("planpreviews"), a_preview(), dryRun="All")

    assert answer.code == 403
    assert "'countersign-status' with binding 'countersign-status' denied request" in answer.message


def test_an_executor_without_a_plan_is_refused(guarded):
    """The executor is sealed."""
    executor = guarded.admin.acting_as(account(INSTALL.namespace, "countersign-executor"))

    answer = executor.create(guarded.all_of("tools"), a_tool(), dryRun="All")

    assert answer.code == 403
    assert "'countersign-executor' with binding 'countersign-executor' denied request" in answer.message


def test_the_canary_can_do_nothing_else(guarded, canary):
    """It is there to be refused."""
    answers = [
        canary.get(guarded.plans),
        canary.delete(f"{guarded.plans}/p"),
        canary.create(guarded.all_of("tools"), a_tool(), dryRun="All"),
        canary.get(f"/api/v1/namespaces/{INSTALL.namespace}/secrets"),
    ]

    assert [answer.code for answer in answers] == [403] * 4
