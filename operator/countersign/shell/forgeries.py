"""Forgeries that the guard tries by dry run, to prove that each admission policy bites right now.

Each is a request that the canary (or the executor without its extra) has every right to make, so that it is the policy and
nothing else that refuses or corrects it. Nothing is stored.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from countersign.api.admission_decisions import DRILL_DELETE
from countersign.api.install import Install
from countersign.api.names import AUTHORS, DECISION, DRILL, PLAN, PLAN_PREVIEW
from countersign.errors import ClusterError, Unavailable
from countersign.model.effect import TOOL, ResourceKind
from countersign.shell.actor import Actor, executor
from countersign.shell.client import ApiClient

Forgery = Callable[[ApiClient, Install], Awaitable[str]]
_NAME = "guard-forgery"
_SPEC = {"actions": [{"type": "tool.upsert", "idempotencyKey": "guard.forgery"}]}


async def stamped(client: ApiClient, install: Install) -> str:
    """A plan created with a forged decision and a forged author has to come back with neither."""
    annotations = {DECISION: '{"n":"1"}', AUTHORS: '"somebody else"'}
    actor = _canary(install)
    try:
        made = await _create(client, PLAN, install, _plan(annotations), actor)
    except Unavailable:
        raise
    except ClusterError as error:
        return f"the stamping policy could not be tried: {error.message}"
    kept = made["metadata"].get("annotations") or {}
    if DECISION in kept or kept.get(AUTHORS) != json.dumps(actor.user):
        return "a forged decision and author passed the stamping policy"
    return ""


async def decided(client: ApiClient, install: Install) -> str:
    return await _refused(
        client, PLAN, install, _plan({DRILL: "yes"}), _canary(install), policy="countersign-decisions"
    )


async def deleted(client: ApiClient, install: Install) -> str:
    drill = _plan({DRILL: DRILL_DELETE})
    return await _refused(client, PLAN, install, drill, _canary(install), policy="countersign-delete")


async def previewed(client: ApiClient, install: Install) -> str:
    spec = {"plan": _NAME, "planUid": "none", "digest": "none", "publication": 1}
    body = {"metadata": {"name": _NAME}, "spec": spec}
    return await _refused(client, PLAN_PREVIEW, install, body, _canary(install), policy="countersign-status")


async def executed(client: ApiClient, install: Install) -> str:
    actor = Actor(user=executor(install.namespace, install.executors[0]))
    body = {"metadata": {"name": _NAME}, "spec": {"connection": {"baseUrl": "https://example.com"}}}
    return await _refused(client, TOOL, install, body, actor, policy="countersign-executor")


FORGERIES: tuple[Forgery, ...] = (stamped, decided, deleted, previewed, executed)


def _canary(install: Install) -> Actor:
    return Actor(user=executor(install.namespace, install.canary))


def _plan(annotations: dict[str, str]) -> dict[str, Any]:
    return {"metadata": {"name": _NAME, "annotations": annotations}, "spec": _SPEC}


async def _create(
    client: ApiClient, kind: ResourceKind, install: Install, body: dict[str, Any], actor: Actor
) -> dict[str, Any]:
    return await client.create(kind, namespace=install.namespace, body=body, dry_run=True, acting_as=actor)


async def _refused(
    client: ApiClient, kind: ResourceKind, install: Install, body: dict[str, Any], actor: Actor, *, policy: str
) -> str:
    """Empty when the policy itself refused; a refusal by anything else proves nothing."""
    try:
        await _create(client, kind, install, body, actor)
    except Unavailable:
        raise
    except ClusterError as error:
        named = f"ValidatingAdmissionPolicy '{policy}'"
        return "" if named in error.message else f"policy {policy} could not be tried: {error.message}"
    return f"a forgery passed policy {policy}"
