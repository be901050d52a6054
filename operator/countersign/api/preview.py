"""PlanPreview: the full diff behind one digest, for the approver's eyes. Written by the operator only, never changed.

It is derived from what the digest covers, never the reverse: values that are sensitive stand masked here and still count
in the digest.
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from countersign.api.plan_spec import ANY_JSON, RiskLevel
from countersign.api.plan_status import OperationName
from countersign.api.status_words import Digest, Name
from countersign.model.base import Recorded

MASK = "(hidden)"
MAX_PREVIEW_BYTES = 1024 * 1024
MAX_PART_BYTES = 512 * 1024


class PreviewedChange(Recorded):
    """One changed field. A value that is not there is left out; a sensitive one is masked."""

    path: Annotated[str, Field(max_length=1024)]
    change: Literal["added", "changed", "removed"]
    old: Annotated[Any, Field(json_schema_extra=ANY_JSON)] = None
    new: Annotated[Any, Field(json_schema_extra=ANY_JSON)] = None


class RiskReason(Recorded):
    """One reason for the risk of an action."""

    level: RiskLevel
    rule: Annotated[str, Field(max_length=128)]
    why: Annotated[str, Field(max_length=1024)]


class PreviewedEffect(Recorded):
    """One object that an action would write."""

    action: Annotated[str, Field(max_length=128)]
    type: Annotated[str, Field(max_length=128)]
    api_version: Annotated[str, Field(max_length=128)]
    kind: Annotated[str, Field(max_length=64)]
    name: Name
    operation: OperationName
    digest: Digest
    reasons: Annotated[list[RiskReason], Field(max_length=32)] = []
    """Why the action has its risk, the weightiest first."""
    warnings: Annotated[list[Annotated[str, Field(max_length=1024)]], Field(max_length=20)] = []
    changes: Annotated[list[PreviewedChange], Field(max_length=10_000)] = []


class PlanPreviewSpec(Recorded):
    """What the digest stands for."""

    plan: Name
    plan_uid: Annotated[str, Field(max_length=64)]
    digest: Digest
    publication: int
    part: int = 1
    """A large preview is split; parts are counted from 1."""
    parts: int = 1
    effects: Annotated[list[PreviewedEffect], Field(max_length=1000)] = []
