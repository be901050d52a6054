"""JSON that is nested as deeply as the API server stores it, made shallow enough to be read.

The API server takes ten thousand levels; Python reads a thousand, or fewer, and then gives up on the whole answer: one plan of
one proposer would end the watch of all plans. Everything that is read from the API server therefore comes through here. What
stands deeper than anything we understand is cut off: the plan that holds it is refused for being nested too deeply.
"""

import re
from collections.abc import Iterator
from itertools import accumulate

DEEPEST = 200
"""Levels that are kept, of a list of objects too. Far more than any plan may have, and than Kubernetes' own kinds have."""

_NOT_STRUCTURE = bytes(set(range(256)) - set(b'"{}[]'))
_TEXT = re.compile(rb'"[^"]*"')
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)
_STEP = {ord("{"): 1, ord("["): 1, ord("}"): -1, ord("]"): -1}


def shallow(body: bytes) -> bytes:
    """The same, with null for everything that would stand deeper than that."""
    if body.count(b"{") + body.count(b"[") <= DEEPEST or _depth(body) <= DEEPEST:
        return body
    return b"".join(_kept(body))


def _depth(body: bytes) -> int:
    """Without looking at each byte: first escapes go, then all but quotes and brackets, then texts."""
    bare = body.replace(rb"\\", b"").replace(rb"\"", b"").translate(None, delete=_NOT_STRUCTURE).replace(b'""', b"")
    return max(accumulate(map(_STEP.__getitem__, _TEXT.sub(b"", bare).replace(b'"', b""))), default=0)


def _kept(body: bytes) -> Iterator[bytes]:
    depth, begun = 0, 0
    for token in _TOKEN.finditer(body):
        step = _STEP.get(body[token.start()], 0)
        depth += step
        if step > 0 and depth == DEEPEST + 1:
            yield body[begun : token.start()] + b"null"
        if step < 0 and depth == DEEPEST:
            begun = token.end()
    yield body[begun:]
