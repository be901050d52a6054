"""Asks a tool whether it is there, without becoming anybody's way into the cluster.

The name is resolved once, every address it stands for is judged, and the connection goes to one of these very addresses: a
name that means something else a moment later changes nothing. https with the usual certificates only, no redirect is
followed, no credential is sent, and of the answer no more than the first line is read, in bounded time.
"""

import asyncio
import contextlib
import re
import socket
import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from countersign.core.observing.tool import Answered, Destination, Probe, Silent
from countersign.model.host import Place, locate

_LONGEST_LINE = 1024
_MOST_ADDRESSES = 4
_HTTPS = 443
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: [^\r\n]*)?\r?\n")

Resolve = Callable[[str, int], Awaitable[tuple[str, ...]]]


async def resolve(host: str, port: int) -> tuple[str, ...]:
    """All addresses that the name stands for at this moment."""
    found = await asyncio.get_running_loop().getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


def is_outside(ip: str) -> bool:
    return locate(f"[{ip}]" if ":" in ip else ip).place is Place.OUTSIDE


@dataclass(frozen=True, slots=True, kw_only=True)
class Prober:
    """`admits` judges each address that a name stands for."""

    resolve: Resolve = resolve
    admits: Callable[[str], bool] = is_outside
    trust: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    seconds: float = 5.0

    async def probe(self, asked: Destination) -> Probe:
        try:
            async with asyncio.timeout(self.seconds):
                return await self._probe(asked)
        except TimeoutError:
            return Silent(f"it gives no answer within {self.seconds:g} s")
        except socket.gaierror:
            return Silent("the name of its host cannot be resolved")
        except ssl.SSLError:
            return Silent("it does not speak TLS with a certificate that is valid for its host")
        except (OSError, EOFError):
            return Silent("no connection could be made, or it was closed without an answer")
        except ValueError:
            return Silent("its answer is not HTTP")

    async def _probe(self, asked: Destination) -> Probe:
        addresses = await self.resolve(asked.host, asked.port)
        if not addresses or not all(self.admits(ip) for ip in addresses):
            return Silent("the name of its host stands for an address that is not outside")
        return await self._first(asked, addresses[:_MOST_ADDRESSES])

    async def _first(self, asked: Destination, addresses: tuple[str, ...]) -> Answered:
        """Of the first address that can be reached: one of IPv6 is no use where there is no IPv6."""
        began = time.monotonic()
        *others, last = addresses
        for ip in others:
            with contextlib.suppress(OSError):
                return _answered(await self._ask(asked, ip), began)
        return _answered(await self._ask(asked, last), began)

    async def _ask(self, asked: Destination, ip: str) -> int:
        reader, writer = await asyncio.open_connection(
            ip, asked.port, ssl=self.trust, server_hostname=asked.host.strip("[]"), limit=_LONGEST_LINE
        )
        try:
            writer.write(_request(asked))
            line = await reader.readline()
        finally:
            # Whoever does not read on owes nobody a farewell, and a slow peer could make it long.
            writer.transport.abort()
        if not line:
            raise EOFError
        if not (status := _STATUS_LINE.fullmatch(line)):
            raise ValueError(line[:_LONGEST_LINE])
        return int(status[1])


def _answered(code: int, began: float) -> Answered:
    return Answered(code, milliseconds=int((time.monotonic() - began) * 1000))


def _request(asked: Destination) -> bytes:
    """Host and path were taken apart by `model.address`, which lets nothing through that could end a line."""
    lines = (
        f"GET {asked.path} HTTP/1.1",
        f"Host: {asked.host}" if asked.port == _HTTPS else f"Host: {asked.host}:{asked.port}",
        "User-Agent: countersign-probe",
        "Accept: */*",
        "Connection: close",
    )
    return "\r\n".join((*lines, "", "")).encode("ascii")
