"""The comment of a request for a revision that says what the plan should be instead: JSON that people and programs read."""

import json
from typing import Any

_PARTIAL, _FEEDBACK = "partial", "feedback"


def proposal(partial: Any, *, feedback: str) -> str:
    """As short as it can be written: a comment has little room."""
    said = {_PARTIAL: partial, **({_FEEDBACK: feedback} if feedback else {})}
    return json.dumps(said, separators=(",", ":"))


def partial_of(comment: str) -> Any:
    """None if the comment proposes nothing: anybody may write anything there."""
    try:
        found = json.loads(comment)
    except (ValueError, RecursionError):
        return None
    return found.get(_PARTIAL) if isinstance(found, dict) else None
