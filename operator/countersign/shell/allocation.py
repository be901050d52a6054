"""Tells asyncio to take less memory, and the C library to give back what is not used any more.

Called once by the command. asyncio fills 256 KiB with zeros for each TLS connection, and 15 watches hold one each. glibc by itself keeps a heap for each thread, and learns from each large block, such as a page of a
list or the buffers of a connection, to keep larger ones: what a start needs for a few seconds would stay with the process.
"""

import ctypes
from asyncio.sslproto import SSLProtocol

# From malloc.h. Given once, these are constants: glibc stops adapting them.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_LARGE = 128 * 1024

# Two records of TLS.
_BUFFER = 32 * 1024


def give_back() -> bool:
    """False where the C library is another one, which has ways of its own."""
    choose = getattr(ctypes.CDLL(None), "mallopt", None)
    if choose is None:
        return False
    return all(choose(*option) for option in ((_ARENA_MAX, 1), (_MMAP_THRESHOLD, _LARGE), (_TRIM_THRESHOLD, _LARGE)))


def small_buffers() -> None:
    """For connections that are made from now on. Larger reads only come in more pieces."""
    SSLProtocol.max_size = _BUFFER
