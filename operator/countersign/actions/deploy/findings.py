"""What is wrong with a deployment in the world it meets: sources that deploy nothing, models that do not exist, other people's
objects under the agent's names, pods and objects that Kubernetes would not take.

What is simply not there is said by the stage References, from `references`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from countersign.actions.agent_spec import MAX_FORMER
from countersign.actions.base import Issue, World
from countersign.actions.deploy.environment import provider, provider_type
from countersign.actions.deploy.naming import ARTIFACT, belongs
from countersign.actions.deploy.objects import objects
from countersign.actions.deploy.params import DeployParams
from countersign.actions.deploy.wanted import Wanted, artifact_of, is_artifact, is_over, wanted
from countersign.actions.draft_spec import AccessMode
from countersign.model.digest import canonical
from countersign.model.effect import (
    CONFIG_MAP,
    DEPLOYMENT,
    POLICY_BINDING,
    SERVICE,
    SERVICE_ACCOUNT,
    TOOL,
    Effect,
)
from countersign.model.finding import Code
from countersign.model.pod_security import violations

_OWNED = (SERVICE_ACCOUNT, DEPLOYMENT, SERVICE, POLICY_BINDING, TOOL)
_LARGEST_OBJECT = 1_000_000
"""etcd takes 1.5 MiB and a ConfigMap 1 MiB of data; some of it is metadata."""
_LARGEST_VARIABLE = 131_000
"""Linux passes 128 KiB of one variable on, its name included."""


def findings(params: DeployParams, world: World) -> Iterator[Issue]:
    agent = wanted(params, world)
    if len(agent.former_policies) > MAX_FORMER:
        # Such an Agent cannot even be written down, so there are no objects to look at.
        message = (
            f"the agent had more than {MAX_FORMER} policies over time, and none is forgotten: use another agent_name"
        )
        yield Issue(Code.UNUSABLE, ("policies",), message)
        return
    effects = objects(params, world)
    yield from _namespace(params, world)
    yield from _draft(params, agent)
    yield from _source(params, agent, world)
    yield from _models(params, agent, world)
    yield from _access(agent)
    yield from _others(params, effects, world)
    yield from unacceptable(effects)


def unacceptable(effects: tuple[Effect, ...]) -> Iterator[Issue]:
    """What Kubernetes would refuse later, or only warn about: judged on the very objects that are applied."""
    for effect in effects:
        if effect.target.kind is DEPLOYMENT:
            for violation in violations(effect.fields["spec"]["template"]["spec"]):
                message = f"the pods would not meet Pod Security restricted: {violation}"
                yield Issue(Code.INSECURE_POD, (), message)
        if len(canonical(dict(effect.fields))) > _LARGEST_OBJECT:
            message = f"{effect.target} would be larger than Kubernetes stores: use fewer or smaller files and tools"
            yield Issue(Code.OBJECT_TOO_LARGE, (), message)
        yield from _long_variables(effect)


def _long_variables(effect: Effect) -> Iterator[Issue]:
    if effect.target.kind is not CONFIG_MAP or "-env-" not in effect.target.name:
        return
    for name, value in effect.fields["data"].items():
        if len(value.encode()) > _LARGEST_VARIABLE:
            message = f"the variable {name} would be larger than Linux passes on: use fewer tools or a shorter text"
            yield Issue(Code.OBJECT_TOO_LARGE, (), message)


def _namespace(params: DeployParams, world: World) -> Iterator[Issue]:
    if params.namespace not in (None, world.namespace):
        message = "namespace is not that of the plan: leave it out, or submit the plan there"
        yield Issue(Code.OUTSIDE_NAMESPACE, ("namespace",), message)


def _draft(params: DeployParams, agent: Wanted) -> Iterator[Issue]:
    if params.draft_id is None:
        return
    where = ("draft_id",)
    if agent.draft is None:
        message = "the draft is not there, or has a shape that this version does not know: name another"
        yield Issue(Code.UNUSABLE, where, message)
    elif is_over(agent.draft):
        yield Issue(Code.UNUSABLE, where, "the draft is ABANDONED: set its status to IN_PROGRESS, or name another")
    elif not agent.image and not artifact_of(params, agent.draft):
        message = "the draft has neither an artifact nor a custom image that it uses: patch one in"
        yield Issue(Code.UNUSABLE, where, message)


def _source(params: DeployParams, agent: Wanted, world: World) -> Iterator[Issue]:
    artifact = artifact_of(params, agent.draft)
    if artifact and (objection := _objection(world.find(CONFIG_MAP, artifact), agent)):
        where = "artifact_id" if params.artifact_id else "draft_id"
        yield Issue(Code.UNUSABLE, (where,), f"ConfigMap {artifact} {objection}")
    if agent.files and agent.entry_point not in agent.files:
        message = "entry_point has to name one of the files, because nobody can tell which to run: correct it"
        yield Issue(Code.UNUSABLE, ("entry_point",), message)
    for name in ("requirements", "entry_point") if params.draft_id and not agent.files else ():
        if getattr(params, name) is not None:
            message = f"{name} has no meaning with the image of the draft, which brings its own: remove it"
            yield Issue(Code.UNUSABLE, (name,), message)


def _objection(artifact: Mapping[str, Any] | None, agent: Wanted) -> str:
    if artifact is None:
        return "is not there, or the executor may not get it, so there is nothing to deploy: create it first"
    if not is_artifact(artifact):
        return f"is not labelled {ARTIFACT}, so it is not meant to be run: label it, or name another"
    return "" if agent.files else "has no data: put the source files there"


def _models(params: DeployParams, agent: Wanted, world: World) -> Iterator[Issue]:
    for model in agent.models:
        spec = provider(model.model_provider, world)
        if spec and model.model not in (spec.get("models") or ()):
            where = "draft_id" if params.llm_configs is None else "llm_configs"
            named = "a model of the draft" if params.llm_configs is None else f"the model {model.model}"
            message = f"ModelProvider {model.model_provider} does not list {named}: choose one it lists"
            yield Issue(Code.UNUSABLE, (where,), message)
    for index, choice in enumerate(params.llm_configs or ()):
        found = provider_type(choice.named, world)
        if choice.model_provider and choice.provider and found not in ("", choice.provider):
            message = f"ModelProvider {choice.model_provider} is of another type: correct provider or leave it out"
            yield Issue(Code.UNUSABLE, ("llm_configs", index, "provider"), message)


def _access(agent: Wanted) -> Iterator[Issue]:
    if agent.access_mode is AccessMode.AUTHENTICATED and not agent.identity_provider:
        message = "the draft wants authenticated users and nobody says whose: name an identity_provider"
        yield Issue(Code.UNUSABLE, ("identity_provider",), message)


def _others(params: DeployParams, effects: tuple[Effect, ...], world: World) -> Iterator[Issue]:
    for effect in effects:
        there = world.objects.get(effect.target)
        if effect.target.kind in _OWNED and there is not None and not belongs(there, params.agent_name):
            message = f"{effect.target} exists and is not this agent's: choose another agent_name, or remove it"
            yield Issue(Code.OF_ANOTHER, ("agent_name",), message)
        if effect.target.kind is CONFIG_MAP and there is not None and _has_more(there, effect):
            message = f"{effect.target} exists with other content than its name stands for: remove it"
            yield Issue(Code.OF_ANOTHER, ("agent_name",), message)


def _has_more(there: Mapping[str, Any], effect: Effect) -> bool:
    """Every key becomes a variable of the agent, and an apply leaves keys of others where they are."""
    return bool(there.get("binaryData")) or (there.get("data") or {}) != effect.fields["data"]
