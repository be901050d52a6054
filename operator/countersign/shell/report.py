"""Writes what the core decided: the previews first, so that whoever reads a digest finds what it stands for, then the status,
and only then goes what the status named before.

A status is one server-side apply that carries the resourceVersion of the plan it was derived from. So a stale writer is
refused, and entering Executing happens once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from countersign.api.names import PLAN, PLAN_PREVIEW, PLAN_UID, STATUS_MANAGER
from countersign.api.plan_status import PlanStatus
from countersign.api.preview import PlanPreviewSpec
from countersign.core.preview import preview_name
from countersign.core.snapshot import PlanObject
from countersign.errors import Conflict
from countersign.shell.client import ApiClient
from countersign.shell.leftovers import clear

_IDENTITY = ("planUid", "digest", "publication", "part", "parts")


@dataclass(frozen=True, slots=True)
class Reporter:
    """`observe` is told the plan, and its status before and after each write."""

    client: ApiClient
    observe: Callable[[PlanObject, PlanStatus, PlanStatus], None]

    async def write(
        self, plan: PlanObject, status: PlanStatus, *, recorded: PlanStatus, previews: tuple[PlanPreviewSpec, ...] = ()
    ) -> dict[str, Any] | None:
        """The plan as it is after the write; None when there was nothing to write."""
        for preview in previews:
            await self._publish(plan, preview)
        if status == recorded:
            return None
        metadata = {"name": plan.name, "namespace": plan.namespace, "resourceVersion": plan.resource_version}
        applied = await self.client.apply(
            PLAN,
            namespace=plan.namespace,
            name=plan.name,
            body={"metadata": metadata, "status": status.wire()},
            field_manager=STATUS_MANAGER,
            force=True,
            subresource="status",
        )
        self.observe(plan, recorded, status)
        if recorded.preview and recorded.preview != status.preview:
            await clear(plan, recorded.preview, client=self.client)
        return applied.content

    async def _publish(self, plan: PlanObject, preview: PlanPreviewSpec) -> None:
        owner = {
            "apiVersion": PLAN.api_version,
            "kind": PLAN.kind,
            "name": plan.name,
            "uid": plan.uid,
            "controller": True,
            "blockOwnerDeletion": False,
        }
        metadata = {
            "name": preview_name(plan, digest=preview.digest, part=preview.part),
            "namespace": plan.namespace,
            "labels": {PLAN_UID: plan.uid},
            "ownerReferences": [owner],
        }
        body = {"metadata": metadata, "spec": preview.wire()}
        try:
            await self.client.create(PLAN_PREVIEW, namespace=plan.namespace, body=body)
        except Conflict:
            await self._replace(plan, body)

    async def _replace(self, plan: PlanObject, body: dict[str, Any]) -> None:
        """An earlier turn wrote it and was interrupted, unless its name is that of another digest which begins alike.

        Whoever can edit a plan can look for two such digests, and the approvers would be shown the other one's diff.
        """
        name = body["metadata"]["name"]
        there = await self.client.get(PLAN_PREVIEW, namespace=plan.namespace, name=name)
        if all(there["spec"].get(key) == body["spec"][key] for key in _IDENTITY):
            return
        await self.client.delete(PLAN_PREVIEW, namespace=plan.namespace, name=name, uid=there["metadata"]["uid"])
        await self.client.create(PLAN_PREVIEW, namespace=plan.namespace, body=body)
