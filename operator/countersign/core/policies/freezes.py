"""When nothing may start: freezes of all matching policies, at one moment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from countersign.api.approval_policy import Freeze
from countersign.core.policies.policy import Policy
from countersign.model import cron, duration, instant


@dataclass(frozen=True, slots=True)
class Frozen:
    """`until` is when to look again; then another freeze may have begun."""

    policy: str
    name: str
    until: datetime


def frozen(policies: Iterable[Policy], *, now: datetime) -> Frozen | None:
    """The freeze that holds longest."""
    active = [
        Frozen(policy.name, freeze.name, until)
        for policy in policies
        for freeze in policy.spec.freezes
        if (until := _until(freeze, now)) is not None
    ]
    return max(active, key=lambda found: (found.until, found.policy, found.name), default=None)


def _until(freeze: Freeze, now: datetime) -> datetime | None:
    match freeze:
        case Freeze(schedule=str(schedule), length=str(length)):
            lasts = duration.parse(length)
            began = cron.latest(cron.parse(schedule), now=now, within=lasts, zone=cron.zone(freeze.time_zone))
            ends = began + lasts if began else None
        case _:
            began, ends = instant.parse(freeze.starts or ""), instant.parse(freeze.ends or "")
    return ends if began and ends and began <= now < ends else None
