"""Quantities as Kubernetes writes them: `100m`, `1.5`, `128Mi`, `2e3`. Exact, because quotas are compared with them."""

import re
from decimal import Decimal

_PATTERN = re.compile(r"([+-]?[0-9.]+)([eE][+-]?[0-9]+|[A-Za-z]*)")
_BINARY = {f"{letter}i": Decimal(1024) ** power for power, letter in enumerate("KMGTPE", start=1)}
_DECIMAL = {
    unit: Decimal(10) ** power for unit, power in zip("numkMGTPE", (-9, -6, -3, 3, 6, 9, 12, 15, 18), strict=True)
}
_UNITS = {"": Decimal(1), **_BINARY, **_DECIMAL}


def parse(text: str) -> Decimal:
    """The text comes from the API server, which has accepted it as a quantity; anything else raises ValueError."""
    found = _PATTERN.fullmatch(text)
    if found is None:
        raise ValueError(f"{text} is not a quantity")
    number, unit = found.groups()
    if unit in _UNITS:
        return Decimal(number) * _UNITS[unit]
    return Decimal(number + unit)


def show(quantity: Decimal) -> str:
    """With the largest binary unit that it is a multiple of, else as a plain number."""
    for unit, size in reversed(_BINARY.items()):
        if quantity and quantity % size == 0:
            return f"{quantity / size:f}{unit}"
    return f"{quantity.normalize():f}"
