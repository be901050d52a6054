"""An API server that says what a test tells it to say, for faults that a real one does not have on demand.

`stub.will(...)` queues answers; when none is left it answers 200 with an empty object. `stub.received` is what arrived.
"""

import asyncio
import json
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import RawTestServer
from multidict import CIMultiDict

from countersign.shell.client import ApiClient
from countersign.shell.connection import Connection
from countersign.shell.credentials import Credentials, Source, constant
from countersign.shell.transport import Transport


@dataclass(frozen=True)
class Reply:
    """An answer; `after` is a pause in seconds before it."""

    code: int = 200
    body: Any = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    after: float = 0.0


class Cut:
    """Close the connection instead of answering."""


@dataclass(frozen=True)
class Received:
    method: str
    path: str
    query: dict[str, str]
    headers: CIMultiDict[str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class ApiStub:
    def __init__(self) -> None:
        self.url = ""
        self.received: list[Received] = []
        self.at_once = 0
        self.most_at_once = 0
        self._answers: deque[Reply | Cut] = deque()

    def will(self, *answers: Reply | Cut) -> None:
        self._answers.extend(answers)

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        self.received.append(
            Received(
                method=request.method,
                path=request.rel_url.raw_path,
                query=dict(request.query),
                headers=CIMultiDict(request.headers),
                body=await request.read(),
            )
        )
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            return await self._say(self._answers.popleft() if self._answers else Reply(), request)
        finally:
            self.at_once -= 1

    async def _say(self, answer: Reply | Cut, request: web.BaseRequest) -> web.StreamResponse:
        match answer:
            case Cut():
                assert request.transport is not None
                request.transport.abort()
                return web.Response()
            case Reply():
                await asyncio.sleep(answer.after)
                body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
                return web.Response(status=answer.code, body=body, headers=answer.headers)


def status(message: str, *, reason: str = "", **details: Any) -> dict[str, Any]:
    """The body of a refusal."""
    return {"kind": "Status", "apiVersion": "v1", "message": message, "reason": reason, "details": details}


@asynccontextmanager
async def api_stub() -> AsyncIterator[ApiStub]:
    stub = ApiStub()
    async with RawTestServer(stub.answer) as server:
        stub.url = str(server.make_url("")).rstrip("/")
        yield stub


@asynccontextmanager
async def client_of(connection: Connection, **transport: Any) -> AsyncIterator[ApiClient]:
    """A client that waits for nothing between repetitions, unless told otherwise."""
    defaults: dict[str, Any] = {"pauses": (0.0, 0.0, 0.0, 0.0)}
    async with connection.session(user_agent="countersign-test") as session:
        yield ApiClient(Transport(connection=connection, session=session, **defaults | transport))


def connection_to(server: str, *, source: Source | None = None) -> Connection:
    credentials = Credentials(source or constant("Bearer fixed"), clock=time.time)
    return Connection(server=server, tls=None, credentials=credentials, namespace="default")
