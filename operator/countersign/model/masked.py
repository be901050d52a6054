"""What may be told of a sentence of Kubernetes: all of it but the values that it quotes.

Values stand in PlanPreviews, masked, and nowhere else: neither in a status nor in logs. Sentences come from errors of the
API server, and second-hand from conditions, where a controller repeats what the API server told it.
"""

import json
import re

_QUOTING = re.compile(r"\b(?:Invalid|Unsupported|Duplicate|Not found)(?: value)?: |\bexpected [^,:]{1,80}, got ")
_JSON = json.JSONDecoder()


def masked(message: str) -> str:
    """`spec.x: Invalid value: "secret": must be short` becomes `spec.x: Invalid value: (not shown): must be short`."""
    told, rest = [], " ".join(message.split())
    while found := _QUOTING.search(rest):
        told.append(rest[: found.end()] + "(not shown)")
        rest = rest[found.end() + _length(rest[found.end() :]) :]
    return "".join((*told, rest))


def _length(text: str) -> int:
    """Of the value that the text begins with. What cannot be read as one is not told at all."""
    try:
        return _JSON.raw_decode(text)[1]
    except ValueError:
        return len(text)
