"""Policies as the core sees them. The shell hands over what the API server has; what cannot be understood stays visible.

`Rulebook` is the answer to the question after the policies: all of them, with the labels that they select namespaces by.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from countersign.api.approval_policy import ApprovalPolicySpec
from countersign.api.names import PROTECTED
from countersign.core.complaints import complaints
from countersign.model.digest import canonical


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy that is understood."""

    name: str
    spec: ApprovalPolicySpec


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A policy of which nobody knows what it asks for, so it blocks whatever it might be for, which is everything."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Sorted by name."""

    policies: tuple[Policy, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    namespace_labels: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def protected(self) -> bool:
        return PROTECTED in self.namespace_labels


def rulebook(contents: Iterable[Mapping[str, Any]], *, namespace_labels: Mapping[str, str]) -> Rulebook:
    """Of the objects as the API server has them."""
    found = [read(content) for content in sorted(contents, key=lambda content: str(content["metadata"]["name"]))]
    return Rulebook(
        policies=tuple(policy for policy in found if isinstance(policy, Policy)),
        unreadable=tuple(policy for policy in found if isinstance(policy, Unreadable)),
        namespace_labels=namespace_labels,
    )


def read(content: Mapping[str, Any]) -> Policy | Unreadable:
    name = content["metadata"]["name"]
    try:
        return Policy(name, ApprovalPolicySpec.read(canonical(content.get("spec"))))
    except ValidationError as error:
        first = complaints(error, model=ApprovalPolicySpec, hints={})[0]
        return Unreadable(name, f"spec.{first.message}" if first.path else f"of spec {first.message}")
    except ValueError:
        return Unreadable(name, "it cannot be written as JSON")
