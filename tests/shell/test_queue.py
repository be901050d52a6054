"""Workers, time and back-off around the backlog."""

import asyncio
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.shell.backlog import Priority
from countersign.shell.key import Key
from countersign.shell.queue import BackOff, WorkQueue

A, B = Key("shop", "a"), Key("shop", "b")


def queue_with(*keys, base=0.001, cap=0.01, rng=lambda: 1.0, **hooks):
    loop = asyncio.get_running_loop()
    queue = WorkQueue(clock=loop.time, back_off=BackOff(rng=rng, base=base, cap=cap), **hooks)
    for key in keys:
        queue.add(key)
    return queue


async def claim_one(queue):
    async with queue.claim() as key:
        return key


async def soon(task):
    """What the task gives within a second."""
    async with asyncio.timeout(1):
        return await task


async def test_a_claim_gives_what_waits():
    """In the backlog's order."""
    queue = queue_with(A)
    queue.add(B, priority=Priority.URGENT)

    assert [await claim_one(queue), await claim_one(queue)] == [B, A]
    assert queue.adds == 2


async def test_a_claim_waits_for_a_key():
    """A worker without work costs nothing."""
    queue = queue_with()
    worker = asyncio.create_task(claim_one(queue))
    await asyncio.sleep(0)
    queue.add(A)

    assert await soon(worker) == A


async def test_a_claim_waits_for_a_delay_to_end():
    """Nobody has to add anything else."""
    queue = queue_with()
    queue.add_after(A, seconds=0.02)
    queue.add_after(A, seconds=60)
    before = asyncio.get_running_loop().time()

    assert await soon(claim_one(queue)) == A
    assert asyncio.get_running_loop().time() - before >= 0.019


async def test_delays_that_end_together_wake_a_worker_each():
    """Not one after the other."""
    queue = queue_with()
    workers = [asyncio.create_task(claim_one(queue)) for _ in range(3)]
    await asyncio.sleep(0)
    for name in "abc":
        queue.add_after(Key("shop", name), seconds=0.01)

    assert sorted([(await soon(worker)).name for worker in workers]) == ["a", "b", "c"]


async def test_a_key_is_held_for_the_length_of_the_block():
    """One worker per key."""
    queue = queue_with(A)
    async with queue.claim():
        queue.add(A)
        other = asyncio.create_task(claim_one(queue))
        await asyncio.sleep(0.01)
        assert (other.done(), queue.running, queue.depth) == (False, 1, 1)

    assert await soon(other) == A


async def test_a_cancelled_worker_passes_its_call_on():
    """A key is not left lying because the worker that was woken for it is gone."""
    queue = queue_with()
    first, second = (asyncio.create_task(claim_one(queue)) for _ in range(2))
    await asyncio.sleep(0)
    queue.add(A)
    first.cancel()

    assert await soon(second) == A


async def test_a_cancelled_waiter_is_forgotten():
    """The next key goes to somebody who is there."""
    queue = queue_with()
    first, second = (asyncio.create_task(claim_one(queue)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    queue.add(A)

    assert await soon(second) == A


async def test_a_block_that_fails_brings_its_key_again():
    """Whatever went wrong, nothing is forgotten."""
    queue = queue_with(A)
    with pytest.raises(LookupError):
        async with queue.claim():
            raise LookupError

    assert (queue.delayed, queue.retries, queue.running) == (1, 1, 0)
    assert await soon(claim_one(queue)) == A


async def test_a_retry_waits_longer_each_time_until_forgotten():
    """Each key has its own count."""
    queue = queue_with(base=1, cap=5)

    assert [queue.retry(A) for _ in range(5)] == [1, 2, 4, 5, 5]
    assert queue.retry(B) == 1
    queue.forget(A)
    queue.forget(A)
    assert queue.retry(A) == 1


async def test_a_question_is_asked_again_within_a_minute():
    """Not at once, then ever more seldom, and never so seldom that an answer is found late; an answer ends the count."""
    queue = queue_with(cap=300)

    assert [queue.ask_again(A, at_least=6) for _ in range(5)] == [10, 20, 40, 60, 60]
    queue.forget(A)
    assert queue.ask_again(A, at_least=12) == 12


async def test_a_retry_waits_as_long_as_the_server_asked():
    """Retry-After may be longer than the back-off, also than its cap."""
    assert queue_with(cap=5).retry(A, at_least=60) == 60


@given(failures=st.integers(1, 10_000), chance=st.floats(0, 1, exclude_max=True))
def test_a_back_off_stays_between_half_its_base_and_its_cap(failures, chance):
    """Also after years of failing."""
    assert 0.05 <= BackOff(rng=lambda: chance).seconds(failures) <= 300


async def test_drain_waits_for_what_runs():
    """And gives out nothing more."""
    queue = queue_with(A, B)
    done = []

    async def work():
        async with queue.claim() as key:
            await asyncio.sleep(0.02)
            done.append(key)

    worker = asyncio.create_task(work())
    await asyncio.sleep(0)

    assert await queue.drain(seconds=1) is True
    assert (done, await claim_one(queue), queue.depth) == ([A], None, 1)
    await worker


async def test_drain_tells_when_something_did_not_end_in_time():
    """The caller decides what to do about it."""
    queue = queue_with(A)
    async with queue.claim():
        assert await queue.drain(seconds=0.01) is False


async def test_an_idle_queue_is_drained_at_once():
    """Waiting workers are sent home."""
    queue = queue_with()
    queue.add_after(A, seconds=60)
    workers = [asyncio.create_task(claim_one(queue)) for _ in range(3)]
    await asyncio.sleep(0)

    assert await queue.drain(seconds=1) is True
    assert [await soon(worker) for worker in workers] == [None, None, None]


async def test_a_stopped_queue_still_remembers():
    """Delays end and keys are added, but nobody is woken."""
    queue = queue_with()
    queue.stop()
    queue.add(A)
    queue.add_after(B, seconds=0)

    assert (await claim_one(queue), queue.depth, queue.delayed) == (None, 1, 1)


async def test_numbers_tell_how_long_keys_wait_and_work():
    """The health check reads them."""
    waited = []
    queue = queue_with(A, waited=waited.append)
    await asyncio.sleep(0.01)
    assert queue.oldest_seconds >= 0.009

    async with queue.claim():
        await asyncio.sleep(0.01)
        assert queue.longest_seconds >= 0.009

    assert waited[0] >= 0.009
    assert (queue.oldest_seconds, queue.longest_seconds) == (0, 0)


class Crew:
    """Workers that fail now and then, and remember which state of each key they saw last."""

    def __init__(self, chance):
        self.chance = chance
        self.queue = queue_with(rng=chance.random)
        self.wanted = Counter()
        self.seen = Counter()
        self.holding = set()
        self.settled = asyncio.Event()

    def want(self, key):
        self.wanted[key] += 1
        if self.chance.random() < 0.5:
            self.queue.add(key, priority=self.chance.choice(list(Priority)))
        else:
            self.queue.add_after(key, seconds=self.chance.random() / 200)

    async def work(self):
        while True:
            async with self.queue.claim() as key:
                if key is None:
                    return
                await self.turn(key)

    async def turn(self, key):
        assert key not in self.holding
        self.holding.add(key)
        state = self.wanted[key]
        await asyncio.sleep(self.chance.random() / 500)
        self.holding.remove(key)
        if self.chance.random() < 0.2:
            self.queue.retry(key)
            return
        self.seen[key] = state
        self.queue.forget(key)
        if self.seen == self.wanted:
            self.settled.set()


async def test_many_workers_never_meet_on_a_key_and_lose_nothing():
    """Random adds, delays and failures: in the end every key was worked on after its last add."""
    chance = random.Random(7)
    crew = Crew(chance)
    workers = [asyncio.create_task(crew.work()) for _ in range(8)]
    for n in range(600):
        crew.want(Key(f"ns-{chance.randrange(5)}", f"plan-{chance.randrange(8)}"))
        if n % 10 == 0:
            await asyncio.sleep(0.001)

    crew.settled.clear()
    async with asyncio.timeout(10):
        await crew.settled.wait()
        assert await crew.queue.drain(seconds=1) is True
        await asyncio.gather(*workers)


async def test_stuck():
    """Something has waited for a minute and nobody works on anything; one that is stopped may leave things behind."""
    queue, now = queue_with(), [0.0]
    queue.clock = lambda: now[0]
    queue.add(A)
    now[0] = 60.0
    assert not queue.is_stuck
    now[0] = 61.0
    assert queue.is_stuck
    async with queue.claim():
        now[0] = 200.0
        queue.add(B)
        now[0] = 300.0
        assert (queue.is_stuck, queue.unfinished_seconds) == (False, 239.0)
    assert queue.is_stuck
    queue.stop()
    assert not queue.is_stuck
