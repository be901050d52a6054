"""The objects of an agent, complete, in the order in which they are applied: what is named comes before what names it."""

from dataclasses import replace
from typing import Any

from countersign.actions.agent_spec import AgentSpec, PolicyBindingSpec, PolicyRef, Subject, ToolName
from countersign.actions.base import World
from countersign.actions.deploy.environment import environment, provider_type
from countersign.actions.deploy.naming import account, binding, labels, selector
from countersign.actions.deploy.params import DeployParams
from countersign.actions.deploy.pod import pod
from countersign.actions.deploy.requirements import are_hashed
from countersign.actions.deploy.wanted import Wanted, wanted
from countersign.actions.draft_merge import changed
from countersign.actions.draft_spec import DraftStatus
from countersign.actions.tool_effect import SENSITIVE, tool_fields
from countersign.actions.tool_spec import ToolParams
from countersign.model.digest import sha256
from countersign.model.effect import (
    AGENT,
    CONFIG_MAP,
    DEPLOY_DRAFT,
    DEPLOYMENT,
    POLICY_BINDING,
    SERVICE,
    SERVICE_ACCOUNT,
    TOOL,
    Apply,
    Effect,
    ResourceKind,
)
from countersign.model.path import Part

KINDS = (TOOL, SERVICE_ACCOUNT, CONFIG_MAP, POLICY_BINDING, SERVICE, DEPLOYMENT, AGENT, DEPLOY_DRAFT)

# What somebody gives an agent as a variable may be anything, a customer number or the name of a person included.
_VARIABLES: tuple[tuple[Part, ...], ...] = (("spec", "template", "spec", "containers", "*", "env", "*", "value"),)

Json = dict[str, Any]


def objects(params: DeployParams, world: World) -> tuple[Effect, ...]:
    """Nothing, when there is nothing to run: then a finding has said so."""
    agent = wanted(params, world)
    if not agent.image:
        return ()
    contents = config_maps(agent, world)
    source, settings = contents[0].target.name, contents[-1].target.name
    return (
        *(_tool(agent, world, tool) for tool in agent.created),
        _labelled(agent, world, SERVICE_ACCOUNT, account(agent.agent), automountServiceAccountToken=False),
        *contents,
        *_bindings(agent, world),
        _labelled(agent, world, SERVICE, account(agent.agent), spec=_service(agent)),
        _deployment(agent, world, environment=settings, source=source),
        _labelled(agent, world, AGENT, agent.agent, spec=_agent(params, agent, world, source=source)),
        *_completed(params, agent, world),
    )


def _labelled(agent: Wanted, world: World, kind: ResourceKind, name: str, **fields: Any) -> Effect:
    return Apply(world.at(kind, name), {"metadata": {"labels": labels(agent.agent)}, **fields})


def config_maps(agent: Wanted, world: World) -> tuple[Effect, ...]:
    """The files, if there are any, and the variables. What their names are follows from what is in them."""
    contents = (("source", _keyed(agent)), ("env", environment(agent, world)))
    return tuple(
        _labelled(agent, world, CONFIG_MAP, f"{account(agent.agent)}-{what}-{_short(data)}", immutable=True, data=data)
        for what, data in contents
        if data
    )


def _tool(agent: Wanted, world: World, tool: ToolParams) -> Effect:
    return replace(_labelled(agent, world, TOOL, tool.name, spec=tool_fields(tool)), sensitive=SENSITIVE)


def _keyed(agent: Wanted) -> dict[str, str]:
    """The files under keys that a ConfigMap can have; folders come back when they are mounted."""
    keys = _keys(agent)
    return {keys[name]: text for name, text in agent.files.items()}


def _keys(agent: Wanted) -> dict[str, str]:
    """A number keeps files of one name apart: `a/b.py` is `0.b.py`."""
    return {name: f"{index}.{name.rpartition('/')[2]}" for index, name in enumerate(sorted(agent.files))}


def _short(content: Json) -> str:
    """Other content has another name, so nobody can alter what pods were approved with."""
    return sha256(content).removeprefix("sha256:")[:16]


def _bindings(agent: Wanted, world: World) -> list[Effect]:
    """One for each policy, also for those that bound the agent once and now bind nobody."""
    bound = (Subject(name=account(agent.agent), namespace=world.namespace),)
    every = [(name, bound) for name in agent.policies] + [(name, ()) for name in agent.former_policies]
    return [
        _labelled(
            agent,
            world,
            POLICY_BINDING,
            binding(agent.agent, policy),
            spec=PolicyBindingSpec(policy_ref=PolicyRef(name=policy), subjects=subjects).wire(),
        )
        for policy, subjects in sorted(every)
    ]


def _service(agent: Wanted) -> Json:
    return {
        "selector": selector(agent.agent),
        "ports": [{"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP"}],
    }


def _deployment(agent: Wanted, world: World, *, environment: str, source: str) -> Effect:
    """Without a number of replicas: how many there are is an autoscaler's business, or the server's default of one."""
    template = {
        "metadata": {"labels": labels(agent.agent)},
        "spec": pod(agent, environment=environment, source=source, keys=_keys(agent)),
    }
    return Apply(
        world.at(DEPLOYMENT, account(agent.agent)),
        {
            "metadata": {"labels": labels(agent.agent)},
            "spec": {"selector": {"matchLabels": selector(agent.agent)}, "template": template},
        },
        sensitive=_VARIABLES,
    )


def _agent(params: DeployParams, agent: Wanted, world: World, *, source: str) -> Json:
    models = tuple(
        model.model_copy(update={"provider": provider_type(model.model_provider, world) or None})
        for model in agent.models
    )
    return AgentSpec(
        image=agent.image,
        service_account_name=account(agent.agent),
        source_config_map=source if agent.files else None,
        entry_point=agent.entry_point or None,
        framework=agent.framework,
        hashed_requirements=are_hashed(agent.requirements) if agent.requirements else None,
        system_prompt=agent.system_prompt,
        required_tools=tuple(ToolName(name=name) for name in agent.tools),
        llm_configs=models,
        policies=agent.policies,
        former_policies=agent.former_policies,
        access_mode=agent.access_mode,
        identity_provider=agent.identity_provider,
        draft=params.draft_id,
        user_id=agent.user_id,
    ).wire()


def _completed(params: DeployParams, agent: Wanted, world: World) -> list[Effect]:
    if agent.draft is None or params.draft_id is None:
        return []
    content = changed(agent.draft, {"status": DraftStatus.COMPLETED.value})
    return [Apply(world.at(DEPLOY_DRAFT, params.draft_id), {"spec": content})]
