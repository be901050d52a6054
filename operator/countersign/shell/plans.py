"""From the Plan as the API server sends it to the core's PlanObject, and the size limit on the way into the cache."""

import json
from collections.abc import Mapping
from typing import Any

from countersign.api.plan_spec import MAX_SPEC_BYTES
from countersign.api.plan_status import PlanStatus
from countersign.core.snapshot import PlanObject
from countersign.model import instant

_SIZE = "specBytes"


def bounded(content: Mapping[str, Any]) -> dict[str, Any]:
    """Of an oversized spec nothing is kept but its size, so that it cannot fill the memory of the operator."""
    text = json.dumps(content.get("spec", {}), separators=(",", ":"), ensure_ascii=False)
    size = len(text.encode(errors="surrogatepass"))
    return {**content, "spec": {} if size > MAX_SPEC_BYTES else content.get("spec", {}), _SIZE: size}


def plan_object(content: Mapping[str, Any], *, distrusted: bool = False) -> PlanObject:
    metadata = content["metadata"]
    return PlanObject(
        namespace=metadata["namespace"],
        name=metadata["name"],
        uid=metadata["uid"],
        resource_version=metadata["resourceVersion"],
        generation=metadata["generation"],
        created_at=instant.parse(metadata["creationTimestamp"]),
        spec=content.get("spec", {}),
        spec_bytes=content.get(_SIZE, 0),
        status=PlanStatus.model_validate(content.get("status", {})),
        annotations=metadata.get("annotations") or {},
        deleting="deletionTimestamp" in metadata,
        distrusted=distrusted,
    )
