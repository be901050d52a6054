"""What a level of risk asks for: of all policies that a plan is under the strictest, and the built-in default where none is.

Each part of `Requirements` is combined so that one policy more can only ask for more. They are part of what is approved.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from countersign.api.approval_policy import ApprovalPolicySpec, ByRisk
from countersign.core.policies.lines import Line, expiry_lines, gate_lines, quorum_lines
from countersign.core.policies.matching import NO_POLICIES, Matched, fits
from countersign.core.policies.policy import Policy
from countersign.core.snapshot import Rules
from countersign.model import duration
from countersign.model.risk import Level


class Gate(StrEnum):
    """From the most open one to the strictest."""

    AUTO = "auto"
    HUMAN = "humanInTheLoop"
    BLOCKED = "blocked"


_STRICTNESS = tuple(Gate)

GroupLists = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Emergency:
    """Who may break the glass: each of them belongs to one group of every list. It comes on top of `required`."""

    groups: GroupLists
    quorum: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirements:
    """What has to be fulfilled before the plan may start.

    People who approve belong to one group of every list in `groups`, programs are among `accounts`, and `deputies` are treated
    as authors of this plan. Neither the names of the policies nor `because`, the lines that decided, are part of what is approved.
    """

    gate: Gate
    policies: tuple[str, ...]
    required: int
    expires_after: timedelta
    groups: GroupLists = ()
    accounts: tuple[str, ...] = ()
    deputies: tuple[str, ...] = ()
    approver_access: bool = False
    emergency: Emergency | None = None
    because: tuple[Line, ...] = ()

    def wire(self) -> dict[str, Any]:
        return {
            "gate": self.gate.value,
            "required": self.required,
            "expiresAfterSeconds": int(self.expires_after.total_seconds()),
            "groups": [list(groups) for groups in self.groups],
            "serviceAccounts": list(self.accounts),
            "deputies": list(self.deputies),
            "requireApproverAccess": self.approver_access,
            "breakGlass": self.emergency
            and {"groups": [list(groups) for groups in self.emergency.groups], "quorum": self.emergency.quorum},
        }


BUILT_IN = Policy(
    "built-in",
    ApprovalPolicySpec(
        by_risk=ByRisk(low="humanInTheLoop", medium="humanInTheLoop", high="humanInTheLoop", critical="blocked")
    ),
)
"""The default where no policy says anything, or only about a part of the plan."""


def requirements(
    level: Level, *, rules: Rules, matched: Matched = NO_POLICIES, authors: Iterable[str] = ()
) -> Requirements:
    policies = matched.policies if matched.whole else (*matched.policies, BUILT_IN)
    specs = [policy.spec for policy in policies]
    gate = _strictest(_gate(spec, level) for spec in specs)
    asked = Requirements(
        gate=gate,
        policies=tuple(policy.name for policy in policies),
        required=0 if gate is Gate.AUTO else max(_quorum(spec, level) for spec in specs),
        expires_after=min(_expiry(spec, rules) for spec in specs),
        groups=_group_lists(spec.approvers.groups for spec in specs),
        accounts=_accounts(specs),
        deputies=_deputies(specs, tuple(authors)),
        approver_access=any(spec.require_approver_access for spec in specs),
        emergency=_emergency(specs, level),
    )
    return replace(asked, because=tuple(_because(asked, policies, level)))


def _because(asked: Requirements, policies: Sequence[Policy], level: Level) -> Iterator[Line]:
    yield from gate_lines(policies, level, asked.gate.value)
    if asked.gate is Gate.AUTO:
        return
    yield from quorum_lines(policies, level, asked.required)
    yield from expiry_lines(policies, asked.expires_after.total_seconds())
    if asked.emergency is not None:
        yield from (
            Line("breakGlass", policy.name, "breakGlass") for policy in policies if _is_in_the_way(policy.spec, level)
        )


def _strictest(gates: Iterable[Gate]) -> Gate:
    return max(gates, key=_STRICTNESS.index)


def _up_to(level: Level) -> Iterable[str]:
    """A higher risk never asks for less than a lower one: otherwise raising the risk of a plan would open it."""
    return [lower.value for lower in Level if lower <= level]


def _gate(spec: ApprovalPolicySpec, level: Level) -> Gate:
    return _strictest(Gate(getattr(spec.by_risk, lower) or Gate.BLOCKED) for lower in _up_to(level))


def _quorum(spec: ApprovalPolicySpec, level: Level) -> int:
    return max(getattr(spec.quorum, lower) or 1 for lower in _up_to(level))


def _expiry(spec: ApprovalPolicySpec, rules: Rules) -> timedelta:
    return duration.parse(spec.expires_after) if spec.expires_after else rules.expires_after


def _accounts(specs: Iterable[ApprovalPolicySpec]) -> tuple[str, ...]:
    """Programs that every policy names."""
    named = [{account.user for account in spec.approvers.service_accounts} for spec in specs]
    return tuple(sorted(set.intersection(*named)))


def _deputies(specs: Iterable[ApprovalPolicySpec], authors: tuple[str, ...]) -> tuple[str, ...]:
    found = {
        name
        for spec in specs
        for entry in spec.deputies
        if any(fits(author, entry.author) for author in authors)
        for name in entry.deputies
    }
    return tuple(sorted(found))


def _emergency(specs: Iterable[ApprovalPolicySpec], level: Level) -> Emergency | None:
    """Only if each policy that can stand in the way says who may break its glass; the built-in default never does."""
    in_the_way = [spec.break_glass for spec in specs if _is_in_the_way(spec, level)]
    named = [glass for glass in in_the_way if glass is not None]
    if not named or len(named) != len(in_the_way):
        return None
    return Emergency(groups=_group_lists(glass.groups for glass in named), quorum=max(glass.quorum for glass in named))


def _is_in_the_way(spec: ApprovalPolicySpec, level: Level) -> bool:
    return bool(spec.freezes) or _gate(spec, level) is Gate.BLOCKED


def _group_lists(named: Iterable[Sequence[str]]) -> GroupLists:
    """In one order, whatever order they were written in; a policy that names no group asks for none."""
    return tuple(sorted({tuple(sorted(groups)) for groups in named if groups}))
