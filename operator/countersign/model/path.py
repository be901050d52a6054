"""Paths into the user's YAML, as people write them: `spec.actions[3].params.spec.connection.baseUrl`.

Findings carry such a path so that the author sees the line that is meant; diffs carry them as tuples and print them here.
"""

import re
from collections.abc import Iterable

Part = str | int

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def show(parts: Iterable[Part]) -> str:
    """`("spec", "actions", 3)` -> `spec.actions[3]`; keys that are no plain words stand quoted in brackets."""
    shown = ""
    for part in parts:
        if isinstance(part, int):
            shown += f"[{part}]"
        elif _PLAIN.fullmatch(part):
            shown += f".{part}" if shown else part
        else:
            shown += f'["{"".join(map(_visible, part))}"]'
    return shown


def _visible(char: str) -> str:
    """Nothing that ends the quotes or the line, or that a terminal would show as something else."""
    if char in '"\\':
        return f"\\{char}"
    return char if char.isprintable() else f"\\u{{{ord(char):x}}}"
