"""Waits for facts instead of for a time."""

import asyncio
import time


def eventually(condition, *, within=5.0):
    """Whether `condition` became true in time."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


async def until(condition, *, within=10.0):
    """Returns as soon as `condition` is true; the event loop goes on meanwhile."""
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110 - what is waited for knows of no event
            await asyncio.sleep(0.01)
