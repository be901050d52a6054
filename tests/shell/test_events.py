"""Events: written one after the other, counted up when they repeat, dropped when there is no room."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest
from tests.support.clock import Clock
from tests.support.fake_api import FakeApi
from tests.support.snapshots import a_plan
from tests.support.waiting import until

from countersign.core.news import News
from countersign.errors import Forbidden
from countersign.shell.events import EVENT, Announcer

STARTED = News("Normal", "Started", "Execute", "Publication 1 has started")


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2030, 1, 1, tzinfo=UTC))


@pytest.fixture
def dropped() -> list[bool]:
    return []


def announcer(api: FakeApi, clock: Clock, dropped: list[bool], **fields) -> Announcer:
    return Announcer(client=api, instance="replica", dropped=lambda: dropped.append(True), now=clock, **fields)


@asynccontextmanager
async def running(found: Announcer) -> AsyncIterator[None]:
    task = asyncio.create_task(found.run())
    yield
    await until(lambda: not found._woken.is_set())
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def written(api: FakeApi) -> list[dict]:
    return [content for (plural, _, _), content in api._objects.items() if plural == EVENT.plural]


async def test_an_event(api, clock, dropped):
    """All that the API server wants to know, and the plan it is about."""
    found = announcer(api, clock, dropped)
    async with running(found):
        found.announce(a_plan(), (STARTED,))
    (event,) = written(api)
    plan = a_plan()
    assert event["regarding"] == {
        "apiVersion": "countersign.dev/v1alpha1",
        "kind": "Plan",
        "namespace": plan.namespace,
        "name": plan.name,
        "uid": plan.uid,
    }
    assert (event["type"], event["reason"], event["action"]) == ("Normal", "Started", "Execute")
    assert (event["eventTime"], event["reportingInstance"]) == ("2030-01-01T00:00:00.000000Z", "replica")
    assert "series" not in event


async def test_the_same_again(api, clock, dropped):
    """It counts up, and after a while it is news again."""
    found = announcer(api, clock, dropped)
    async with running(found):
        found.announce(a_plan(), (STARTED,))
        await until(lambda: written(api))
        clock.now += timedelta(minutes=1)
        found.announce(a_plan(), (STARTED,))
        await until(lambda: "series" in written(api)[0])
        clock.now += timedelta(minutes=11)
        found.announce(a_plan(), (STARTED,))
    first, second = written(api)
    assert first["series"] == {"count": 2, "lastObservedTime": "2030-01-01T00:01:00.000000Z"}
    assert first["eventTime"] == "2030-01-01T00:00:00.000000Z"
    assert "series" not in second


async def test_no_room(api, clock, dropped):
    """Nobody waits: the newest are dropped and counted. What waits already can still count up."""
    found = announcer(api, clock, dropped, room=3)
    items = tuple(News("Warning", "ActionFailed", "Execute", f"{number}: no") for number in range(5))
    found.announce(a_plan(), items)
    found.announce(a_plan(), items[:1])
    assert len(dropped) == 2
    async with running(found):
        pass
    assert len(written(api)) == 3
    assert written(api)[0]["series"]["count"] == 2


async def test_what_is_remembered_is_bounded(api, clock, dropped):
    """The oldest is forgotten first."""
    found = announcer(api, clock, dropped, room=2)
    async with running(found):
        for number in range(10):
            found.announce(a_plan(), (News("Normal", "Started", "Execute", str(number)),))
            await until(lambda: not found._waiting)
    assert len(found._series) <= 4


async def test_an_event_that_is_refused(api, clock, dropped):
    """It is counted, and the next one is written."""
    found = announcer(api, clock, dropped)
    api.fail("apply", EVENT, Forbidden("no", code=403))
    async with running(found):
        found.announce(a_plan(), (STARTED, News("Normal", "Executed", "Execute", "1 created")))
    assert len(dropped) == 1
    assert [event["reason"] for event in written(api)] == ["Executed"]


async def test_a_long_note(api, clock, dropped):
    """The API server counts bytes, and half a character is none."""
    found = announcer(api, clock, dropped)
    async with running(found):
        found.announce(a_plan(), (News("Normal", "Started", "Execute", "x" + "ä" * 1000),))
    assert len(written(api)[0]["note"].encode()) == 1023
