"""Whether the admission policies bite yet, which is only some moments after they were applied, and whether the operator works.

Asked by `countersign up` and by the tests before anybody is told that everything is ready; the operator's guard asks for itself.
"""

import http.client

from countersign.api.names import DECISION, DRILL, PLAN, PLAN_PREVIEW
from countersign.dev.rest import Rest
from countersign.errors import ClusterError

_PATIENCE = 5.0
_PLACE = f"/apis/{PLAN.api_version}/namespaces/default"
_SPEC: dict[str, object] = {"actions": [{"type": "tool.upsert", "idempotencyKey": "ready"}]}
_PREVIEW: dict[str, object] = {"plan": "ready", "planUid": "none", "digest": "none", "publication": 1}


def policies_bite(rest: Rest) -> bool:
    """A forged decision is taken away, and what must be refused is refused."""
    return (
        _is_stamped(rest)
        and _is_refused(rest, PLAN.plural, PLAN.kind, spec=_SPEC, annotations={DRILL: "yes"})
        and _is_refused(rest, PLAN_PREVIEW.plural, PLAN_PREVIEW.kind, spec=_PREVIEW)
    )


def operator_works(address: str) -> bool:
    """By its own account: it has seen everything, and found the policies standing."""
    return _answer(address, "/readyz") is not None and b"countersign_guard_ok 1.0" in (
        _answer(address, "/metrics") or b""
    )


def _answer(address: str, path: str) -> bytes | None:
    """None unless the answer is 200."""
    connection = http.client.HTTPConnection(address, timeout=_PATIENCE)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.read() if response.status == http.client.OK else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _is_stamped(rest: Rest) -> bool:
    body = _object(PLAN.kind, spec=_SPEC, annotations={DECISION: "forged"})
    try:
        made = rest.create(f"{_PLACE}/{PLAN.plural}?dryRun=All", body)
    except ClusterError:
        return False
    return DECISION not in made["metadata"].get("annotations", {})


def _is_refused(
    rest: Rest, plural: str, kind: str, *, spec: dict[str, object], annotations: dict[str, str] | None = None
) -> bool:
    try:
        rest.create(f"{_PLACE}/{plural}?dryRun=All", _object(kind, spec=spec, annotations=annotations or {}))
    except ClusterError as error:
        return "ValidatingAdmissionPolicy" in error.message
    return False


def _object(kind: str, *, spec: dict[str, object], annotations: dict[str, str]) -> dict[str, object]:
    metadata = {"name": "ready", "namespace": "default", "annotations": annotations}
    return {"apiVersion": PLAN.api_version, "kind": kind, "metadata": metadata, "spec": spec}
