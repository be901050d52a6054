"""kopf ends on some watch errors: whatever happens, the watches come back, and nothing is ever written by them."""

import asyncio
import itertools
import threading
from contextlib import asynccontextmanager, suppress

import pytest
from tests.support.api_stub import connection_to
from tests.support.waiting import until
from tests.support.watch_stub import DEEP, WatchStub, watch_stub

from countersign.api.names import PLAN
from countersign.handlers.watches import Watches
from countersign.shell.packed import pack

_QUICK = itertools.repeat(0.02)
ERROR = {"kind": "Status", "apiVersion": "v1", "status": "Failure"}


@pytest.fixture
async def stub():
    async with watch_stub() as running:
        yield running
        assert running.changing == 0


class Seen:
    """What the watches told."""

    def __init__(self) -> None:
        self.events: list[tuple[str, str]] = []
        self.restarts: list[str] = []

    def event(self, kind, event_type, content):
        assert kind == PLAN
        self.events.append((event_type, content.key.name))

    @property
    def names(self):
        return {name for _, name in self.events}


@asynccontextmanager
async def watching(stub: WatchStub, *, pauses=_QUICK, until_open=True):
    """Watches that are listening when the block begins, and have ended when it is left."""
    seen = Seen()
    watches = Watches(
        connection=connection_to(stub.url),
        kinds=(PLAN,),
        pack=lambda _, content: pack(content),
        sink=seen.event,
        restarted=seen.restarts.append,
        pauses=pauses,
    )
    task = asyncio.create_task(watches.run())
    try:
        if until_open:
            await until(lambda: stub.streams)
        yield seen
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def comes_back(stub: WatchStub, seen: Seen, *, after: int) -> None:
    """A new stream is opened, and what happens then is told."""
    await until(lambda: stub.streams_opened > after and stub.streams)
    stub.add("later")
    await until(lambda: ("ADDED", "later") in seen.events)


async def test_objects_that_are_nested_too_deeply_to_be_read(stub):
    """One of them keeps nobody from hearing of the others, neither in a list nor in a stream."""
    stub.add("early")
    stub.objects["early"]["spec"] = DEEP
    async with watching(stub) as seen:
        await until(lambda: ("", "early") in seen.events)
        stub.send({"type": "MODIFIED", "object": stub.objects["early"]})
        stub.add("later")
        await until(lambda: ("ADDED", "later") in seen.events)
    assert ("MODIFIED", "early") in seen.events
    assert seen.restarts == []


async def test_objects_that_are_there_and_those_that_come(stub):
    """The first list is told with an empty type, later events with theirs."""
    stub.add("early")
    async with watching(stub) as seen:
        await until(lambda: ("", "early") in seen.events)
        stub.add("later")
        await until(lambda: ("ADDED", "later") in seen.events)
    assert seen.restarts == []


@pytest.mark.parametrize(
    "line",
    [{"type": "ERROR", "object": ERROR | {"code": 500, "message": "etcd leader changed"}}, b'{"type": "ADDED", "obj\n'],
    ids=["an error in the stream", "a line that is cut"],
)
async def test_a_stream_that_goes_wrong_ends_kopf(stub, line):
    """It is started again in the process."""
    async with watching(stub) as seen:
        stub.send(line)
        await comes_back(stub, seen, after=1)
    assert len(seen.restarts) == 1


async def test_an_expired_watch_is_listed_anew(stub):
    """410 in the stream does not end kopf, and what happened meanwhile is told."""
    async with watching(stub) as seen:
        stub.refuse("watch", 503)
        stub.send({"type": "ERROR", "object": ERROR | {"code": 410, "reason": "Expired"}})
        stub.add("meanwhile")
        await until(lambda: "meanwhile" in seen.names)
        await comes_back(stub, seen, after=1)
    assert seen.restarts == []


@pytest.mark.parametrize("sort", ["list", "watch"])
@pytest.mark.parametrize(
    ("codes", "ends"),
    [
        ((404,), True),
        ((410,), True),
        ((500, 503, 504, 500, 503, 504, 500, 503, 504, 500), False),
        ((403,) * 10, False),
        ((429, 429), False),
        ((401,), False),
    ],
    ids=["not found", "gone", "errors for long", "forbidden for a while", "too many", "unauthorised once"],
)
async def test_refusals(stub, sort, codes, ends):
    """Kopf waits for some to pass and ends on others; either way the watch is back afterwards."""
    stub.refuse(sort, *codes)
    async with watching(stub) as seen:
        await comes_back(stub, seen, after=0)
    assert len(seen.restarts) == int(ends)


async def test_a_broken_connection_is_made_again(stub):
    """It does not end kopf."""
    async with watching(stub) as seen:
        stub.reset()
        await comes_back(stub, seen, after=1)
    assert seen.restarts == []


async def test_a_server_that_hangs_up_is_asked_again(stub):
    """Every watch ends some time."""
    async with watching(stub) as seen:
        stub.hang_up()
        await comes_back(stub, seen, after=1)
    assert seen.restarts == []


async def test_a_kind_that_is_gone_for_a_while(stub):
    """A CRD that is deleted and installed again is watched again, though kopf looks for kinds only when it starts."""
    async with watching(stub) as seen:
        stub.served = False
        stub.hang_up()
        await until(lambda: len(seen.restarts) >= 3)
        stub.served = True
        await comes_back(stub, seen, after=1)
    assert "does not serve plans.countersign.dev" in seen.restarts[-1]


async def test_no_server_at_all(stub):
    """It is waited for."""
    url, stub.url = stub.url, "http://127.0.0.1:1"
    async with watching(stub, until_open=False) as seen:
        await until(lambda: len(seen.restarts) >= 2)
    stub.url = url


async def test_a_refused_token_does_not_make_a_hot_loop(stub):
    """Each new login waits longer than the one before."""
    stub.refuse("list", *[401] * 1000)
    async with watching(stub, pauses=itertools.repeat(0.2), until_open=False):
        await until(lambda: stub.requests)
        await asyncio.sleep(0.5)
        before = stub.requests
        await asyncio.sleep(0.5)
    assert stub.requests - before <= 6


@pytest.mark.parametrize("state", ["watching", "refused", "restarting"])
async def test_stopping(stub, state):
    """Within a few seconds, whatever kopf is doing, and no thread is left."""
    if state == "refused":
        stub.refuse("list", *[503] * 1000)
    stub.served = state != "restarting"
    pauses = itertools.repeat(60.0)
    async with watching(stub, pauses=pauses, until_open=state == "watching"):
        await until(lambda: stub.requests >= 2)
        began = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - began < 3
    await until(lambda: not [thread for thread in threading.enumerate() if thread.name == "watches"], within=1)


async def test_pauses_never_end():
    """After years of failing, too; each is at most half a minute."""
    pauses = list(itertools.islice(Watches.__dataclass_fields__["pauses"].default_factory(), 5000))
    assert pauses[0] <= 0.5
    assert 15 <= pauses[-1] <= 30
