"""Whether another event loop still turns."""

import asyncio
from threading import Event, Thread

import pytest
from tests.support.clock import Clock

from countersign.shell.pulse import Pulse


async def test_while_it_beats():
    """All is well, and also before and afterwards, when nothing is running."""
    clock = Clock(0.0)
    pulse = Pulse(clock=clock)
    clock.now = 1000.0
    assert not pulse.is_lost
    async with pulse.beating():
        await asyncio.sleep(0)
        assert not pulse.is_lost
    clock.now = 3000.0
    assert not pulse.is_lost


@pytest.mark.parametrize(("silent", "lost"), [(60.0, False), (60.1, True)])
def test_a_loop_that_hangs(silent, lost):
    """Seen from another thread after a minute."""
    clock, begun, go_on = Clock(0.0), Event(), Event()
    pulse = Pulse(clock=clock)

    async def hang():
        async with pulse.beating():
            await asyncio.sleep(0)
            begun.set()
            go_on.wait(10)

    thread = Thread(target=lambda: asyncio.run(hang()))
    thread.start()
    assert begun.wait(5)
    clock.now = silent
    assert pulse.is_lost is lost
    go_on.set()
    thread.join()
    assert not pulse.is_lost
