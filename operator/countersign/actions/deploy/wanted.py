"""The agent that is wanted: the params joined with the draft they name and the files they deploy.

Takes params and world, gives one value that has no two sources any more. What is missing in the world is missing here;
`findings` says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from countersign.actions.agent_spec import LlmConfig, read_agent
from countersign.actions.base import World
from countersign.actions.deploy.created import created
from countersign.actions.deploy.naming import ARTIFACT
from countersign.actions.deploy.params import DeployParams, ModelChoice, Variable
from countersign.actions.draft_spec import AccessMode, AgentConfig, DraftSpec, DraftStatus, read_draft
from countersign.actions.tool_spec import ToolParams
from countersign.model.effect import AGENT, CONFIG_MAP, DEPLOY_DRAFT

REQUIREMENTS = "requirements.txt"
_USUAL = ("main.py", "agent.py")


@dataclass(frozen=True, slots=True)
class Wanted:
    """`image` is empty when there is nothing to run; `files` is empty when the image brings its own."""

    agent: str
    image: str
    files: Mapping[str, str] = field(hash=False)
    entry_point: str
    tools: tuple[str, ...]
    created: tuple[ToolParams, ...]
    routes: Mapping[str, str] = field(hash=False)
    models: tuple[LlmConfig, ...]
    policies: tuple[str, ...]
    former_policies: tuple[str, ...]
    env: tuple[Variable, ...]
    system_prompt: str | None = None
    framework: str | None = None
    identity_provider: str | None = None
    access_mode: AccessMode | None = None
    user_id: str | None = None
    draft: DraftSpec | None = None

    @property
    def requirements(self) -> str:
        return self.files.get(REQUIREMENTS, "")


def wanted(params: DeployParams, world: World) -> Wanted:
    draft = draft_of(params, world)
    joined = draft or DraftSpec(version=1)
    config = joined.agent_config or AgentConfig()
    files = _files(params, joined, world)
    image = _image(params, draft, world, files=files)
    made = created(params)
    routes = _either(params.tool_url_mappings, _kept(joined.tool_mappings))
    policies = _once(_either(params.policies, joined.policies or ()))
    return Wanted(
        agent=params.agent_name,
        image=image,
        files=files,
        entry_point=entry_point(params, files),
        tools=_tools(params, joined, routes, made),
        created=made,
        routes=routes,
        models=_models(params, joined),
        policies=policies,
        former_policies=_former(params, world, policies),
        env=params.env,
        system_prompt=_either(params.system_prompt, config.system_prompt),
        framework=params.framework,
        identity_provider=_either(params.identity_provider, config.identity_provider),
        access_mode=config.access_mode,
        user_id=_either(params.user_id, joined.user_id),
        draft=draft,
    )


def draft_of(params: DeployParams, world: World) -> DraftSpec | None:
    """None when none is named, or when it is not there."""
    return read_draft(world.find(DEPLOY_DRAFT, params.draft_id)) if params.draft_id else None


def artifact_of(params: DeployParams, draft: DraftSpec | None) -> str:
    """Name of the ConfigMap that the files come from; empty when they do not."""
    config = (draft and draft.agent_config) or AgentConfig()
    return params.artifact_id or ("" if config.use_custom_image else (draft and draft.artifact_id)) or ""


def is_artifact(body: Mapping[str, Any]) -> bool:
    """No ConfigMap becomes code that was not meant to."""
    return ARTIFACT in ((body.get("metadata") or {}).get("labels") or {})


def is_over(draft: DraftSpec) -> bool:
    return draft.status is DraftStatus.ABANDONED


def entry_point(params: DeployParams, files: Mapping[str, str]) -> str:
    """The file that is run; empty when there is none, or when nobody can tell which."""
    if params.entry_point:
        return params.entry_point
    programs = [name for name in sorted(files) if name.endswith(".py")]
    usual = [name for name in _USUAL if name in programs]
    return programs[0] if len(programs) == 1 else next(iter(usual), "")


def _files(params: DeployParams, draft: DraftSpec, world: World) -> dict[str, str]:
    own = params.source_files or _data(artifact_of(params, draft), world)
    return {**own, REQUIREMENTS: params.requirements} if own and params.requirements else dict(own)


def _data(artifact: str, world: World) -> Mapping[str, str]:
    body = world.find(CONFIG_MAP, artifact) if artifact else None
    return body.get("data") or {} if body and is_artifact(body) else {}


def _image(params: DeployParams, draft: DraftSpec | None, world: World, *, files: Mapping[str, str]) -> str:
    if files:
        return world.installation.runtime_image
    config = (draft and draft.agent_config) or AgentConfig()
    return params.image or (config.use_custom_image and config.custom_image) or ""


def _tools(
    params: DeployParams, draft: DraftSpec, routes: Mapping[str, str], made: tuple[ToolParams, ...]
) -> tuple[str, ...]:
    named = _either(params.required_tools, draft.required_tool_names or ())
    return tuple(sorted({*named, *routes.values(), *(tool.name for tool in made)}))


def _models(params: DeployParams, draft: DraftSpec) -> tuple[LlmConfig, ...]:
    if params.llm_configs is not None:
        return tuple(_chosen(choice) for choice in params.llm_configs if choice.named)
    return tuple(
        LlmConfig(role=role, model_provider=one.provider, model=one.model, monthly_budget_usd=one.monthly_budget_usd)
        for role, one in sorted((draft.model_mappings or {}).items())
        if one is not None
    )


def _chosen(choice: ModelChoice) -> LlmConfig:
    return LlmConfig(
        role=choice.role.value,
        model_provider=choice.named,
        model=choice.model,
        monthly_budget_usd=choice.monthly_budget_usd,
    )


def _former(params: DeployParams, world: World, policies: tuple[str, ...]) -> tuple[str, ...]:
    """Whatever was ever bound and is not now: an action deletes nothing, so a binding is emptied instead."""
    there = read_agent(world.find(AGENT, params.agent_name))
    once = {*there.policies, *there.former_policies} if there else set()
    return tuple(sorted(once - set(policies)))


def _either(own: Any, drafts: Any) -> Any:
    """The action wins over its draft, also with something empty."""
    return drafts if own is None else own


def _kept(mapping: Mapping[str, str | None] | None) -> dict[str, str]:
    return {key: value for key, value in (mapping or {}).items() if value}


def _once(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))
