"""What probes and scrapers are told."""

from contextlib import asynccontextmanager

import aiohttp
import pytest
from prometheus_client import CollectorRegistry, Counter

from countersign.shell.health import serve


@asynccontextmanager
async def served(*, address: str = "127.0.0.1:0", healthy: str = "", ready: str = ""):
    """A function that gets a path."""
    registry = CollectorRegistry()
    Counter("things", "Things", registry=registry).inc()
    runner = await serve(address, registry=registry, healthy=lambda: healthy, ready=lambda: ready)
    port = runner.addresses[0][1]

    async def get(path: str) -> tuple[int, str]:
        async with session.get(f"http://127.0.0.1:{port}{path}") as response:
            return response.status, await response.text()

    async with aiohttp.ClientSession() as session:
        yield get
    await runner.cleanup()


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_all_is_well(path):
    """200."""
    async with served() as get:
        assert await get(path) == (200, "ok")


async def test_what_is_wrong_is_said():
    """503, and each probe has its own reason."""
    async with served(healthy="a turn hangs", ready="not listed yet") as get:
        assert await get("/healthz") == (503, "a turn hangs")
        assert await get("/readyz") == (503, "not listed yet")


async def test_metrics_are_text():
    """As Prometheus reads them."""
    async with served() as get:
        code, text = await get("/metrics")
    assert (code, "things_total 1.0" in text) == (200, True)


async def test_nothing_else_is_there():
    """404."""
    async with served() as get:
        assert (await get("/debug"))[0] == 404


async def test_the_address_is_the_only_one_that_listens():
    """What is bound to loopback is not offered to the network."""
    runner = await serve("127.0.0.1:0", registry=CollectorRegistry(), healthy=str, ready=str)
    assert [address[0] for address in runner.addresses] == ["127.0.0.1"]
    await runner.cleanup()
