"""Lives until it is told to end, and ends in order."""

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog

log = structlog.get_logger()


async def until_signalled(life: Coroutine[Any, Any, None], *, before_the_end: Callable[[], Awaitable[object]]) -> None:
    """Until SIGTERM or SIGINT, or until the life ends by itself, whose failure is raised then."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    living, stopped = asyncio.create_task(life), asyncio.create_task(stop.wait())
    await asyncio.wait((living, stopped), return_when=asyncio.FIRST_COMPLETED)
    if stopped.done():
        log.info("stopping")
        await before_the_end()
    stopped.cancel()
    living.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await living
