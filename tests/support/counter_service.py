"""A service on this machine that does what it is asked, counts it by key, and can take its time: whom test calls go to."""

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from tests.support.counting import COUNT

from countersign.core.steps import Done, Failure, Unsure
from countersign.model.facts import CannotTell, Happened, NotHappened, Occurrence, Unavailable
from countersign.shell.calls import Callers, Request, answered

KEY = "Idempotency-Key"


@dataclass(frozen=True)
class HttpCaller:
    """Posts the call to `url`, and asks `url`/KEY what became of it."""

    url: str

    async def call(self, request: Request) -> Done | Failure | Unsure:
        target = request.call.target
        body = {"name": target.name, "account": request.account, **request.call.fields}
        try:
            return answered(target, await _asked("POST", self.url, json=body, headers={KEY: request.key}))
        except aiohttp.ClientConnectorError:
            return Failure("Unavailable", f"{target}: nobody listens there", passing=True)
        except aiohttp.ClientError:
            return Unsure("OutcomeUnknown", f"{target}: the connection was lost before an answer came")

    async def outcome(self, request: Request) -> Occurrence:
        try:
            code = await _asked("GET", f"{self.url}/{request.key}")
        except aiohttp.ClientError:
            return Unavailable(f"{request.call.target}: nobody answers there")
        return {200: Happened(), 404: NotHappened()}.get(code) or CannotTell(f"it answers with {code}")


async def _asked(method: str, url: str, **more: Any) -> int:
    async with aiohttp.ClientSession() as session, session.request(method, url, **more) as response:
        return response.status


def callers(url: str) -> Callers:
    return Callers(((COUNT, HttpCaller(url)),))


@dataclass
class Service:
    """`answers` are the next status codes, 0 hangs up; `holds` makes it do what it is asked and then not answer for so many seconds.

    `records` is the status code for what it has not done; with another one than 404 it cannot tell.
    """

    answers: list[int] = field(default_factory=list)
    holds: float = 0.0
    records: int = 404
    counts: Counter[str] = field(default_factory=Counter)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""

    async def post(self, request: web.Request) -> web.Response:
        code = self.answers.pop(0) if self.answers else 200
        self.bodies.append(await request.json())
        if code < 300:
            self.counts[request.headers[KEY]] += 1
        if self.holds:
            await asyncio.sleep(self.holds)
        if not code:
            request.transport.close()
        return web.Response(status=code or 200)

    async def get(self, request: web.Request) -> web.Response:
        if self.records != 404:
            return web.Response(status=self.records)
        return web.Response(status=200 if self.counts[request.match_info["key"]] else 404)


@contextmanager
def serving(service: Service) -> Iterator[Service]:
    """In a thread of its own, so that it answers whatever the test waits for."""
    loop, ready, stop = asyncio.new_event_loop(), threading.Event(), asyncio.Event()

    async def run() -> None:
        app = web.Application()
        app.add_routes([web.post("/counts", service.post), web.get("/counts/{key}", service.get)])
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        service.url = f"http://127.0.0.1:{runner.addresses[0][1]}/counts"
        ready.set()
        await stop.wait()
        await runner.cleanup()

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),))
    thread.start()
    assert ready.wait(10)
    try:
        yield service
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()
