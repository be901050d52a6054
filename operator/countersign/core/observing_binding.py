"""What the status of a PolicyBinding says: whether it binds anybody to anything.

Takes the binding and what was found out about the objects that it names, gives the status.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from countersign.api.agents_domain import PolicyBindingStatus


def binding_status(binding: Mapping[str, Any], *, policy_exists: bool, accounts: frozenset[str]) -> PolicyBindingStatus:
    """`accounts` are the names of the service accounts that exist in the namespace of the binding."""
    missing = next(_missing(binding, policy_exists=policy_exists, accounts=accounts), None)
    generation = (binding.get("metadata") or {}).get("generation")
    return PolicyBindingStatus(observed_generation=generation, ready=missing is None, message=missing)


def _missing(binding: Mapping[str, Any], *, policy_exists: bool, accounts: frozenset[str]) -> Iterator[str]:
    spec, home = binding.get("spec") or {}, (binding.get("metadata") or {}).get("namespace")
    if not policy_exists:
        yield f"there is no Policy {(spec.get('policyRef') or {}).get('name')}: create it"
    subjects = spec.get("subjects") or ()
    if not subjects:
        yield "nobody is bound: the binding has no subjects"
    for subject in subjects:
        if subject.get("namespace") not in (None, home):
            yield f"service account {subject.get('name')} is in another namespace: bindings bind in their own"
        elif subject.get("name") not in accounts:
            yield f"there is no service account {subject.get('name')}: create it"
