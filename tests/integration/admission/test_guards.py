"""What only the operator writes, and when a plan may be deleted: attacks on the real API server."""

import pytest
from tests.support.world import DIGEST, INSTALL, OTHER_DIGEST, a_preview, a_tool, account

pytestmark = pytest.mark.cluster

GARBAGE_COLLECTOR = account("kube-system", "generic-garbage-collector")
NAMESPACE_CONTROLLER = account("kube-system", "namespace-controller")


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


def test_the_namespace_controller_deletes_executing_plans(world):
    """Cleaning up a namespace is not held up."""
    world.executing()

    assert world.admin.acting_as(NAMESPACE_CONTROLLER, "system:masters").delete(world.plan()).ok


def test_an_owner_that_does_not_exist_deletes_no_executing_plan(world, until):
    """Else whoever may patch a plan could have the garbage collector delete it; it gets its turn when the plan has stopped."""
    world.executing()
    owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "gone", "uid": "00000000-0000-0000-0000-000000000000"}
    assert world.approver.merge(world.plan(), {"metadata": {"ownerReferences": [owner]}}).ok

    collected = world.admin.acting_as(GARBAGE_COLLECTOR, "system:masters").delete(world.plan())

    assert DELETING in collected.message
    assert world.report(phase="Failed").ok
    until(lambda: world.admin.get(world.plan()).code == 404)


def test_status_brings_nothing_else_along(world):
    """Whoever has stolen the operator cannot write a decision by way of status."""
    world.waiting()
    planted = {"annotations": {"countersign.dev/decision": "{}", "countersign.dev/approve": DIGEST}}

    answer = world.operator.merge(f"{world.plan()}/status", {"metadata": planted, "spec": {"suspend": True}})

    assert answer.ok
    assert world.annotations() == {"countersign.dev/authors": '"pat"'}
    assert world.read()["spec"]["suspend"] is False


def test_a_namespace_on_its_way_out_takes_its_plans_along(world, until):
    """Then anybody may delete them."""
    world.executing()
    world.admin.delete(f"/api/v1/namespaces/{world.namespace}")

    # With a controller manager the plan is gone by itself sooner or later.
    until(lambda: world.admin.delete(world.plan()).code in (200, 404))
