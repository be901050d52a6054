"""The sweep finds what the watches missed."""

import asyncio
import contextlib

import pytest
from tests.support.fake_api import FakeApi
from tests.support.waiting import until

from countersign.api.names import PLAN
from countersign.errors import Forbidden, Unavailable
from countersign.model.effect import TOOL
from countersign.shell.cache import Cache
from countersign.shell.ingest import Ingest
from countersign.shell.interest import Interest
from countersign.shell.key import Key
from countersign.shell.queue import BackOff, WorkQueue
from countersign.shell.sweep import Sweep


def sweep_of(api: FakeApi, *, every: float = 3600.0) -> Sweep:
    cache = Cache((PLAN, TOOL))
    queue = WorkQueue(clock=asyncio.get_running_loop().time, back_off=BackOff(rng=lambda: 1.0))
    ingest = Ingest(cache=cache, queue=queue, interest=Interest(), guard_changed=lambda: None, relisted=lambda: None)
    due = asyncio.Event()
    return Sweep(client=api, cache=cache, ingest=ingest, due=due, every=every, rng=lambda: 0.5, settle=0.01)


@contextlib.asynccontextmanager
async def running(sweep: Sweep):
    task = asyncio.create_task(sweep.run())
    yield task
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_a_deletion_that_the_watch_missed():
    """The plan vanishes from the cache and gets the turn that clears up after it."""
    api = FakeApi()
    api.put(PLAN, "p", spec={})
    sweep = sweep_of(api)
    await sweep.once()
    async with sweep.ingest.queue.claim():
        pass
    api.take(PLAN, "p")
    await sweep.once()
    assert sweep.cache[PLAN].get(Key("shop", "p")) is None
    assert sweep.ingest.queue.depth == 1


async def test_a_kind_that_cannot_be_listed():
    """The others are swept all the same, and the trouble is told."""
    api = FakeApi()
    api.put(TOOL, "t")
    api.fail("list", PLAN, Forbidden("no"))
    sweep = sweep_of(api)
    with pytest.raises(Forbidden):
        await sweep.once()
    assert len(sweep.cache[TOOL]) == 1
    assert not sweep.cache.synced


async def test_again_and_again():
    """An API server that does not answer now is asked again the next time."""
    api = FakeApi()
    api.fail("list", PLAN, Unavailable("busy"))
    async with running(sweep_of(api, every=0.02)) as task:
        await until(lambda: api.calls.count(("list", PLAN.plural)) >= 3)
        assert not task.done()


async def test_soon_when_it_is_due():
    """A watch that began anew does not have to wait for the next round; what asked once is done once."""
    api = FakeApi()
    sweep = sweep_of(api)
    async with running(sweep):
        sweep.due.set()
        sweep.due.set()
        await until(lambda: ("list", TOOL.plural) in api.calls)
        await asyncio.sleep(0.05)
    assert api.calls.count(("list", TOOL.plural)) == 1


async def test_a_surprise_ends_it():
    """Then the operator ends and starts anew."""
    api = FakeApi()
    api.fail("list", PLAN, KeyError("surprise"))
    with pytest.raises(KeyError):
        await sweep_of(api, every=0.01).run()
