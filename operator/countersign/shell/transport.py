"""Sends requests to the API server: bounded, timed, fenced, measured, and repeated only when that does no harm.

Takes a `Request` from `client`, gives back an `Answer` or raises one of `errors`. Knows nothing of kinds or objects.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

import aiohttp
from aiohttp import ClientHandlerType, ClientRequest, ClientResponse
from yarl import URL

from countersign.errors import Fenced, Unavailable
from countersign.shell.connection import Connection
from countersign.shell.request import Request
from countersign.shell.responses import Answer, answer, refusal


def _unobserved(_verb: str, _code: int, _seconds: float) -> None:
    """Nobody counts."""


@dataclass(kw_only=True)
class Transport:
    """All requests of the operator go through one of these, so that `max_in_flight` bounds what the server has to bear.

    `seconds` is the longest that a request may take, waiting for its turn and for repetitions included.
    `fence` is called right before a changing request goes out and raises when we may no longer write.
    `observe` is told verb, HTTP status (0 without an answer) and seconds of every exchange.
    """

    connection: Connection
    session: aiohttp.ClientSession
    max_in_flight: int = 32
    seconds: float = 30.0
    pauses: tuple[float, ...] = (0.1, 0.2, 0.4, 0.8)
    fence: Callable[[], None] | None = None
    observe: Callable[[str, int, float], None] = _unobserved
    clock: Callable[[], float] = time.monotonic
    rng: Callable[[], float] = random.random
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _permits: asyncio.Semaphore = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._permits = asyncio.Semaphore(self.max_in_flight)

    async def send(self, request: Request) -> Answer:
        """What changes the world goes out once: whether to try again is for whoever knows what it meant."""
        pauses = () if request.changes else self.pauses
        end = self.clock() + self.seconds
        for pause in pauses:
            try:
                return await self._attempt(request, end=end)
            except Unavailable as error:
                wait = max(pause * (0.5 + self.rng() / 2), error.retry_after or 0.0)
                # Who we are was already looked up anew, and will not be another a moment later.
                if error.code == HTTPStatus.UNAUTHORIZED or self.clock() + wait >= end:
                    raise
            await self.sleep(wait)
        return await self._attempt(request, end=end)

    async def _attempt(self, request: Request, *, end: float) -> Answer:
        with _translated():
            async with asyncio.timeout(end - self.clock()), self._permits:
                return await self._exchange(request)

    async def _exchange(self, request: Request) -> Answer:
        started, code = self.clock(), 0
        try:
            async with self._opened(request) as response:
                code = response.status
                body = await response.read()
        except Fenced:
            # It never went out, so the server did not leave it without an answer.
            raise
        except BaseException:
            self.observe(request.verb, code, self.clock() - started)
            raise
        self.observe(request.verb, code, self.clock() - started)
        if not HTTPStatus.OK <= code < HTTPStatus.MULTIPLE_CHOICES:
            raise refusal(code, headers=response.headers, body=body)
        return answer(code, warnings=response.headers.getall("Warning", ()), body=body)

    def _opened(self, request: Request) -> AbstractAsyncContextManager[ClientResponse]:
        inner = (self._last_gate,) if request.changes else ()
        return self.session.request(
            request.method,
            URL(self.connection.server + request.path, encoded=True),
            data=request.body,
            headers=request.headers,
            allow_redirects=False,
            middlewares=(self.connection.authenticate, *inner),
        )

    async def _last_gate(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        """Runs after credentials are at hand, so nothing slow stands between the fence and the request.

        Errors are translated here already, because aiohttp would repeat a DELETE whose connection broke.
        """
        if self.fence is not None:
            self.fence()
        with _translated():
            return await handler(request)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise Unavailable("The API server gave no answer in time") from error
    except (aiohttp.ClientError, OSError) as error:
        raise Unavailable(f"The API server cannot be reached: {str(error) or type(error).__name__}") from error
