"""Which policies a plan is under, by the labels of its namespace, its authors and its action types."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import assert_never

from countersign.api.approval_policy import LabelRequirement, Match, NamespaceSelector
from countersign.core.policies.policy import Policy


@dataclass(frozen=True, slots=True)
class Subject:
    """What policies select a plan by."""

    authors: tuple[str, ...]
    action_types: tuple[str, ...]
    namespace_labels: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Matched:
    """`whole` tells that each of these policies is for every author and every action of the plan.

    A policy that is for a part of a plan restricts all of it, but opens nothing: what it says nothing about falls under
    the built-in default.
    """

    policies: tuple[Policy, ...]
    whole: bool


NO_POLICIES = Matched((), whole=False)


def matching(policies: Iterable[Policy], subject: Subject) -> Matched:
    found = tuple(policy for policy in policies if _matches(policy.spec.match, subject))
    return Matched(found, whole=bool(found) and all(_is_for_all(policy.spec.match, subject) for policy in found))


def fits(name: str, pattern: str) -> bool:
    """A star at the end of a pattern stands for any rest."""
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern


def fits_any(name: str, patterns: Iterable[str]) -> bool:
    return any(fits(name, pattern) for pattern in patterns)


def _matches(match: Match, subject: Subject) -> bool:
    return (
        _selects(match.namespace_selector, subject.namespace_labels)
        and (not match.authors or any(fits_any(author, match.authors) for author in subject.authors))
        and (not match.action_types or any(fits_any(name, match.action_types) for name in subject.action_types))
    )


def _is_for_all(match: Match, subject: Subject) -> bool:
    return (not match.authors or all(fits_any(author, match.authors) for author in subject.authors)) and (
        not match.action_types or all(fits_any(name, match.action_types) for name in subject.action_types)
    )


def _selects(selector: NamespaceSelector, labels: Mapping[str, str]) -> bool:
    return all(labels.get(key) == value for key, value in selector.match_labels.items()) and all(
        _holds(requirement, labels) for requirement in selector.match_expressions
    )


def _holds(requirement: LabelRequirement, labels: Mapping[str, str]) -> bool:
    """As everywhere in Kubernetes, a missing label is not in any list."""
    match requirement.operator:
        case "In":
            return labels.get(requirement.key) in requirement.values
        case "NotIn":
            return labels.get(requirement.key) not in requirement.values
        case "Exists":
            return requirement.key in labels
        case "DoesNotExist":
            return requirement.key not in labels
    assert_never(requirement.operator)
