"""A line of the list of plans. Read without the models: a list is asked for often and has to come at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from countersign.model import instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What stands in one line; what the operator has not written yet is empty."""

    namespace: str
    name: str
    phase: str
    reason: str
    risk: str
    approvals: str
    progress: str
    created_at: datetime
    expires_at: str
    authors: tuple[str, ...]
    description: str


def listed(content: Mapping[str, Any]) -> Listed:
    metadata, status = content["metadata"], content.get("status") or {}
    approval = status.get("approval") or {}
    return Listed(
        namespace=metadata["namespace"],
        name=metadata["name"],
        phase=str(status.get("phase", "")),
        reason=str(status.get("reason", "")),
        risk=str(status.get("maxRisk", "")),
        approvals=str(approval.get("progress", "")),
        progress=str(status.get("progress", "")),
        created_at=instant.parse(metadata["creationTimestamp"]),
        expires_at=str(approval.get("expiresAt") or ""),
        authors=tuple(str(author) for author in approval.get("authors") or ()),
        description=str((content.get("spec") or {}).get("description") or ""),
    )
