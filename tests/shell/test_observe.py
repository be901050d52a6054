"""Observers: when they look, what they write, and that nothing ever ends them."""

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.support.fake_api import FakeApi
from tests.support.waiting import until

from countersign.api.agents_domain import PolicyStatus
from countersign.errors import Conflict, Invalid, NotFound, Unavailable
from countersign.model.effect import POLICY, POLICY_BINDING, SECRET
from countersign.shell.cache import Store
from countersign.shell.key import Key
from countersign.shell.observe import Observer, Observers
from countersign.shell.queue import BackOff, WorkQueue

P = Key("shop", "p")
READY = PolicyStatus(observed_generation=1, ready=True)


@dataclass
class Scene:
    """One observer of policies. `looks` are what it was shown, `says` what it answers."""

    api: FakeApi = field(default_factory=FakeApi)
    looks: list[dict[str, Any]] = field(default_factory=list)
    says: Any = READY
    every: float = 300.0
    leads: bool = True
    settled: bool = True

    def __post_init__(self):
        self.seconds = 0.0
        self.store = Store(POLICY)
        # Failures come back at once, and time moves only when a test moves it.
        queue = WorkQueue(clock=lambda: self.seconds, back_off=BackOff(rng=lambda: 1.0, base=0.001))
        self.observer = Observer(
            store=self.store,
            client=self.api,
            queue=queue,
            look=self.look,
            every=self.every,
            rng=lambda: 0.5,
            leads=lambda: self.leads,
            follows=lambda kind, key: [P] if kind == POLICY_BINDING else [],
            settled=lambda _status: self.settled,
        )

    async def look(self, content):
        self.looks.append(content)
        if isinstance(self.says, list):
            said = self.says.pop(0) if len(self.says) > 1 else self.says[0]
            if isinstance(said, Exception):
                raise said
            return said
        return self.says

    def put(self, **content):
        self.store.upsert(self.api.put(POLICY, "p", spec={}, **content))

    @property
    def writes(self):
        return [call for call in self.api.calls if call[0] == "apply"]


@asynccontextmanager
async def running(observer):
    task = asyncio.create_task(observer.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_another_replica_leads():
    """Then nothing is looked at and nothing written; once it is gone, everything is looked at again."""
    scene = Scene(leads=False)
    scene.put()
    await scene.observer.observe(P)
    assert (scene.looks, scene.writes) == ([], [])
    scene.leads = True
    Observers((scene.observer,)).everything()
    async with running(scene.observer):
        await until(lambda: scene.writes)


async def test_a_new_object():
    """It is looked at, and its status is written on exactly the state that was looked at."""
    scene = Scene()
    scene.put()
    await scene.observer.observe(P)
    assert scene.api.now(POLICY, "p")["status"] == READY.wire()
    assert scene.store.get(P)["status"]["ready"] is True


async def test_own_write_is_no_news():
    """What was just seen is not looked at again because its status was written."""
    scene = Scene()
    scene.put()
    await scene.observer.observe(P)
    await scene.observer.observe(P)
    assert (len(scene.looks), len(scene.writes)) == (1, 1)


async def test_same_status():
    """A status that says the same is not written; one that nobody has to say neither."""
    scene = Scene()
    scene.put(status=READY.wire())
    await scene.observer.observe(P)
    scene.says, scene.seconds = None, 1000.0
    await scene.observer.observe(P)
    assert (len(scene.looks), scene.writes) == (2, [])


@pytest.mark.parametrize("metadata", [{"generation": 2}, {"uid": "another"}])
async def test_news(metadata):
    """Another generation is looked at at once, and so is another object of that name."""
    scene = Scene()
    scene.put()
    await scene.observer.observe(P)
    scene.put(metadata=metadata)
    await scene.observer.observe(P)
    assert len(scene.looks) == 2


async def test_later():
    """Without an event it is looked at again after a while."""
    scene = Scene()
    scene.put()
    await scene.observer.observe(P)
    scene.seconds = 299.0
    await scene.observer.observe(P)
    assert len(scene.looks) == 1
    scene.seconds = 301.0
    await scene.observer.observe(P)
    assert len(scene.looks) == 2


async def test_moving():
    """What is still moving is looked at soon, and the later the longer it says the same."""
    scene = Scene(settled=False)
    scene.put()
    looked_at = []
    for second in range(600):
        scene.seconds = float(second)
        await scene.observer.observe(P)
        if len(scene.looks) > len(looked_at):
            looked_at.append(second)
    assert looked_at[:6] == [0, 2, 4, 8, 16, 32]
    assert len(looked_at) < 12


async def test_moves_again():
    """Each news makes it worth looking at soon."""
    scene = Scene(settled=False)
    scene.put()
    for scene.seconds in (0.0, 100.0):
        await scene.observer.observe(P)
    scene.says, scene.seconds = PolicyStatus(observed_generation=1, ready=False), 250.0
    await scene.observer.observe(P)
    scene.seconds = 252.5
    await scene.observer.observe(P)
    assert len(scene.looks) == 4


async def test_something_else_changed():
    """What depends on it is looked at again, also if it changed during a look, and also if the next look fails."""
    scene = Scene()
    scene.put()

    async def meanwhile(_verb, _plural):
        scene.api.before = None
        scene.observer.notice(POLICY_BINDING, Key("shop", "b"))

    scene.api.before = meanwhile
    await scene.observer.observe(P)
    scene.says = [Unavailable("down"), READY]
    with pytest.raises(Unavailable):
        await scene.observer.observe(P)
    await scene.observer.observe(P)
    assert len(scene.looks) == 3


async def test_gone():
    """What is gone, or about to go, is left alone; what comes back under the name is looked at."""
    scene = Scene()
    await scene.observer.observe(P)
    scene.put(metadata={"deletionTimestamp": "2026-01-01T00:00:00Z"})
    await scene.observer.observe(P)
    assert scene.looks == []


@pytest.mark.parametrize(
    "error",
    [
        Conflict("changed", code=409),
        NotFound("gone", code=404),
        Unavailable("down", code=503),
        Invalid("refused", code=422),
        KeyError("surprise"),
    ],
)
async def test_whatever_goes_wrong(error):
    """It is tried again, and the observer goes on."""
    scene = Scene(says=[error, READY])
    scene.observer.queue.clock = asyncio.get_running_loop().time
    scene.put()
    scene.observer.queue.add(P)
    async with running(scene.observer):
        await until(lambda: len(scene.looks) == 2)
        await until(lambda: scene.writes)


async def test_a_queue_that_stops():
    """Ends its observers."""
    scene = Scene()
    scene.observer.queue.stop()
    await Observers((scene.observer,)).run()


async def test_notice():
    """Each kind has its own queue; kinds that nobody observes have none."""
    scene = Scene()
    both = Observers((scene.observer,))
    both.notice(POLICY, P)
    both.notice(SECRET, P)
    assert scene.observer.queue.depth == 1
