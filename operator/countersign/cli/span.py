"""Durations as an option: 90s, 10m, 1h30m."""

from typing import Any

import click

from countersign.model import duration


class Span(click.ParamType[float]):
    """Becomes seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        if not duration.is_duration(str(value)):
            self.fail(f"{value} is no duration: write for example 90s, 10m or 1h30m", param, ctx)
        return duration.parse(str(value)).total_seconds()
