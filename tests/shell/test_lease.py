"""A Lease: held by one, relied on only until its deadline, given back at the end."""

import asyncio
from collections.abc import Iterator
from itertools import count

import pytest
from tests.support.clock import Clock
from tests.support.fake_api import FakeApi
from tests.support.waiting import until

from countersign.errors import Conflict, Forbidden, Unavailable
from countersign.shell.lease import LEASE_KIND, LeaseKeeper, Terms

HOME = "countersign-system"


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


@pytest.fixture
def clock() -> Clock:
    return Clock(1000.0)


def keeper(api: FakeApi, identity: str, clock: Clock, *, name: str = "countersign-operator") -> LeaseKeeper:
    terms = Terms(duration=15.0, deadline=10.0)
    return LeaseKeeper(
        client=api, namespace=HOME, name=name, identity=identity, terms=terms, rng=lambda: 0.5, clock=clock
    )


async def look(*leases: LeaseKeeper) -> list[bool]:
    """Each tries once; who holds it now."""
    for lease in leases:
        await lease.attempt(lambda: None)
    return [lease.held for lease in leases]


def spec(api: FakeApi) -> dict:
    return api.now(LEASE_KIND, "countersign-operator", namespace=HOME)["spec"]


async def test_the_first_takes_it(api, clock):
    """The others wait, as long as it is renewed."""
    a, b = keeper(api, "a", clock), keeper(api, "b", clock)
    for _ in range(10):
        assert await look(a, b) == [True, False]
        clock.now += 9.0
    assert (spec(api)["holderIdentity"], spec(api)["leaseTransitions"]) == ("a", 1)


async def test_a_holder_that_falls_silent(api, clock):
    """It stops on its own, and only later another one takes over."""
    a, b = keeper(api, "a", clock), keeper(api, "b", clock)
    await look(a, b)
    clock.now += 10.0
    assert [a.held, *await look(b)] == [False, False]
    clock.now += 5.0
    assert [a.held, *await look(b)] == [False, True]
    assert await look(a, b) == [False, True]
    assert spec(api)["leaseTransitions"] == 2


async def test_a_late_renewal(api, clock):
    """A holder that was away too long and finds its claim untouched goes on."""
    a = keeper(api, "a", clock)
    await look(a)
    clock.now += 60.0
    assert not a.held
    assert await look(a) == [True]


async def test_a_renewal_that_takes_long(api, clock):
    """The deadline counts from when it was asked for, not from the answer."""
    a = keeper(api, "a", clock)

    async def slow(verb, _plural):
        clock.now += 9.0 if verb == "apply" else 0.0

    api.before = slow
    assert await look(a) == [True]
    clock.now += 1.0
    assert not a.held


async def test_both_at_once(api, clock):
    """Of two that take a free Lease one is refused."""
    a, b = keeper(api, "a", clock), keeper(api, "b", clock)
    await asyncio.gather(a._look(), b._look())
    api.fail("apply", LEASE_KIND, Conflict("already exists", code=409))
    assert await look(a, b) == [False, True]


async def test_given_back(api, clock):
    """The next one takes it at once, and the old one never again."""
    a, b = keeper(api, "a", clock), keeper(api, "b", clock)
    await look(a, b)
    await a.release()
    assert not a.held
    assert await look(b, a) == [True, False]
    await a.release()
    assert spec(api)["holderIdentity"] == "b"


async def test_what_is_not_ours_is_not_given_back(api, clock):
    """Another one holds it."""
    a, b = keeper(api, "a", clock), keeper(api, "b", clock)
    await look(a, b)
    await b.release()
    assert spec(api)["holderIdentity"] == "a"


@pytest.mark.parametrize("error", [Unavailable("busy"), Forbidden("no"), Conflict("annotated by somebody", code=409)])
async def test_a_renewal_that_fails(api, clock, error):
    """It is tried again, and until the deadline nothing is lost."""
    a = keeper(api, "a", clock)
    await look(a)
    api.fail("apply", LEASE_KIND, error)
    clock.now += 5.0
    assert await look(a) == [True]
    clock.now += 5.0
    assert await look(a) == [True]


async def test_the_lease_is_deleted(api, clock):
    """Whoever notices first makes a new one."""
    a = keeper(api, "a", clock)
    await look(a)
    api.take(LEASE_KIND, "countersign-operator", namespace=HOME)
    api.fail("apply", LEASE_KIND, Conflict("uid", code=409))
    assert await look(a, a) == [True, True]


async def test_gained_is_told(api, clock):
    """Once for each time it became ours."""
    told: Iterator[int] = count()
    a = keeper(api, "a", clock)
    a.terms = Terms(duration=15.0, deadline=0.05)
    task = asyncio.create_task(a.run(lambda: next(told)))
    await until(lambda: a.held)
    clock.now += 1.0
    await until(lambda: a.held)
    await asyncio.sleep(0.05)
    task.cancel()
    assert next(told) == 2
