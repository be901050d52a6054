"""/healthz, /readyz and /metrics."""

from collections.abc import Awaitable, Callable

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

Complaint = Callable[[], str]
"""What is wrong now; empty when all is well."""


def first(*checks: tuple[str, Callable[[], bool]]) -> Complaint:
    """The first of the complaints that is true now."""
    return lambda: next((complaint for complaint, holds in checks if holds()), "")


async def serve(address: str, *, registry: CollectorRegistry, healthy: Complaint, ready: Complaint) -> web.AppRunner:
    """Listening when it returns; the caller cleans the runner up. The loop being blocked shows as no answer at all."""

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application()
    app.router.add_get("/healthz", _answer(healthy))
    app.router.add_get("/readyz", _answer(ready))
    app.router.add_get("/metrics", metrics)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    host, _, port = address.rpartition(":")
    # ":8080" means every address, of IPv6 too.
    await web.TCPSite(runner, host.strip("[]") or None, int(port)).start()
    return runner


def _answer(complaint: Complaint) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handler(_: web.Request) -> web.StreamResponse:
        wrong = complaint()
        return web.Response(text=wrong or "ok", status=503 if wrong else 200)

    return handler
