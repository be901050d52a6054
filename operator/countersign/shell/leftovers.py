"""Removes what nobody can be shown any more: the previews of a digest that a plan no longer has, and that never comes back.

A removal that fails fails nothing else: what is left has the plan as its owner and goes with it.
"""

import structlog

from countersign.api.names import PLAN_PREVIEW
from countersign.core.preview import part_name
from countersign.core.snapshot import PlanObject
from countersign.errors import ClusterError, NotFound
from countersign.shell.client import ApiClient

log = structlog.get_logger()


async def clear(plan: PlanObject, preview: str, *, client: ApiClient) -> None:
    """`preview` is the name of the first part, which says how many there are."""
    try:
        first = await client.get(PLAN_PREVIEW, namespace=plan.namespace, name=preview)
        if first["spec"]["planUid"] != plan.uid:
            return
        for part in range(1, first["spec"]["parts"] + 1):
            await client.delete(PLAN_PREVIEW, namespace=plan.namespace, name=part_name(preview, part))
    except NotFound:
        return
    except ClusterError as error:
        log.warning("old preview is still there", plan=f"{plan.namespace}/{plan.name}", detail=type(error).__name__)
