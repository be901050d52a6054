"""The one seam between what the API server answers and what the operator knows: values and the tree in `errors`.

Takes status, headers and bytes from `transport`, gives it an `Answer` or the error to raise.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from countersign.errors import (
    ClusterError,
    Conflict,
    Expired,
    FieldConflict,
    Forbidden,
    Invalid,
    NotFound,
    OwnedField,
    Unavailable,
)
from countersign.shell.nesting import shallow

_MOST_PATIENCE = 600.0

_FIELD_CONFLICT = "FieldManagerConflict"

# Server-side apply answers 500 when the fields do not fit the schema, but no repetition would make them fit.
_MISFIT = "failed to create typed patch object"

_QUOTED = r'"((?:[^"\\]|\\.)*)"'
_OWNER = re.compile(f"^conflict with {_QUOTED}")
_WARNING = re.compile(rf"\b299 \S+ {_QUOTED}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the server said to a request it carried out."""

    code: int
    content: dict[str, Any]
    warnings: tuple[str, ...] = ()


def answer(code: int, *, warnings: Sequence[str], body: bytes) -> Answer:
    """Raises Unavailable when a success does not hold an object: something between us and the server answered."""
    content = _parsed(body)
    if content is None:
        raise Unavailable("The answer is not a Kubernetes object: check what stands before the API server", code=code)
    texts = (_unquoted(match) for header in warnings for match in _WARNING.findall(header))
    return Answer(code=code, content=content, warnings=tuple(texts))


def refusal(code: int, *, headers: Mapping[str, str], body: bytes) -> ClusterError:
    """The error that a status other than 2xx means. Only a Status is quoted: anything else may hold somebody's data."""
    content = _parsed(body) or {}
    status = content if content.get("kind") == "Status" else {}
    message = str(status.get("message") or f"The API server answered {code} {_phrase(code)}".rstrip())
    details = status.get("details") or {}
    error = _class_of(code, message=message, details=details)(
        message, code=code, reason=str(status.get("reason") or ""), details=details
    )
    match error:
        case FieldConflict():
            error.fields = _owned_fields(details)
        case Unavailable():
            error.retry_after = _seconds(headers.get("Retry-After")) or _seconds(details.get("retryAfterSeconds"))
        case _:
            pass
    return error


def _class_of(code: int, *, message: str, details: Mapping[str, Any]) -> type[ClusterError]:
    match code:
        case 409:
            return FieldConflict if _owned_fields(details) else Conflict
        case 422 if any(cause.get("field") == "metadata.uid" for cause in details.get("causes") or ()):
            # Another object has the name now: the server finds the uid we name "immutable".
            return Conflict
        case 500 if message.startswith(_MISFIT):
            return Invalid
        case 401 | 408 | 429:
            # A certificate that expired or a token that is not accepted yet: nothing about the request is wrong.
            return Unavailable
        case _ if code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return Unavailable
        case _:
            return _CLASSES.get(code, ClusterError)


_CLASSES: Mapping[int, type[ClusterError]] = {
    400: Invalid,
    403: Forbidden,
    404: NotFound,
    410: Expired,
    422: Invalid,
}


def _owned_fields(details: Mapping[str, Any]) -> tuple[OwnedField, ...]:
    causes = [cause for cause in details.get("causes") or () if cause.get("reason") == _FIELD_CONFLICT]
    return tuple(
        OwnedField(manager=_owner(str(cause.get("message"))), path=str(cause.get("field"))) for cause in causes
    )


def _owner(message: str) -> str:
    """The manager's name in `conflict with "kubectl-edit" using apps/v1 at ...`; the whole sentence if it reads otherwise."""
    found = _OWNER.match(message)
    return _unquoted(found[1]) if found else message


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _seconds(value: object) -> float | None:
    """Whole seconds; the other form of Retry-After, a date, is not used by API servers.

    What stands between us and the server may say anything, and a plan is never looked at again before that.
    """
    text = str(value)
    return min(float(text), _MOST_PATIENCE) if text.isascii() and text.isdigit() else None


def _parsed(body: bytes) -> dict[str, Any] | None:
    try:
        content = json.loads(shallow(body))
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


def _phrase(code: int) -> str:
    return HTTPStatus(code).phrase if code in set(HTTPStatus) else ""
