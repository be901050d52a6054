"""The environment of an agent: the variables that RunAgents documents, filled from tools and model providers.

Takes the wanted agent and the world, gives names and values. Nothing in it is secret: it becomes a ConfigMap that everybody
who may read the namespace can read, and that approvers see in full.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from countersign.actions.base import World
from countersign.actions.deploy.wanted import Wanted
from countersign.actions.tool_effect import tool_fields
from countersign.model.digest import canonical
from countersign.model.effect import MODEL_PROVIDER, TOOL

PORT = 8080
SCRATCH = "/tmp"  # noqa: S108 - a volume of the pod's own
LIBRARIES = "/deps"
_ITERATIONS = 10
_NO_KEY = "provided-by-the-gateway"
_DESCRIBED = ("name", "method", "path", "description")
_CHIEF = ("chat", "default")

_TAKEN = frozenset(
    {
        "ACCESS_MODE",
        "AGENT_FRAMEWORK",
        "AGENT_NAME",
        "HOME",
        "IDENTITY_PROVIDER",
        "LLM_GATEWAY_URL",
        "LLM_MODEL",
        "LLM_PROVIDER",
        "LLM_PROVIDER_NAME",
        "MAX_TOOL_ITERATIONS",
        "OPENAI_API_KEY",
        "OPENAI_BASE_URL",
        "PORT",
        "PYTHONPATH",
        "SYSTEM_PROMPT",
        "TOOL_DEFINITIONS_JSON",
        "TOOL_NAMES",
        "TOOL_ROUTES_JSON",
        "USER_ENTRY_POINT",
    }
)
_TAKEN_PREFIXES = ("TOOL_URL_", "LLM_MODEL_", "LLM_PROVIDER_", "LD_", "KUBERNETES_")


def is_taken(name: str) -> bool:
    """Variables that the platform sets, and those that change which code is loaded."""
    return name in _TAKEN or name.startswith(_TAKEN_PREFIXES)


def environment(agent: Wanted, world: World) -> dict[str, str]:
    return dict(sorted({**_own(agent), **_tools(agent, world), **_models(agent, world)}.items()))


def variable(name: str) -> str:
    """`payments-api` -> `PAYMENTS_API`."""
    return re.sub(r"[^A-Z0-9]", "_", name.upper())


def _own(agent: Wanted) -> dict[str, str]:
    given = {
        "SYSTEM_PROMPT": agent.system_prompt,
        "AGENT_FRAMEWORK": agent.framework,
        "IDENTITY_PROVIDER": agent.identity_provider,
        "ACCESS_MODE": agent.access_mode,
        "USER_ENTRY_POINT": agent.entry_point,
        "PYTHONPATH": LIBRARIES if agent.requirements else None,
    }
    return {
        "AGENT_NAME": agent.agent,
        "HOME": SCRATCH,
        "MAX_TOOL_ITERATIONS": str(_ITERATIONS),
        "PORT": str(PORT),
        **{name: str(value) for name, value in given.items() if value},
    }


def _tools(agent: Wanted, world: World) -> dict[str, str]:
    specs = {name: spec for name, spec in _specs(agent, world) if spec}
    urls = {name: _url(spec) for name, spec in specs.items()}
    routes = {found: {"tool": tool, "url": urls[tool]} for found, tool in agent.routes.items() if tool in urls}
    return {
        "TOOL_NAMES": ",".join(specs),
        "TOOL_DEFINITIONS_JSON": _json([_definition(name, spec) for name, spec in specs.items()]),
        "TOOL_ROUTES_JSON": _json(routes),
        **{f"TOOL_URL_{variable(name)}": url for name, url in urls.items()},
    }


def _specs(agent: Wanted, world: World) -> Iterator[tuple[str, Mapping[str, Any]]]:
    made = {tool.name: tool_fields(tool) for tool in agent.created}
    for name in agent.tools:
        yield name, made.get(name) or (world.find(TOOL, name) or {}).get("spec") or {}


def _url(spec: Mapping[str, Any]) -> str:
    return str((spec.get("connection") or {}).get("baseUrl", ""))


def _definition(name: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    """As much as a model needs to choose a tool; how calls are authenticated is nobody's business but the gateway's."""
    offered = [
        {key: capability[key] for key in _DESCRIBED if key in capability}
        for capability in spec.get("capabilities") or ()
    ]
    return {"name": name, "description": spec.get("description") or "", "url": _url(spec), "capabilities": offered}


def _models(agent: Wanted, world: World) -> dict[str, str]:
    if not agent.models:
        return {}
    chief = next((one for one in agent.models if one.role in _CHIEF), agent.models[0])
    gateway = world.installation.llm_gateway or str(provider(chief.model_provider, world).get("endpoint", ""))
    found = {
        "LLM_GATEWAY_URL": gateway,
        "OPENAI_BASE_URL": gateway,
        "OPENAI_API_KEY": _NO_KEY,
        "LLM_MODEL": chief.model,
        "LLM_PROVIDER": provider_type(chief.model_provider, world),
        "LLM_PROVIDER_NAME": chief.model_provider,
    }
    for one in agent.models:
        role = variable(one.role)
        found |= {f"LLM_MODEL_{role}": one.model, f"LLM_PROVIDER_{role}": provider_type(one.model_provider, world)}
    return found


def provider(name: str, world: World) -> Mapping[str, Any]:
    """The spec of the ModelProvider; empty when it is not there."""
    return (world.find(MODEL_PROVIDER, name) or {}).get("spec") or {}


def provider_type(name: str, world: World) -> str:
    """openai, anthropic and so on; empty when the ModelProvider is not there."""
    return str(provider(name, world).get("provider", ""))


def _json(value: Any) -> str:
    return canonical(value).decode()
