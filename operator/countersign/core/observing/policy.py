"""The status of a Policy: whether a gateway could enforce it, and what it says in short."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from countersign.actions.policy_rules import issues
from countersign.actions.policy_spec import Permission, PolicySpec
from countersign.api.agents_domain import PolicyStatus
from countersign.core.observing.reading import generation, read_spec


def observe_policy(content: Mapping[str, Any]) -> PolicyStatus:
    spec = read_spec(content, model=PolicySpec, issues=issues)
    if isinstance(spec, str):
        return PolicyStatus(observed_generation=generation(content), ready=False, message=spec)
    return PolicyStatus(observed_generation=generation(content), ready=True, message=_summary(spec))


def _summary(spec: PolicySpec) -> str:
    counts = Counter(rule.permission for rule in spec.policies)
    parts = [f"{counts[permission]} {permission.value}" for permission in Permission if counts[permission]]
    return f"rules: {', '.join(parts) or 'none'}; approvals: {len(spec.approvals)}"
