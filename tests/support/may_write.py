"""What an action may write, by the documents of the types and not by the code that compiles them. For the oracle."""

import re
from typing import Any

_NAMED = {"tool.upsert": "tools", "model_provider.upsert": "modelproviders", "policy.upsert": "policies"}
_KIT = {("tools", "echo-tool"), ("modelproviders", "playground-llm")}


def may_write(action: dict[str, Any], resource: str, name: str) -> bool:
    """Whether an object of this resource and name is among what the action is about."""
    params = action["params"]
    match action["type"]:
        case "deploy_draft.create_or_patch":
            return (resource, name) == ("deploydrafts", params["id"])
        case "starter_kit.seed":
            return (resource, name) in _KIT
        case "deploy.execute":
            return _deploys(params, resource, name)
        case kind:
            return (resource, name) == (_NAMED[kind], params["name"])


def _deploys(params: dict[str, Any], resource: str, name: str) -> bool:
    agent = params["agent_name"]
    match resource:
        case "agents":
            return bool(name == agent)
        case "serviceaccounts" | "deployments" | "services":
            return bool(name == f"agent-{agent}")
        case "configmaps":
            return re.fullmatch(f"agent-{agent}-(source|env)-[0-9a-f]{{16}}", name) is not None
        case "deploydrafts":
            return bool(name == params.get("draft_id"))
        case _:
            return False
