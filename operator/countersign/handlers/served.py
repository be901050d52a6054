"""Whether the API server serves the kinds that are to be watched.

kopf looks once when it starts, and what is not served then it never watches. So `watches` asks here before each start, and
does not start without some of them.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

from countersign.errors import CountersignError, NotFound
from countersign.model.effect import ResourceKind
from countersign.shell.connection import Connection
from countersign.shell.request import Request
from countersign.shell.transport import Transport

_SECONDS = 5.0


class NotServed(CountersignError):
    """The message names the kinds."""


async def require_served(connection: Connection, kinds: Iterable[ResourceKind]) -> None:
    """Raises NotServed, or a ClusterError when the API server cannot be asked."""
    wanted = tuple(kinds)
    async with connection.session(user_agent="countersign-watches") as session:
        transport = Transport(connection=connection, session=session, seconds=_SECONDS)
        versions = sorted({kind.api_version for kind in wanted})
        found = await asyncio.gather(_groups(transport), *(_plurals(transport, version) for version in versions))
    groups, plurals = found[0], dict(zip(versions, found[1:], strict=True))
    missing = [
        kind
        for kind in wanted
        if (kind.group and kind.group not in groups) or kind.plural not in plurals[kind.api_version]
    ]
    if missing:
        names = ", ".join(f"{kind.plural}.{kind.group}" for kind in missing)
        raise NotServed(f"the API server does not serve {names}: install the CRDs")


async def _groups(transport: Transport) -> set[str]:
    return {group["name"] for group in (await _read(transport, "/apis")).get("groups", [])}


async def _plurals(transport: Transport, version: str) -> set[str]:
    path = f"/apis/{version}" if "/" in version else f"/api/{version}"
    try:
        content = await _read(transport, path)
    except NotFound:
        return set()
    return {resource["name"] for resource in content.get("resources", [])}


async def _read(transport: Transport, path: str) -> dict[str, Any]:
    return (await transport.send(Request(verb="get", method="GET", path=path))).content
