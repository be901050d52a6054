"""Keys of mappings: a structural schema can bound how many there are, but says nothing about how they look."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import AfterValidator

_Keyed = TypeVar("_Keyed", bound=Mapping[str, Any] | None)


def keyed_by(pattern: str, rule: str) -> AfterValidator:
    """Refuses a mapping with a key that does not match as a whole; `rule` completes the sentence "each key ..."."""
    accepted = re.compile(pattern, re.DOTALL)

    def check(mapping: _Keyed) -> _Keyed:
        keys: Iterable[str] = () if mapping is None else mapping.keys()
        if any(not accepted.fullmatch(key) for key in keys):
            raise ValueError(f"has a key that does not fit: each {rule}")
        return mapping

    return AfterValidator(check)
