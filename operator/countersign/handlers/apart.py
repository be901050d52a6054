"""Runs something that wants an event loop to itself, in a thread, for as long as the caller's task waits for it.

Used by `watches` for kopf. The caller learns of every end as a sentence, whatever ended it, so no thread dies unnoticed.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from typing import Any

_STOP_SECONDS = 10.0


async def run_apart(job: Callable[[], Coroutine[Any, Any, None]], *, name: str) -> str:
    """Why the job ended. When the caller is cancelled the job is too, and is given some seconds to end."""
    home = asyncio.get_running_loop()
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    ended: asyncio.Future[str] = home.create_future()

    def work() -> None:
        why = _run(_until(stop, job()), loop)
        # The home loop is closed when a job outlives the patience of its caller.
        with contextlib.suppress(RuntimeError):
            home.call_soon_threadsafe(_tell, ended, why)

    threading.Thread(target=work, name=name, daemon=True).start()
    try:
        return await asyncio.shield(ended)
    finally:
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(stop.set)
        await asyncio.wait((ended,), timeout=_STOP_SECONDS)


async def _until(stop: asyncio.Event, job: Coroutine[Any, Any, None]) -> None:
    stopped, task = asyncio.create_task(stop.wait()), asyncio.create_task(job)
    await asyncio.wait((stopped, task), return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    task.cancel()
    await task


def _run(job: Coroutine[Any, Any, None], loop: asyncio.AbstractEventLoop) -> str:
    try:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(job)
    except BaseException as error:  # noqa: BLE001  # also a cancellation: nothing may end the thread without a word
        return f"{type(error).__name__}: {error}"
    return "ended"


def _tell(ended: asyncio.Future[str], why: str) -> None:
    if not ended.done():
        ended.set_result(why)
