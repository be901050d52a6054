"""Memory that was needed for a moment does not stay with the process."""

import asyncio
import ssl
import subprocess
import sys
from asyncio.sslproto import SSLProtocol

from countersign.shell import allocation

_MEASURED = """
import re, sys
from pathlib import Path
from countersign.shell.allocation import give_back

def megabytes():
    return int(re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024

if sys.argv[1] == "given back":
    give_back()
before, kept = megabytes(), []
for _ in range(100):
    large = [bytearray(b"x") * 400_000 for _ in range(4)]
    kept.append(bytes(2_000))
    del large
    larger = [bytearray(b"x") * 600_000 for _ in range(40)]
    kept.append(bytes(100_000))
    del larger
print(megabytes() - before)
"""


def _grown(how: str) -> float:
    done = subprocess.run([sys.executable, "-c", _MEASURED, how], capture_output=True, text=True, check=True)
    return float(done.stdout)


def test_large_blocks_are_given_back():
    """Also when small ones that stay were made in between."""
    assert _grown("given back") < _grown("kept") / 2


def test_another_c_library(monkeypatch):
    """One that cannot be told is left alone."""
    monkeypatch.setattr(allocation.ctypes, "CDLL", lambda _: object())

    assert allocation.give_back() is False


async def test_a_connection_takes_less(monkeypatch):
    """Asyncio reads each TLS connection into a buffer of its own, which stays as long as the connection."""
    monkeypatch.setattr(SSLProtocol, "max_size", SSLProtocol.max_size)

    def buffer() -> int:
        made = SSLProtocol(asyncio.get_running_loop(), asyncio.Protocol(), ssl.create_default_context(), None)
        made._get_app_transport().abort()
        return len(made._ssl_buffer)

    before = buffer()
    allocation.small_buffers()

    assert (before, buffer()) == (256 * 1024, 32 * 1024)
