"""A request to the API server as a value: which path, which headers, which bytes.

Built by `client` from a kind and names, sent by `transport`. Nothing here waits.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlencode

from countersign.errors import Invalid
from countersign.model.effect import ResourceKind

JSON = "application/json"
APPLY = "application/apply-patch+yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """`changes` tells whether the world may be another afterwards: such a request is fenced and never repeated."""

    verb: str
    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    changes: bool = False


@lru_cache(maxsize=4096)
def collection(kind: ResourceKind, namespace: str | None = None) -> str:
    """The path of all objects of a kind, in one namespace or (None) in all."""
    root = f"/apis/{kind.group}/{kind.version}" if kind.group else f"/api/{kind.version}"
    within = f"/namespaces/{_segment('namespace', namespace)}" if namespace is not None else ""
    return f"{root}{within}/{kind.plural}"


def home(kind: ResourceKind, namespace: str) -> str:
    """The path under which one object stands or is created. An object without a namespace has the empty one."""
    if kind.namespaced != bool(namespace):
        needed = "needs a namespace" if kind.namespaced else "has no namespace"
        raise Invalid(f"{kind.kind} {needed}, but the request names {namespace or 'none'}: correct the request")
    return collection(kind, namespace or None)


def member(kind: ResourceKind, *, namespace: str, name: str, subresource: str = "") -> str:
    """The path of one object."""
    suffix = f"/{subresource}" if subresource else ""
    return f"{home(kind, namespace)}/{_segment('name', name)}{suffix}"


def with_query(path: str, query: Mapping[str, str]) -> str:
    """Parameters without a value are left out."""
    given = {key: value for key, value in query.items() if value}
    return f"{path}?{urlencode(given)}" if given else path


def encode(body: Mapping[str, Any]) -> bytes:
    """JSON that reads the same as YAML, because the server parses what is applied as YAML.

    Verified on 1.36: a character beyond U+FFFF written as two escapes is refused, a raw U+0085 silently becomes a
    blank, other raw control characters are refused. So only those that YAML cannot hold are escaped.
    """
    text = json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return _NOT_YAML.sub(lambda match: f"\\u{ord(match[0]):04x}", text).encode()


_NOT_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


def _segment(what: str, value: str) -> str:
    """A path segment: an empty name would address the whole collection, a slash a subresource, even when encoded."""
    if value in {"", ".", ".."} or "/" in value or "%" in value:
        raise Invalid(f"The {what} {value!r} cannot be part of an address: give the name of an object")
    return quote(value, safe=":")
