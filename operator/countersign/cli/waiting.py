"""Waiting for the operator: asks again and again, with growing pauses, until the answer is the one that was waited for."""

from collections.abc import Callable
from typing import TypeVar

from countersign.cli.session import Outside
from countersign.errors import Unavailable

_FIRST = 0.1
_LONGEST = 2.0

Value = TypeVar("Value")


def until(read: Callable[[], Value], holds: Callable[[Value], bool], *, seconds: float, outside: Outside) -> Value:
    """The first value that holds, or the last one when the time is over. A server that is away for a moment ends nothing."""
    end = outside.clock() + seconds
    pause = _FIRST
    while True:
        over = outside.clock() >= end
        try:
            value = read()
            if holds(value) or over:
                return value
        except Unavailable:
            if over:
                raise
        outside.sleep(min(pause, max(0.0, end - outside.clock())))
        pause = min(_LONGEST, pause * 1.5)
