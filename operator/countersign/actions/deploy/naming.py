"""What the objects of an agent are called, and how one tells that an object is this agent's.

All of them are named after the account, `agent-<name>`; only the Agent itself carries the bare name.
"""

from collections.abc import Mapping
from typing import Any

_NAME = "app.kubernetes.io/name"
_COMPONENT = "app.kubernetes.io/component"
_MANAGER = "app.kubernetes.io/managed-by"
_RESERVED = frozenset({"default", "countersign", "kubernetes", "system"})
_RESERVED_PREFIXES = ("countersign-", "kube-", "kubernetes-", "system-")

_ACCOUNT = "agent-"

ARTIFACT = "countersign.dev/artifact"
"""Label of a ConfigMap that holds source files."""


def account(agent: str) -> str:
    """Name of the service account, the Deployment and the Service."""
    return f"{_ACCOUNT}{agent}"


def agent_of(account: str) -> str:
    """The agent whose Deployment has this name; empty if it is nobody's."""
    return account.removeprefix(_ACCOUNT) if account.startswith(_ACCOUNT) else ""


def binding(agent: str, policy: str) -> str:
    return f"{account(agent)}-{policy}"


def is_reserved(agent: str) -> bool:
    """Names that would pass for a part of Kubernetes or of Countersign."""
    return agent in _RESERVED or agent.startswith(_RESERVED_PREFIXES)


def selector(agent: str) -> dict[str, str]:
    """Labels of its pods. A Deployment can never change them, so there are no more than it takes."""
    return {_NAME: agent, _COMPONENT: "agent"}


def labels(agent: str) -> dict[str, str]:
    return {**selector(agent), _MANAGER: "countersign"}


def belongs(body: Mapping[str, Any], agent: str) -> bool:
    """Whether the object says that it is this agent's."""
    found = (body.get("metadata") or {}).get("labels") or {}
    return labels(agent).items() <= found.items()
