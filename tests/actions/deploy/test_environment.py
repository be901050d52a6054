"""The environment of an agent, as RunAgents documents it."""

import json

from tests.support.deploys import FILES, a_draft, a_provider, a_tool, a_world, deploy

from countersign.actions.base import Installation
from countersign.actions.deploy.environment import environment
from countersign.actions.deploy.wanted import wanted


def _environment(*bodies, world=None, **params):
    world = world or a_world(*bodies)
    return environment(wanted(deploy(**params), world), world)


def test_least():
    """An agent without tools and models knows itself, and where it may write."""
    assert _environment() == {
        "AGENT_NAME": "support",
        "HOME": "/tmp",
        "MAX_TOOL_ITERATIONS": "10",
        "PORT": "8080",
        "TOOL_DEFINITIONS_JSON": "[]",
        "TOOL_NAMES": "",
        "TOOL_ROUTES_JSON": "{}",
    }


def test_own():
    """What the deployment says about the agent."""
    body = a_draft(artifactId="built", agentConfig={"accessMode": "authenticated"})
    found = _environment(body, draft_id="d", system_prompt="Hi", framework="langchain", identity_provider="idp")
    assert (found["SYSTEM_PROMPT"], found["AGENT_FRAMEWORK"]) == ("Hi", "langchain")
    assert (found["IDENTITY_PROVIDER"], found["ACCESS_MODE"]) == ("idp", "authenticated")


def test_source():
    """Source files are run by their entry point, with the libraries that were installed for them."""
    found = _environment(source_files=FILES)
    assert (found["USER_ENTRY_POINT"], found.get("PYTHONPATH")) == ("agent.py", None)
    assert _environment(source_files=FILES, requirements="httpx")["PYTHONPATH"] == "/deps"


def test_tools():
    """Each has its address, and all are described; nothing about how they are authenticated."""
    offer = {"name": "list", "method": "GET", "path": "/", "riskTags": ["pii"]}
    found = _environment(
        a_tool("orders-api", description="Orders", capabilities=[offer]),
        required_tools=["orders-api", "gone"],
        tools_to_create=[{"name": "mail", "base_url": "http://mail.tools.svc", "topology": "Internal"}],
        tool_url_mappings={"https://detected": "orders-api", "https://lost": "gone"},
    )
    assert found["TOOL_NAMES"] == "mail,orders-api"
    assert found["TOOL_URL_ORDERS_API"] == "https://orders-api.example.com"
    assert found["TOOL_URL_MAIL"] == "http://mail.tools.svc"
    assert "TOOL_URL_GONE" not in found
    assert json.loads(found["TOOL_ROUTES_JSON"]) == {
        "https://detected": {"tool": "orders-api", "url": "https://orders-api.example.com"}
    }
    assert json.loads(found["TOOL_DEFINITIONS_JSON"]) == [
        {"name": "mail", "description": "", "url": "http://mail.tools.svc", "capabilities": []},
        {
            "name": "orders-api",
            "description": "Orders",
            "url": "https://orders-api.example.com",
            "capabilities": [{"name": "list", "method": "GET", "path": "/"}],
        },
    ]


MODELS = [
    {"provider": "openai", "model": "m-1", "role": "embedding"},
    {"model_provider": "claude", "model": "m-2", "role": "chat"},
]


def test_models():
    """The one for chat is the agent's model; each role has its own besides."""
    claude = a_provider("claude", provider="anthropic", endpoint="https://claude.example.com")
    found = _environment(a_provider(), claude, llm_configs=MODELS)
    assert {name: value for name, value in found.items() if name.startswith(("LLM_", "OPENAI_"))} == {
        "LLM_GATEWAY_URL": "https://claude.example.com",
        "OPENAI_BASE_URL": "https://claude.example.com",
        "OPENAI_API_KEY": "provided-by-the-gateway",
        "LLM_MODEL": "m-2",
        "LLM_PROVIDER": "anthropic",
        "LLM_PROVIDER_NAME": "claude",
        "LLM_MODEL_CHAT": "m-2",
        "LLM_PROVIDER_CHAT": "anthropic",
        "LLM_MODEL_EMBEDDING": "m-1",
        "LLM_PROVIDER_EMBEDDING": "openai",
    }


def test_first_model():
    """Without one for chat the first is the agent's; a provider that is not there leaves its places empty."""
    found = _environment(llm_configs=MODELS[:1])
    assert (found["LLM_MODEL"], found["LLM_PROVIDER"], found["LLM_GATEWAY_URL"]) == ("m-1", "", "")


def test_gateway():
    """Where the installation has a gateway, models are called through it."""
    world = a_world(a_provider(), installation=Installation(llm_gateway="http://gateway.models.svc/v1"))
    found = _environment(world=world, llm_configs=MODELS[:1])
    assert found["LLM_GATEWAY_URL"] == found["OPENAI_BASE_URL"] == "http://gateway.models.svc/v1"


def test_roles_of_drafts():
    """A draft's roles are words of its own; variables are made of letters, digits and underscores."""
    body = a_draft(modelMappings={"re-rank.v2": {"provider": "openai", "model": "m-1"}})
    assert _environment(body, draft_id="d")["LLM_MODEL_RE_RANK_V2"] == "m-1"
