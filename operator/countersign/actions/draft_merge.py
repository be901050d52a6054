"""What becomes of a draft: a patch merged into what is there, and a version that counts real changes only.

Both types that write drafts go through `changed`. It is a fixed point: applied to its own result it gives the same again, so
a repeated plan changes nothing and keeps its digest.
"""

from collections.abc import Mapping
from typing import Any

from countersign.actions.draft_spec import DraftSpec, DraftStatus
from countersign.model.merge import merge

_FIRST: Mapping[str, Any] = {"status": DraftStatus.IN_PROGRESS.value}


def changed(draft: DraftSpec | None, patch: Mapping[str, Any]) -> dict[str, Any]:
    """The complete content after the patch; None stands for a draft that does not exist yet."""
    if draft is None:
        return {**merge(_FIRST, patch), "version": 1}
    before = draft.written()
    after = merge(before, patch)
    return after if after == before else {**after, "version": draft.version + 1}
