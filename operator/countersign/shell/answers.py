"""Answers of the API server as kopf reads them, made shallow on the way: it parses them itself, and ends when it cannot.

`connection` has every session answer with these; our own client comes through `responses`.
"""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp

from countersign.shell.nesting import shallow


class Lines:
    """The content of an answer. Read in chunks, as a watch is, it comes in whole lines."""

    def __init__(self, content: aiohttp.StreamReader) -> None:
        self._content = content

    def __getattr__(self, name: str) -> Any:
        return getattr(self._content, name)

    async def iter_chunked(self, size: int) -> AsyncIterator[bytes]:
        rest = b""
        async for chunk in self._content.iter_chunked(size):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                yield shallow(line) + b"\n"
        if rest:
            yield shallow(rest)


class ShallowResponse(aiohttp.ClientResponse):
    """What kopf reads: lists by `json`, watches by `content`."""

    async def start(self, connection: Any) -> aiohttp.ClientResponse:
        started = await super().start(connection)
        self.content = Lines(self.content)  # type: ignore[assignment]  # it is one in all that is asked of it
        return started

    async def json(self, **options: Any) -> Any:
        self._body = shallow(await self.read())
        return await super().json(**options)
