"""What a whole plan would add to a namespace, and what its quotas leave. A dry run sees one object at a time, this sees all.

Takes a review whose effects have been previewed, gives the question to ask and the demand that stage 11 compares.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from countersign.core.questions import AskQuotas
from countersign.core.review import Review
from countersign.model import quantity
from countersign.model.effect import DEPLOYMENT, Apply, ResourceKind
from countersign.model.facts import Present, Previewed, Quota

Json = Mapping[str, Any]
Demand = Mapping[str, Decimal]
"""By the names that quotas have for things: `configmaps`, `count/tools.countersign.dev`, `requests.cpu`."""

_BARE = ("cpu", "memory", "ephemeral-storage")
"""Resources that quotas also name without `requests.`"""
_OURS = frozenset({"NotTerminating", "NotBestEffort"})
"""Pods of a Deployment have no deadline, and those that plans make ask for resources."""


@dataclass(frozen=True, slots=True)
class Lack:
    """A resource of which the plan would add more than its quota leaves."""

    resource: str
    wanted: Decimal
    used: Decimal
    hard: Decimal


def quotas_question(review: Review) -> AskQuotas | None:
    """None when the plan adds nothing, or nobody knows yet what it adds."""
    if review.draft.spec is None or not isinstance(review.account, Present) or not demand(review):
        return None
    return AskQuotas(account=review.draft.spec.service_account_name, namespace=review.snapshot.plan.namespace)


def open_quotas(review: Review) -> tuple[AskQuotas, ...]:
    question = quotas_question(review)
    return (question,) if question and question not in review.snapshot.answers else ()


def demand(review: Review) -> Demand:
    """Several actions on one object are one object: what is there now is compared with what the last of them leaves."""
    if not all(action.shown for action in review.actions):
        return {}
    ordered = (review.actions[index] for index in review.draft.graph.order)
    trials = (trial for action in ordered for trial in action.trials if isinstance(trial.effect, Apply))
    last = {trial.effect.target: trial.preview for trial in trials}
    ends = [(target.kind, preview) for target, preview in last.items() if isinstance(preview, Previewed)]
    there = _sum(used for kind, preview in ends if preview.live is not None for used in _used(kind, preview.live))
    wanted = _sum(used for kind, preview in ends for used in _used(kind, preview.result))
    added = {name: amount - there.get(name, Decimal(0)) for name, amount in wanted.items()}
    return {name: amount for name, amount in added.items() if amount > 0}


def exceeded(quota: Quota, wanted: Demand) -> Iterator[Lack]:
    """Each resource that would not suffice. A quota whose scopes are about other pods says nothing."""
    if not quota.scopes <= _OURS:
        return
    for name in sorted(wanted.keys() & quota.hard.keys()):
        hard, used = quantity.parse(quota.hard[name]), quantity.parse(quota.used.get(name, "0"))
        if used + wanted[name] > hard:
            yield Lack(name, wanted=wanted[name], used=used, hard=hard)


def _sum(parts: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    total: dict[str, Decimal] = {}
    for name, amount in parts:
        total[name] = total.get(name, Decimal(0)) + amount
    return total


def _used(kind: ResourceKind, content: Json) -> Iterator[tuple[str, Decimal]]:
    yield from _counted(kind.group, kind.plural)
    if kind == DEPLOYMENT:
        replicas = Decimal(content["spec"].get("replicas", 1))
        yield "count/replicasets.apps", Decimal(1)
        yield from ((name, replicas * amount) for name, amount in _of_pod(content["spec"]["template"]["spec"]))


def _counted(group: str, plural: str) -> Iterator[tuple[str, Decimal]]:
    yield f"count/{plural}.{group}" if group else f"count/{plural}", Decimal(1)
    if not group:
        yield plural, Decimal(1)


def _of_pod(pod: Json) -> Iterator[tuple[str, Decimal]]:
    """What has a limit and asks for nothing asks for its limit."""
    yield from _counted("", "pods")
    for name, amount in _together(pod, ("limits", "requests")).items():
        yield f"requests.{name}", amount
        if name in _BARE:
            yield name, amount
    yield from ((f"limits.{name}", amount) for name, amount in _together(pod, ("limits",)).items())


def _together(pod: Json, sides: tuple[str, ...]) -> dict[str, Decimal]:
    """Containers run side by side, those that prepare run before them, one after another."""
    total = _sum(asked for container in pod["containers"] for asked in _asked(container, sides))
    for container in pod.get("initContainers", ()):
        total |= {name: max(amount, total.get(name, amount)) for name, amount in _asked(container, sides)}
    return total


def _asked(container: Json, sides: tuple[str, ...]) -> Iterable[tuple[str, Decimal]]:
    resources = container.get("resources") or {}
    stated = {name: amount for side in sides for name, amount in (resources.get(side) or {}).items()}
    return ((name, quantity.parse(amount)) for name, amount in stated.items())
