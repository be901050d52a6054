"""Durations as people write them: `60s`, `5m`, `24h`, `1h30m`."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import Field

PATTERN = r"^([0-9]{1,6}(d|h|m|s))+$"
Duration = Annotated[str, Field(max_length=32, pattern=PATTERN)]

_PART = re.compile(r"(\d+)([dhms])")
_SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}


def is_duration(text: str) -> bool:
    return re.fullmatch(PATTERN, text) is not None


def parse(text: str) -> timedelta:
    """The text has matched PATTERN."""
    return timedelta(seconds=sum(int(number) * _SECONDS[unit] for number, unit in _PART.findall(text)))


def show(span: timedelta) -> str:
    """The two largest units: `2d3h`, `5m`, `0s`."""
    rest, shown = max(0, int(span.total_seconds())), []
    for unit, size in _SECONDS.items():
        count, rest = divmod(rest, size)
        if count:
            shown.append(f"{count}{unit}")
    return "".join(shown[:2]) or "0s"
