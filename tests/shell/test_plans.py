"""From the API server's Plan to the core's."""

from datetime import UTC, datetime

import pytest

from countersign.api.plan_spec import MAX_SPEC_BYTES
from countersign.shell.plans import bounded, plan_object

METADATA = {
    "namespace": "shop",
    "name": "p",
    "uid": "u",
    "resourceVersion": "7",
    "generation": 3,
    "creationTimestamp": "2026-01-02T03:04:05Z",
}


def test_everything_is_taken_over():
    """What is not there has its default."""
    plan = plan_object(bounded({"metadata": METADATA, "spec": {"suspend": True}}))
    assert (plan.namespace, plan.name, plan.uid, plan.resource_version, plan.generation) == ("shop", "p", "u", "7", 3)
    assert plan.created_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert (plan.spec, plan.annotations, plan.deleting) == ({"suspend": True}, {}, False)
    assert plan.status.phase == "Draft"


def test_a_plan_that_is_being_deleted():
    """It may still be there for a while."""
    assert plan_object(bounded({"metadata": METADATA | {"deletionTimestamp": "2026-01-02T03:04:05Z"}})).deleting


@pytest.mark.parametrize("letter", ["x", "é", "語", "😀"])
def test_the_size_is_that_of_the_text(letter):
    """Not of its escapes, which are up to six times as long."""
    content = {"metadata": METADATA, "spec": {"d": letter * 100}}
    assert bounded(content)["specBytes"] == len('{"d":""}') + 100 * len(letter.encode())


def test_the_largest_spec_is_kept_and_one_byte_more_is_not():
    """The limit itself is allowed."""
    room = MAX_SPEC_BYTES - len('{"d":""}')
    assert bounded({"spec": {"d": "x" * room}})["spec"]
    assert bounded({"spec": {"d": "x" * (room + 1)}}) == {"spec": {}, "specBytes": MAX_SPEC_BYTES + 1}
