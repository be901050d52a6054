"""Numbers as Grafana writes them for a unit, and where the ticks of an axis are."""

import math
from collections.abc import Sequence

_RATES = {"cps": " c/s", "cpm": " c/m", "reqps": " req/s"}
_STEPS = (1, 2, 2.5, 5, 10)
_TICKS = 4
_MINUTE = 60


def shown(value: float, unit: str) -> str:
    if unit == "s":
        return _seconds(value)
    return f"{value:.3g}{_RATES.get(unit, '')}"


def _seconds(value: float) -> str:
    if value == 0:
        return "0 s"
    if value < 1:
        return f"{value * 1000:.3g} ms"
    if value < _MINUTE:
        return f"{value:.3g} s"
    return f"{value / _MINUTE:.3g} min"


def ticks(values: Sequence[float]) -> list[float]:
    """From 0 to something round above the largest."""
    largest = max(values, default=0) or 1
    rough = largest / _TICKS
    power = 10 ** math.floor(math.log10(rough))
    step = next(step * power for step in _STEPS if step * power >= rough)
    return [number * step for number in range(math.ceil(largest / step - 1e-9) + 1)]
