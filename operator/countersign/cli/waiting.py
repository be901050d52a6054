"""Waiting for the operator: asks again and again, with growing pauses, until somebody is satisfied or the time is over."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from countersign.cli.session import Outside
from countersign.errors import Unavailable

_FIRST = 0.1
_LONGEST = 2.0

Value = TypeVar("Value")


def poll(read: Callable[[], Value], *, seconds: float, outside: Outside) -> Iterator[Value]:
    """What is read, at least once and until the time is over. A server that is away for a moment ends nothing."""
    end = outside.clock() + seconds
    pause = _FIRST
    while True:
        try:
            yield read()
        except Unavailable:
            if outside.clock() >= end:
                raise
        left = end - outside.clock()
        if left <= 0:
            return
        outside.sleep(min(pause, left))
        pause = min(_LONGEST, pause * 1.5)
