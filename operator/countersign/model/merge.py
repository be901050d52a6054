"""JSON merge patch, RFC 7386: what is named replaces what is there, null takes it away, mappings are merged key by key."""

from collections.abc import Mapping
from typing import Any


def merge(base: Any, patch: Any) -> Any:
    """Neither argument is changed."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(base) if isinstance(base, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge(merged.get(key), value)
    return merged
