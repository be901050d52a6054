"""Plans as the API server shows them to the command line, in which a test names only what matters to it."""

from typing import Any

from countersign.api.names import PLAN, PLAN_PREVIEW
from countersign.cli.cluster import Json
from countersign.core.preview import preview_name
from countersign.shell.plans import plan_object

DIGEST = "sha256:" + "a" * 64
UID = "11111111-2222-3333-4444-555555555555"
TOOL = {"name": "payments-api", "spec": {"connection": {"baseUrl": "https://payments.example.com"}}}


def an_action(**rest: Any) -> Json:
    return {"id": "tool-1", "type": "tool.upsert", "idempotencyKey": "payments.v1", "params": TOOL, **rest}


def a_manifest(name: str = "payments", *, actions: list[Json] | None = None, **spec: Any) -> Json:
    """As its author writes it."""
    return {
        "apiVersion": PLAN.api_version,
        "kind": PLAN.kind,
        "metadata": {"name": name},
        "spec": {"actions": actions or [an_action()], **spec},
    }


def an_entry(**rest: Any) -> Json:
    """An action in status."""
    return {
        "id": "tool-1",
        "type": "tool.upsert",
        "status": "pending",
        "risk": "high",
        "idempotencyKey": "payments.v1",
        "resourceRefs": ["tools.countersign.dev/payments-api"],
        "operation": "created",
        "changes": 2,
        **rest,
    }


def a_decision(**rest: Any) -> Json:
    decision = {"n": "7", "outcome": "approve", "by": "ann", "groups": ["approvers"], "digest": DIGEST}
    return {**decision, "comment": "", "at": "2026-01-01T12:05:00Z", "counts": True, "why": "", **rest}


def an_approval(**rest: Any) -> Json:
    approval = {"gate": "humanInTheLoop", "required": 1, "approved": 0, "progress": "0/1", "authors": ["pat"]}
    return {**approval, "expiresAt": "2026-01-02T12:00:00Z", **rest}


def waiting(**rest: Any) -> Json:
    """The status of a plan that waits for approval."""
    return {
        "observedGeneration": 1,
        "phase": "Draft",
        "reason": "AwaitingApproval",
        "message": "high risk, 1 approval is missing",
        "digest": DIGEST,
        "publication": 1,
        "maxRisk": "high",
        "validation": {"valid": True},
        "approval": an_approval(),
        "actions": [an_entry()],
        "progress": "0/1",
        **rest,
    }


def executed(**rest: Any) -> Json:
    return waiting(
        phase="Executed",
        reason="Succeeded",
        message="1 created",
        approval=an_approval(approved=1, progress="1/1", counted=["ann"], decisions=[a_decision()], recorded="7"),
        actions=[an_entry(status="applied")],
        progress="1/1",
        outcome={
            "entitiesAffected": 1,
            "summary": "1 created",
            "details": {"created": ["tools.countersign.dev/payments-api"], "failed": []},
        },
        **rest,
    )


def invalid(**rest: Any) -> Json:
    path = "spec.actions[0].params.spec.connection.baseUrl"
    error = {
        "stage": 1,
        "code": "Structural.UnsafeAddress",
        "severity": "error",
        "action": "tool-1",
        "path": path,
        "message": "baseUrl is plain http; use https",
    }
    status = {
        "observedGeneration": 1,
        "phase": "Draft",
        "reason": "Invalid",
        "message": f"{path}: {error['message']}",
        "validation": {"valid": False, "diagnostics": [error]},
        "actions": [an_entry(status="invalid", reason="UnsafeAddress", risk=None, operation=None, changes=0)],
        "progress": "0/1",
    }
    return {**status, **rest}


def a_plan(name: str = "payments", *, status: Json | None = None, namespace: str = "default", **spec: Any) -> Json:
    metadata = {
        "name": name,
        "namespace": namespace,
        "uid": UID,
        "resourceVersion": "7",
        "generation": 1,
        "creationTimestamp": "2026-01-01T12:00:00Z",
    }
    status = waiting() if status is None else status
    preview = {"preview": f"{name}-{DIGEST[7:47]}"} if status.get("digest") == DIGEST else {}
    return {**a_manifest(name, **spec), "metadata": metadata, "status": {**preview, **status}}


def a_change(path: str = "spec.connection.baseUrl", change: str = "added", **values: Any) -> Json:
    return {"path": path, "change": change, **(values or {"new": "https://payments.example.com"})}


def an_effect(*changes: Json, **rest: Any) -> Json:
    effect = {"action": "tool-1", "type": "tool.upsert", "apiVersion": PLAN.api_version, "kind": "Tool"}
    named = {"name": "payments-api", "operation": "created", "digest": DIGEST, "warnings": []}
    return {**effect, **named, "changes": list(changes or [a_change()]), **rest}


def a_preview(name: str = "payments", *effects: Json, part: int = 1, parts: int = 1, **spec: Any) -> Json:
    wanted = {"plan": name, "planUid": UID, "digest": DIGEST, "publication": 1, "part": part, "parts": parts}
    return {
        "apiVersion": PLAN_PREVIEW.api_version,
        "kind": PLAN_PREVIEW.kind,
        "metadata": {
            "name": preview_name(plan_object(a_plan(name)), digest=DIGEST, part=part),
            "namespace": "default",
        },
        "spec": {**wanted, "effects": list(effects or [an_effect()]), **spec},
    }
