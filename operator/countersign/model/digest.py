"""Content addresses. An approval names one of these, so they must be stable, complete and never collide by construction.

Everything is hashed as RFC 8785 canonical JSON: the same value gives the same bytes in every language and release.
"""

import hashlib
import hmac
from typing import Any

import rfc8785

PREFIX = "sha256:"


def canonical(value: Any) -> bytes:
    """The one byte string of this JSON value. Integers beyond 2^53 and NaN are refused by the encoding itself."""
    return rfc8785.dumps(value)


def sha256(value: Any) -> str:
    """`sha256:` and 64 hexadecimal digits."""
    return PREFIX + hashlib.sha256(canonical(value)).hexdigest()


def keyed(value: Any, *, key: bytes) -> str:
    """A digest that can only be compared, not guessed at, without the operator's key: for sensitive values."""
    return "hmac:" + hmac.new(key, canonical(value), hashlib.sha256).hexdigest()
