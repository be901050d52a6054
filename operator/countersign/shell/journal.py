"""One JSON object per log line, on standard error. kopf's and other libraries' lines come out the same way.

A traceback tells where something went wrong and of what kind it was. What the exception itself says is left out unless it
is one of ours or the system's: other libraries quote the values that they could not digest.
"""

import logging
import sys
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any

import structlog

from countersign.errors import CountersignError
from countersign.model.masked import masked

_QUOTABLE = (CountersignError, OSError)

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def configure(level: str) -> None:
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        structlog.processors.ExceptionRenderer(where),
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.EventRenamer("msg"), _RENDER],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.EventRenamer("msg"),
                _RENDER,
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


def where(exc_info: _ExcInfo) -> str:
    """The traceback without what may be anybody's data."""
    return "".join(_told(exc_info[1])).rstrip()


def _told(error: BaseException) -> Iterator[str]:
    if (earlier := error.__cause__ or error.__context__) is not None:
        yield from _told(earlier)
        yield "\n"
    yield "Traceback (most recent call last):\n"
    yield from traceback.format_tb(error.__traceback__)
    yield type(error).__name__ + (f": {masked(str(error))}" if isinstance(error, _QUOTABLE) else "") + "\n"
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _told(inner)


_RENDER = structlog.processors.JSONRenderer(default=str, sort_keys=False)
