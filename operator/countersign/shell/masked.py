"""What may be told of an answer of the API server: its sentences without the values that they quote.

Values stand in PlanPreviews, masked, and nowhere else: neither in a plan's status nor in logs.
"""

import json
import re

from countersign.errors import ClusterError

_QUOTING = re.compile(r"\b(?:Invalid|Unsupported|Duplicate|Not found)(?: value)?: |\bexpected [^,:]{1,80}, got ")
_JSON = json.JSONDecoder()


def masked(message: str) -> str:
    """`spec.x: Invalid value: "secret": must be short` becomes `spec.x: Invalid value: (not shown): must be short`."""
    told, rest = [], " ".join(message.split())
    while found := _QUOTING.search(rest):
        told.append(rest[: found.end()] + "(not shown)")
        rest = rest[found.end() + _length(rest[found.end() :]) :]
    return "".join((*told, rest))


def said(error: ClusterError) -> str:
    """The sentence of an error, for logs and for the status of plans."""
    return masked(error.message)


def _length(text: str) -> int:
    """Of the value that the text begins with. What cannot be read as one is not told at all."""
    try:
        return _JSON.raw_decode(text)[1]
    except ValueError:
        return len(text)
