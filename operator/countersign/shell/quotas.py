"""Reads the resource quotas of a namespace as the executor, who is told no more than the namespace tells him."""

from typing import Any

from countersign.errors import ClusterError, Forbidden
from countersign.model.effect import RESOURCE_QUOTA
from countersign.model.facts import Hidden, Quota, Quotas, Unavailable
from countersign.shell.actor import Actor
from countersign.shell.client import ApiClient


async def quotas(namespace: str, acting_as: Actor, *, client: ApiClient) -> Quotas:
    try:
        found = await client.list(RESOURCE_QUOTA, namespace=namespace, acting_as=acting_as)
    except Forbidden:
        return Hidden()
    except ClusterError as error:
        return Unavailable(error.message)
    return tuple(quota_of(content) for content in found.items)


def quota_of(content: dict[str, Any]) -> Quota:
    """A quota that was just made says what it allows in its spec only."""
    spec, status = content.get("spec", {}), content.get("status", {})
    expressions = spec.get("scopeSelector", {}).get("matchExpressions", [])
    return Quota(
        name=content["metadata"]["name"],
        hard=status.get("hard") or spec.get("hard") or {},
        used=status.get("used") or {},
        scopes=frozenset((*spec.get("scopes", ()), *(_scope(one) for one in expressions))),
    )


def _scope(expression: dict[str, Any]) -> str:
    """One that asks for certain values is another scope than the plain one of its name."""
    plain = expression["operator"] == "Exists"
    return str(expression["scopeName"]) if plain else f"{expression['scopeName']} {expression['operator']}"
