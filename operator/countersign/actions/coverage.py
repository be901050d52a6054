"""Which calls a rule of a Policy covers, and whether other rules cover them too.

Policies are compared by what they cover and not by their text, so that rules may be split, joined and sorted without a
difference being seen where there is none. Where it cannot be told, calls count as not covered.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from countersign.actions.view import words

EVERY = "*"


@dataclass(frozen=True, slots=True)
class Rule:
    """Calls to what the pattern matches, by one of the methods, on tools with one of the tags; `*` stands for every one."""

    resource: str
    operations: frozenset[str]
    tags: frozenset[str]

    @property
    def everywhere(self) -> bool:
        """No host is named, or only the beginning of one."""
        return self.resource.endswith(EVERY) and "/" not in self.resource.partition("://")[2]

    def reaches(self, other: "Rule") -> bool:
        """A pattern without a wildcard matches itself only."""
        if self.resource in (EVERY, other.resource):
            return True
        start = self.resource.removesuffix(EVERY)
        return start != self.resource and other.resource.removesuffix(EVERY).startswith(start)

    def takes(self, operation: str, tag: str) -> bool:
        return not self.operations.isdisjoint({EVERY, operation}) and not self.tags.isdisjoint({EVERY, tag})


def rule_of(item: Mapping[str, Any]) -> Rule:
    """What is not said, or makes no sense, limits nothing."""
    resource = item.get("resource")
    return Rule(
        resource=resource if isinstance(resource, str) and resource else EVERY,
        operations=frozenset(words(item.get("operations")) or (EVERY,)),
        tags=frozenset(tag.lower() for tag in words(item.get("tags")) or (EVERY,)),
    )


def uncovered(wanted: Iterable[Rule], by: Iterable[Rule]) -> bool:
    """Whether any call that one of the wanted rules covers is covered by none of the others."""
    others = frozenset(by)
    return any(not _covered(rule, others) for rule in wanted if rule not in others)


def _covered(rule: Rule, others: frozenset[Rule]) -> bool:
    near = [other for other in others if other.reaches(rule)]
    calls = product(rule.operations, rule.tags)
    return all(any(other.takes(operation, tag) for other in near) for operation, tag in calls)
