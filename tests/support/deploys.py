"""Deployments of agents, in which a test names only what matters to it, and the worlds that they meet."""

from dataclasses import replace
from typing import Any

from countersign.actions.base import Seen, World
from countersign.actions.deploy.params import DeployParams
from countersign.actions.deploy_execute import DeployExecute
from countersign.actions.draft_spec import DraftParams
from countersign.model.change import compare
from countersign.model.digest import canonical
from countersign.model.effect import (
    AGENT,
    CONFIG_MAP,
    DEPLOY_DRAFT,
    DEPLOYMENT,
    MODEL_PROVIDER,
    SERVICE_ACCOUNT,
    TOOL,
    Effect,
    ResourceKind,
)

Json = dict[str, Any]

ACTION = DeployExecute()
IMAGE = "example.com/agents/support@sha256:" + "a" * 64
FILES = {"agent.py": "print('hello')\n"}
KINDS = {
    kind.kind: kind for kind in (AGENT, CONFIG_MAP, DEPLOY_DRAFT, DEPLOYMENT, MODEL_PROVIDER, SERVICE_ACCOUNT, TOOL)
}
OURS = {
    "app.kubernetes.io/name": "support",
    "app.kubernetes.io/component": "agent",
    "app.kubernetes.io/managed-by": "countersign",
}


def deploy(**params: Any) -> DeployParams:
    """From an image, unless the test has another source."""
    sources = {"draft_id", "artifact_id", "image", "source_files"}
    source = {} if sources & params.keys() else {"image": IMAGE}
    return DeployParams.read(canonical({"agent_name": "support", **source, **params}))


def draft(**params: Any) -> DraftParams:
    return DraftParams.read(canonical({"id": "d", **params}))


def a_world(*bodies: Json, **rest: Any) -> World:
    """With these objects in it, told apart by kind and name."""
    world = World("team-a", plan="p", action="a", **rest)
    found = {world.at(KINDS[body["kind"]], body["metadata"]["name"]): body for body in bodies}
    return replace(world, objects=found)


def an_object(kind: ResourceKind, name: str, *, labels: Json | None = None, **fields: Any) -> Json:
    metadata = {"name": name, **({"labels": labels} if labels else {})}
    return {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": metadata, **fields}


def a_draft(version: int = 1, **spec: Any) -> Json:
    return an_object(DEPLOY_DRAFT, "d", spec={"version": version, "status": "IN_PROGRESS", **spec})


def a_tool(name: str = "orders", **spec: Any) -> Json:
    return an_object(TOOL, name, spec={"connection": {"baseUrl": f"https://{name}.example.com"}, **spec})


def a_provider(name: str = "openai", **spec: Any) -> Json:
    wanted = {"provider": "openai", "endpoint": "https://api.openai.example.com/v1", "models": ["m-1", "m-2"]}
    return an_object(MODEL_PROVIDER, name, spec={**wanted, **spec})


def an_artifact(name: str = "built", *, label: bool = True, **data: str) -> Json:
    labels = {"countersign.dev/artifact": "true"} if label else {}
    return an_object(CONFIG_MAP, name, labels=labels, data=data)


def compiled(params: DeployParams, world: World | None = None) -> dict[str, Effect]:
    """The effects by kind, or by kind and name where there are several of a kind."""
    effects = ACTION.compile(params, world or a_world())
    names = [effect.target.kind.kind for effect in effects]
    return {
        name if names.count(name) == 1 else f"{name}/{effect.target.name}": effect
        for name, effect in zip(names, effects, strict=True)
    }


def manifest(effect: Effect) -> Json:
    """The object as it would be sent."""
    target = effect.target
    metadata = {**effect.fields.get("metadata", {}), "name": target.name, "namespace": target.namespace}
    return {"apiVersion": target.kind.api_version, "kind": target.kind.kind, **effect.fields, "metadata": metadata}


def after(world: World, effects: tuple[Effect, ...]) -> World:
    """The world when the effects were applied."""
    return replace(world, objects={**world.objects, **{effect.target: manifest(effect) for effect in effects}})


def seen(effects: tuple[Effect, ...], world: World) -> tuple[Seen, ...]:
    """As dry runs would show the effects on what is there."""
    found = []
    for effect in effects:
        live, result = world.objects.get(effect.target), manifest(effect)
        found.append(Seen(effect=effect, live=live, result=result, changes=compare(live, result, desired=result)))
    return tuple(found)
