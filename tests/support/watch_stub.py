"""An API server for one kind that can be listed and watched, and that fails in the ways in which a real one does.

`stub.refuse(...)` answers the next requests with errors; `stub.send(...)` writes into the open streams; `stub.add(...)` makes
an object. `stub.changing` counts requests that would change anything.
"""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

from aiohttp import web
from aiohttp.test_utils import RawTestServer

from countersign.api.names import PLAN

Request = Literal["list", "watch"]
_PATH = f"/apis/{PLAN.api_version}/{PLAN.plural}"

DEEP = "nested as deeply as the API server stores it"
"""Stands for such a value in objects, because Python cannot write one either."""
_NESTED = "[" * 9900 + "]" * 9900


class WatchStub:
    def __init__(self) -> None:
        self.url = ""
        self.served = True
        self.changing = 0
        self.streams_opened = 0
        self.requests = 0
        self.objects: dict[str, dict[str, Any]] = {}
        self._version = 10
        self._refusals: dict[Request, deque[int]] = {"list": deque(), "watch": deque()}
        self._streams: dict[web.StreamResponse, asyncio.Queue[bytes | None]] = {}

    @property
    def streams(self) -> int:
        return len(self._streams)

    def refuse(self, request: Request, *codes: int) -> None:
        """The next requests of that sort are answered with these."""
        self._refusals[request].extend(codes)

    def add(self, name: str) -> None:
        """Made, and told to whoever watches."""
        self._version += 1
        metadata = {"name": name, "namespace": "shop", "uid": f"uid-{name}", "resourceVersion": str(self._version)}
        self.objects[name] = {"apiVersion": PLAN.api_version, "kind": PLAN.kind, "metadata": metadata}
        self.send({"type": "ADDED", "object": self.objects[name]})

    def send(self, event: dict[str, Any] | bytes) -> None:
        text = event if isinstance(event, bytes) else json.dumps(event).encode() + b"\n"
        line = text.replace(f'"{DEEP}"'.encode(), _NESTED.encode())
        for lines in self._streams.values():
            lines.put_nowait(line)

    def hang_up(self) -> None:
        """End every stream as a server does that shuts down."""
        for lines in self._streams.values():
            lines.put_nowait(None)

    def reset(self) -> None:
        """Break every connection that carries a stream."""
        for stream in self._streams:
            assert stream._req is not None
            assert stream._req.transport is not None
            stream._req.transport.abort()

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        self.requests += 1
        self.changing += request.method != "GET"
        if request.rel_url.path == _PATH:
            return await self._objects(request)
        return _said(200, self._discovery(request.rel_url.path))

    async def _objects(self, request: web.BaseRequest) -> web.StreamResponse:
        sort: Request = "watch" if "watch" in request.query else "list"
        if not self.served:
            return _said(404)
        if self._refusals[sort]:
            return _said(self._refusals[sort].popleft())
        if sort == "watch":
            return await self._stream(request)
        metadata = {"resourceVersion": str(self._version)}
        kind = {"apiVersion": PLAN.api_version, "kind": f"{PLAN.kind}List"}
        text = json.dumps(kind | {"metadata": metadata, "items": list(self.objects.values())})
        return web.Response(text=text.replace(f'"{DEEP}"', _NESTED), content_type="application/json")

    async def _stream(self, request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        lines = self._streams[response] = asyncio.Queue()
        self.streams_opened += 1
        try:
            while (line := await lines.get()) is not None:
                await response.write(line)
        finally:
            del self._streams[response]
        return response

    def _discovery(self, path: str) -> dict[str, Any]:
        """What there is: our kind, and the namespaces that kopf insists on."""
        served = [PLAN] if self.served else []
        version = {"groupVersion": PLAN.api_version, "version": PLAN.version}
        group = {"name": PLAN.group, "versions": [version], "preferredVersion": version}
        resource = {"name": PLAN.plural, "singularName": "plan", "kind": PLAN.kind, "namespaced": True}
        verbs = {"verbs": ["get", "list", "watch", "patch"]}
        namespace = {"name": "namespaces", "singularName": "namespace", "kind": "Namespace", "namespaced": False}
        return {
            "/api": {"versions": ["v1"]},
            "/api/v1": {"resources": [namespace | verbs]},
            "/apis": {"groups": [group for _ in served]},
            f"/apis/{PLAN.api_version}": {"resources": [resource | verbs for _ in served]},
        }.get(path, {"resources": []})


def _said(code: int, body: dict[str, Any] | None = None) -> web.Response:
    failure = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "message": f"stub says {code}"}
    return web.json_response(failure if body is None else body, status=code)


@asynccontextmanager
async def watch_stub() -> AsyncIterator[WatchStub]:
    stub = WatchStub()
    async with RawTestServer(stub.answer) as server:
        stub.url = str(server.make_url("")).rstrip("/")
        yield stub
        stub.hang_up()
