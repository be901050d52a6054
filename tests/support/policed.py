"""Lives of plans under approval policies."""

from typing import Any

from tests.support.lives import Life
from tests.support.policies import a_policy_spec
from tests.support.pretend import World
from tests.support.snapshots import a_spec


def policed(*specs: dict[str, Any], spec: dict[str, Any] | None = None, **world: Any) -> Life:
    """Looked at once. Each of `specs` is a policy, `world` is what else is special about the cluster."""
    policies = {f"policy-{number}": a_policy_spec(**given) for number, given in enumerate(specs)}
    return Life(spec or a_spec(), world=World(policies=policies, **world)).turn()
