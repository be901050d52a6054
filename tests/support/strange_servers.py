"""Servers on loopback that behave as nobody should, with real sockets and a certificate for `tool.example.com`."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from countersign.dev.certificates import Authority, new_authority

HOST = "tool.example.com"
Behave = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Trust:
    """Both sides of a connection; `client` knows the authority of `server`."""

    server: ssl.SSLContext
    client: ssl.SSLContext


def make_trust(folder: Path, *, names: tuple[str, ...] = (HOST,)) -> Trust:
    now = datetime.now(UTC)
    authority = new_authority("tests", now=now)
    pair = Authority(authority).issue_serving(names, (), now=now)
    (folder / "serving.pem").write_bytes(pair.public + pair.private)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "serving.pem")
    return Trust(server, ssl.create_default_context(cadata=authority.public.decode()))


@dataclass
class Server:
    """`requests` are the heads of what arrived; `connections` counts also those that said nothing."""

    ip: str
    port: int = 0
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)


@asynccontextmanager
async def serving(
    behave: Behave, *, trust: ssl.SSLContext | None, ip: str = "127.0.0.1", port: int = 0
) -> AsyncIterator[Server]:
    """Plain without `trust`."""
    found = Server(ip)

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found.connections += 1
        try:
            found.requests.append(await reader.readuntil(b"\r\n\r\n"))
            await behave(reader, writer)
        except (OSError, EOFError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(meet, ip, port, ssl=trust)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()


def answers(head: str, *, body: bytes = b"") -> Behave:
    async def behave(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head.encode() + body)
        await writer.drain()
        await asyncio.sleep(0.2)

    return behave


async def floods(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """An answer whose body has no end."""
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b"x" * 65536)
        await writer.drain()


async def rambles(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A first line that has no end."""
    writer.write(b"HTTP/1.1 200 ")
    while True:
        writer.write(b"x" * 65536)
        await writer.drain()


async def dawdles(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A byte now and then."""
    for byte in b"HTTP/1.1 200 OK\r\n" * 100:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.1)


async def hangs_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()
