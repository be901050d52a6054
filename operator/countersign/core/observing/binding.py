"""The status of a PolicyBinding: whether it binds anybody to anything. And which subjects of a binding count at all."""

from collections.abc import Iterator, Mapping
from typing import Any

from countersign.api.agents_domain import PolicyBindingStatus
from countersign.core.observing.reading import generation

Body = Mapping[str, Any]


def policy_of(binding: Body) -> str:
    return str(binding["spec"]["policyRef"]["name"])


def bound_accounts(binding: Body) -> tuple[str, ...]:
    """The service accounts that it names in its own namespace; it can bind no others."""
    return tuple(sorted({subject["name"] for subject in _subjects(binding) if _is_at_home(subject, binding)}))


def observe_binding(binding: Body, *, policy_exists: bool, accounts: frozenset[str]) -> PolicyBindingStatus:
    """`accounts` are those of the bound accounts that exist."""
    missing = next(_missing(binding, policy_exists=policy_exists, accounts=accounts), None)
    return PolicyBindingStatus(observed_generation=generation(binding), ready=missing is None, message=missing)


def binding_is_settled(status: PolicyBindingStatus) -> bool:
    """Service accounts are not watched, so one that is missing is looked for again."""
    return bool(status.ready)


def _missing(binding: Body, *, policy_exists: bool, accounts: frozenset[str]) -> Iterator[str]:
    if not policy_exists:
        yield f"there is no Policy {policy_of(binding)}: create it"
    if not _subjects(binding):
        yield "nobody is bound: the binding has no subjects"
    for subject in _subjects(binding):
        name = subject["name"]
        if not _is_at_home(subject, binding):
            yield f"service account {name} is in another namespace: bindings bind in their own"
        elif name not in accounts:
            yield f"there is no service account {name}: create it"


def _subjects(binding: Body) -> tuple[Body, ...]:
    return tuple(binding["spec"].get("subjects") or ())


def _is_at_home(subject: Body, binding: Body) -> bool:
    return subject.get("namespace") in (None, binding["metadata"]["namespace"])
