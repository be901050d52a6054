"""How risky it is to deploy an agent: new code runs in the namespace, and what it may do can widen.

Takes params and dry runs, gives factors. Sentences name no values, because risks stand in the status of the plan.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from countersign.actions.base import Seen
from countersign.actions.deploy.created import created
from countersign.actions.deploy.params import DeployParams
from countersign.actions.tool_risk import factors as tool_factors
from countersign.model.effect import AGENT, TOOL
from countersign.model.risk import Factor, Level

_BASE = Factor(Level.HIGH, "deploy.base", "code starts to run in the namespace, with what its tools and models give it")
_DIGEST = "@sha256:"

Spec = Mapping[str, Any]


def factors(params: DeployParams, seen: tuple[Seen, ...]) -> tuple[Factor, ...]:
    found = dict.fromkeys((_BASE, *_of_source(params), *_of_tools(params, seen)))
    for one in seen:
        if one.effect.target.kind is AGENT:
            found |= dict.fromkeys(_of_agent(_spec(one.live), _spec(one.effect.fields)))
    return tuple(found)


def _of_source(params: DeployParams) -> Iterator[Factor]:
    if params.image is not None:
        yield from _of_image(params.image)
    if params.source_files is not None:
        yield Factor(Level.HIGH, "deploy.sourceFiles", "the plan brings source code with it")


def _of_tools(params: DeployParams, seen: tuple[Seen, ...]) -> Iterator[Factor]:
    for tool in created(params):
        yield from tool_factors(tool, tuple(one for one in seen if _is_tool(one, tool.name)))


def _is_tool(seen: Seen, name: str) -> bool:
    return seen.effect.target.kind is TOOL and seen.effect.target.name == name


def _of_agent(old: Spec, new: Spec) -> Iterator[Factor]:
    yield from _of_image(str(new.get("image", "")))
    if new.get("hashedRequirements") is False:
        why = "requirements are not pinned by hashes, so what is installed is decided when a pod starts"
        yield Factor(Level.HIGH, "deploy.requirementsWithoutHashes", why)
    if old:
        yield from _of_step(old, new)


def _of_image(image: str) -> Iterator[Factor]:
    if _DIGEST not in image:
        why = "the image is not pinned by a digest, so what runs is decided when a pod starts"
        yield Factor(Level.HIGH, "deploy.imageNotPinned", why)


def _of_step(old: Spec, new: Spec) -> Iterator[Factor]:
    if _tools(new) - _tools(old):
        yield Factor(Level.HIGH, "deploy.toolsWidened", "the agent is given tools that it did not have")
    if set(new["policies"]) - set(old.get("policies") or ()):
        yield Factor(Level.HIGH, "deploy.policiesAdded", "policies are bound to the agent that were not before")
    if set(old.get("policies") or ()) - set(new["policies"]):
        why = "policies no longer bind the agent, and what they denied or had approved may now be open"
        yield Factor(Level.HIGH, "deploy.policiesRemoved", why)
    if old.get("accessMode") == "authenticated" and new.get("accessMode") != "authenticated":
        yield Factor(Level.HIGH, "deploy.accessOpened", "users need no longer be authenticated to call the agent")
    if old.get("identityProvider") not in (None, new.get("identityProvider")):
        yield Factor(Level.HIGH, "deploy.usersChanged", "the users of another identity provider may call the agent")


def _tools(spec: Spec) -> set[str]:
    return {str(tool.get("name")) for tool in spec.get("requiredTools") or ()}


def _spec(body: Spec | None) -> Spec:
    return (body or {}).get("spec") or {}
