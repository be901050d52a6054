"""Who stands in the way of a valid plan, in the order in which it matters."""

import pytest
from tests.support.lives import Life
from tests.support.policies import a_policy_spec
from tests.support.pretend import World
from tests.support.snapshots import APPROVER, DOWN, SECOND, a_spec

from countersign.api.names import UNKNOWN_AUTHOR

ORDER = ("GuardMissing", "unknown author", "TooManyDecisions", "Rejected", "RevisionRequested", "Expired", "Suspended")


def _held_up(*reasons):
    """An approved plan that is held up by all of these at once."""
    life = (
        Life(a_spec(suspend=True), by=UNKNOWN_AUTHOR if "unknown author" in reasons else "pat").turn().decide().turn()
    )
    if "Rejected" in reasons:
        life.decide("reject", by="rex").turn()
    if "RevisionRequested" in reasons:
        life.decide("revise", by="vera").turn()
    if "TooManyDecisions" in reasons:
        while len(life.status.approval.decisions) < 100:
            life.decide("revoke", by=SECOND).turn()
        life.decide("reject", by="last")
    if "Expired" in reasons:
        life.later(days=2)
    if "Suspended" not in reasons:
        life.edit(suspend=False)
    if "GuardMissing" in reasons:
        life.guard = DOWN
    return life.turn()


@pytest.mark.parametrize("index", range(len(ORDER)), ids=ORDER)
def test_order(index):
    """Of all that holds a plan up, it names what has to be mended first."""
    first = ORDER[index].replace("unknown author", "GuardMissing")
    life = _held_up(*ORDER[index:])
    assert (life.status.reason, life.world.writes) == (first, [])


def test_nobody_stands_in_the_way():
    """Approved by enough people, in time, without a hold: it starts."""
    assert _held_up().status.reason == "Succeeded"


def test_start_consumes_the_approval():
    """The start is one write: the run, the used approval and the phase together."""
    life = Life().turn().decide()
    life.turn()
    start = next(status for status in life.written if status.phase == "Executing")
    assert (start.execution.digest, start.execution.publication) == (start.digest, 1)
    assert start.approval.consumed_at == start.execution.started_at == "2030-01-01T12:00:00Z"
    assert start.approval.counted == [APPROVER]
    assert (start.reason, start.progress) == ("Running", "0/1")


def test_start_knows_what_is_done():
    """What an earlier plan carried out counts as through from the start on."""
    world = Life().approved().world
    life = Life(world=world).turn().decide().turn()
    start = next(status for status in life.written if status.phase == "Executing")
    assert (start.progress, start.actions[0].reason) == ("1/1", "AlreadyApplied")


def test_time_to_look_again():
    """A plan that waits is looked at again before its time is over, and from time to time until then."""
    life = Life().turn()
    assert (life.until - life.now).total_seconds() == 750
    life.later(hours=23, minutes=59).turn()
    assert life.until.isoformat() == "2030-01-02T12:00:00+00:00"


def test_approvals_add_up():
    """Where two are asked for, one is not enough, and the message says how many are missing."""
    life = Life(world=World(policies={"two": a_policy_spec(quorum={"medium": 2})})).turn()
    assert "2 approvals are missing" in life.status.message
    life.decide().turn().decide().turn()
    assert (life.status.approval.progress, life.status.reason) == ("1/2", "AwaitingApproval")
    assert "1 approval is missing" in life.status.message
    assert life.decide(by=SECOND).turns().status.reason == "Succeeded"
