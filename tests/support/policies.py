"""Approval policies in which a test names only what matters to it."""

from typing import Any

from countersign.core.policies.policy import Policy, read

HUMAN = {"low": "humanInTheLoop", "medium": "humanInTheLoop", "high": "humanInTheLoop", "critical": "humanInTheLoop"}


def a_policy_spec(**spec: Any) -> dict[str, Any]:
    """As it stands in YAML; every level waits for a person."""
    return {"byRisk": HUMAN, **spec}


def a_policy(name: str = "team", **spec: Any) -> Policy:
    found = read({"metadata": {"name": name}, "spec": a_policy_spec(**spec)})
    assert isinstance(found, Policy), found
    return found
