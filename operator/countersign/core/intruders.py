"""Judges what else may change plans on their way into the cluster: mutating policies and webhooks that are not ours.

Takes objects as values, gives sentences for the guard. Whoever can change a plan after its author was noted, or a preview
before its approver reads it, can make people approve something else. When in doubt it is one that can.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from countersign.api.names import PLAN, PLAN_PREVIEW
from countersign.core.guarding import Identity, identity

_WATCHED = frozenset({PLAN.plural, PLAN_PREVIEW.plural})
_WRITES = frozenset({"CREATE", "UPDATE"})


def intruders(
    live: Iterable[Mapping[str, Any]], *, ours: frozenset[Identity], trusted: Iterable[str]
) -> tuple[str, ...]:
    """One sentence for each that is neither ours nor named in the settings, in the order of their names."""
    known = frozenset(trusted)
    found = {identity(content) for content in live if _reaches(content)} - ours
    return tuple(
        f"{kind} {name} may change plans: exclude {PLAN.group} there, or name it in COUNTERSIGN_TRUSTED_MUTATORS"
        for kind, name in sorted(found)
        if name not in known
    )


def _reaches(content: Mapping[str, Any]) -> bool:
    """Selectors and conditions are not looked at: whoever can label a plan, or word it, could choose what they match."""
    match content:
        case {"kind": "MutatingWebhookConfiguration"}:
            return any(_matches(rule) for webhook in _list(content, "webhooks") for rule in _list(webhook, "rules"))
        case {"kind": "MutatingAdmissionPolicy"}:
            constraints = content.get("spec", {}).get("matchConstraints") or {}
            if any(_covers(rule) for rule in _list(constraints, "excludeResourceRules")):
                return False
            return any(_matches(rule) for rule in _list(constraints, "resourceRules"))
        case _:
            return False


def _matches(rule: Mapping[str, Any]) -> bool:
    """Subresources count: a status that somebody else writes is as bad."""
    kinds = {resource.partition("/")[0] for resource in _list(rule, "resources")}
    return _is_our_group(rule) and bool(kinds & {"*", *_WATCHED}) and bool(_operations(rule) & _WRITES)


def _covers(rule: Mapping[str, Any]) -> bool:
    """Whether an exclusion leaves nothing of ours."""
    resources = set(_list(rule, "resources"))
    everything = "*/*" in resources or all({kind, f"{kind}/*"} <= resources for kind in _WATCHED)
    whole = not _list(rule, "resourceNames") and _list(rule, "apiVersions") == ["*"]
    return _is_our_group(rule) and everything and whole and _operations(rule) >= _WRITES


def _is_our_group(rule: Mapping[str, Any]) -> bool:
    return not {"*", PLAN.group}.isdisjoint(_list(rule, "apiGroups"))


def _operations(rule: Mapping[str, Any]) -> frozenset[str]:
    named = frozenset(_list(rule, "operations"))
    return _WRITES if "*" in named else named


def _list(content: Mapping[str, Any], key: str) -> list[Any]:
    found: list[Any] = content.get(key) or []
    return found
