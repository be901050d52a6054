"""Objects as they rest in the cache: compressed JSON, a tenth of what the dictionaries would need that it is unpacked to.

Made by `cache` and by the sweep, which packs each page of a list before it asks for the next. What is asked for often, or of all
objects at once, stays in the open.
"""

import json
import sys
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from countersign.api.names import PLAN_UID
from countersign.shell.key import Key, key_of

_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_FAST = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """`text` holds everything but the version, so equal texts are equal contents. Empty is what the object does not say."""

    key: Key
    uid: str
    version: str
    generation: int
    plan: str
    """The uid of the plan whose label it carries."""
    phase: str
    reason: str
    text: bytes

    def unpack(self) -> dict[str, Any]:
        """A copy for whoever asks."""
        content: dict[str, Any] = json.loads(zlib.decompress(self.text))
        if self.version:
            content["metadata"]["resourceVersion"] = self.version
        return content


def pack(content: Mapping[str, Any]) -> Packed:
    """Without what nobody reads and makes up half of most objects."""
    metadata, status = content["metadata"], content.get("status") or {}
    return Packed(
        key=key_of(content),
        uid=str(metadata.get("uid", "")),
        version=str(metadata.get("resourceVersion", "")),
        generation=int(metadata.get("generation", 0)),
        plan=str((metadata.get("labels") or {}).get(PLAN_UID, "")),
        phase=sys.intern(str(status.get("phase", ""))),
        reason=sys.intern(str(status.get("reason", ""))),
        text=zlib.compress(json.dumps(_essence(content), sort_keys=True, separators=(",", ":")).encode(), _FAST),
    )


def _essence(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content but for its version, which also moves for changes of what is trimmed away."""
    left = {"managedFields", "annotations", "resourceVersion"}
    metadata = {key: value for key, value in content["metadata"].items() if key not in left}
    annotations = content["metadata"].get("annotations") or {}
    kept = {key: value for key, value in annotations.items() if key != _LAST_APPLIED}
    return {**content, "metadata": {**metadata, "annotations": kept} if kept else metadata}
