"""What a deployment has to look up, and what it refers to. Both follow drafts, so they are asked again when one was read."""

from collections.abc import Iterator

from countersign.actions.agent_spec import LlmConfig
from countersign.actions.base import Reference, World
from countersign.actions.deploy.naming import account, binding
from countersign.actions.deploy.objects import config_maps
from countersign.actions.deploy.params import DeployParams
from countersign.actions.deploy.wanted import Wanted, artifact_of, wanted
from countersign.model.effect import (
    AGENT,
    CONFIG_MAP,
    DEPLOY_DRAFT,
    DEPLOYMENT,
    MODEL_PROVIDER,
    POLICY,
    POLICY_BINDING,
    SERVICE,
    SERVICE_ACCOUNT,
    TOOL,
    Target,
)
from countersign.model.path import Part


def reads(params: DeployParams, world: World) -> Iterator[Target]:
    """What it is made from, and everything that might already have one of its names.

    Its ConfigMaps are named by what is in them, so their names are known only when all of that was looked up.
    """
    sources = tuple(_sources(params, world))
    yield from sources
    if all(target in world.objects for target in sources):
        yield from (effect.target for effect in config_maps(wanted(params, world), world))


def _sources(params: DeployParams, world: World) -> Iterator[Target]:
    agent = wanted(params, world)
    if params.draft_id:
        yield world.at(DEPLOY_DRAFT, params.draft_id)
    if artifact := artifact_of(params, agent.draft):
        yield world.at(CONFIG_MAP, artifact)
    yield world.at(AGENT, agent.agent)
    yield from (world.at(kind, account(agent.agent)) for kind in (SERVICE_ACCOUNT, SERVICE, DEPLOYMENT))
    yield from (world.at(POLICY_BINDING, binding(agent.agent, name)) for name in _policies(agent))
    yield from (world.at(TOOL, name) for name in agent.tools)
    yield from (world.at(MODEL_PROVIDER, name) for name in sorted({model.model_provider for model in agent.models}))


def references(params: DeployParams, world: World) -> Iterator[Reference]:
    """Each with the place in the params that names it; what a draft names is named by `draft_id`."""
    agent = wanted(params, world)
    if params.draft_id:
        yield Reference(DEPLOY_DRAFT, params.draft_id, ("draft_id",))
    if artifact := artifact_of(params, agent.draft):
        yield Reference(CONFIG_MAP, artifact, ("artifact_id",) if params.artifact_id else ("draft_id",))
    made = {tool.name for tool in agent.created}
    for name in agent.tools:
        if name not in made:
            yield Reference(TOOL, name, _tool_place(params, name))
    for index, model in enumerate(agent.models):
        yield Reference(MODEL_PROVIDER, model.model_provider, _model_place(params, model, index))
    for name in agent.policies:
        listed = params.policies or ()
        yield Reference(POLICY, name, ("policies", listed.index(name)) if name in listed else ("draft_id",))


def _policies(agent: Wanted) -> tuple[str, ...]:
    return tuple(sorted({*agent.policies, *agent.former_policies}))


def _tool_place(params: DeployParams, name: str) -> tuple[Part, ...]:
    listed = params.required_tools or ()
    if name in listed:
        return ("required_tools", listed.index(name))
    urls = [url for url, tool in (params.tool_url_mappings or {}).items() if tool == name]
    return ("tool_url_mappings", urls[0]) if urls else ("draft_id",)


def _model_place(params: DeployParams, model: LlmConfig, index: int) -> tuple[Part, ...]:
    if params.llm_configs is None:
        return ("draft_id",)
    field = "model_provider" if params.llm_configs[index].model_provider == model.model_provider else "provider"
    return ("llm_configs", index, field)
