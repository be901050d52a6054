"""Starting before the API server does: whatever the operator cannot begin without is asked for until it is there."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from countersign.errors import ClusterError
from countersign.shell.masked import said

_UNTIL_SERVED = 1.0

T = TypeVar("T")

log = structlog.get_logger()


async def patiently(ask: Callable[[], Awaitable[T]], *, pause: float = _UNTIL_SERVED) -> T:
    """The answer, as soon as the API server gives one. CRDs that are not installed yet are waited for."""
    while True:
        try:
            return await ask()
        except ClusterError as error:
            log.warning("waiting for the API server", code=error.code, detail=said(error))
            await asyncio.sleep(pause)
