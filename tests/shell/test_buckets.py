"""Which plans are this replica's, and what it does about the others: nothing."""

import asyncio

import pytest
from tests.support.fake_api import FakeApi
from tests.support.turning import Turning
from tests.support.waiting import until

from countersign.errors import Fenced
from countersign.settings import Settings
from countersign.shell.buckets import Buckets, elected
from countersign.shell.turns import Turns


class FakeLease:
    """Held as long as `looks` are left; every look at it is one."""

    def __init__(self, *, looks: int) -> None:
        self.looks = looks

    @property
    def held(self) -> bool:
        self.looks -= 1
        return self.looks >= 0

    async def release(self) -> None:
        self.looks = 0


def turning_with(*leases: FakeLease) -> Turning:
    turning = Turning()
    ended = turning.ended
    turning.turns = Turns(
        means=turning.turns.means, observe=lambda result, _: ended.append(result), buckets=Buckets(leases)
    )
    return turning


def test_without_election_everything_is_ours():
    """One replica needs no Lease."""
    buckets = elected(FakeApi(), Settings())
    with buckets.writing_for("uid-1"):
        buckets.fence()
    assert (buckets.holds("uid-1"), buckets.leads()) == (True, True)


async def test_each_plan_belongs_to_one_bucket():
    """What is written for it is fenced by the Lease of that bucket, all else by the first."""
    buckets = Buckets((FakeLease(looks=1000), FakeLease(looks=0)))
    uids = [f"uid-{number}" for number in range(20)]
    ours, theirs = [uid for uid in uids if buckets.holds(uid)], [uid for uid in uids if not buckets.holds(uid)]
    assert ours
    assert theirs
    with buckets.writing_for(theirs[0]), pytest.raises(Fenced):
        buckets.fence()
    with buckets.writing_for(ours[0]):
        buckets.fence()
    buckets.fence()
    await buckets.release()
    with pytest.raises(Fenced):
        buckets.fence()


def test_the_identity_is_another_one_in_each_process():
    """Two replicas on one host are two."""
    first, second = (elected(FakeApi(), Settings(leader_election=True)).leases[0].identity for _ in range(2))
    assert first != second


async def test_a_plan_of_another_replica():
    """It is not even judged, and its key is not kept either."""
    turning = turning_with(FakeLease(looks=0))
    turning.submit()
    before = len(turning.api.calls)
    worker = asyncio.create_task(turning.turns.work())
    await until(lambda: not turning.queue.depth and not turning.queue.running)
    worker.cancel()
    assert (turning.api.calls[before:], turning.ended) == ([], [])


@pytest.mark.parametrize("looks", [0, 1])
async def test_a_lease_that_is_lost_in_the_middle(looks):
    """The turn ends before its next step, whichever that is; somebody else does the rest."""
    turning = turning_with(FakeLease(looks=looks))
    turning.submit()
    assert await turning.turn() == "unavailable"
    assert turning.status.digest is None
