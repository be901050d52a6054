"""The status of a Policy: whether a gateway could enforce it, what it says in short, and whom it binds."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from countersign.actions.policy_rules import issues
from countersign.actions.policy_spec import Permission, PolicySpec
from countersign.api.agents_domain import MOST_USERS, PolicyStatus, PolicyUser
from countersign.core.observing.binding import bound_accounts, policy_of
from countersign.core.observing.reading import generation, read_spec


def observe_policy(content: Mapping[str, Any], bindings: Iterable[Mapping[str, Any]]) -> PolicyStatus:
    """`bindings` are those of its namespace, also to other policies."""
    spec = read_spec(content, model=PolicySpec, issues=issues)
    known = PolicyStatus(observed_generation=generation(content), used_by=_users(content, bindings))
    if isinstance(spec, str):
        return known.but(ready=False, message=spec)
    return known.but(ready=True, message=_summary(spec))


def _users(content: Mapping[str, Any], bindings: Iterable[Mapping[str, Any]]) -> tuple[PolicyUser, ...]:
    metadata = content["metadata"]
    ours = [binding for binding in bindings if policy_of(binding) == metadata["name"]]
    names = sorted({name for binding in ours for name in bound_accounts(binding)})
    return tuple(PolicyUser(name=name, namespace=metadata["namespace"]) for name in names[:MOST_USERS])


def _summary(spec: PolicySpec) -> str:
    counts = Counter(rule.permission for rule in spec.policies)
    parts = [f"{counts[permission]} {permission.value}" for permission in Permission if counts[permission]]
    return f"rules: {', '.join(parts) or 'none'}; approvals: {len(spec.approvals)}"
