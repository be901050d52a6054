"""What a platform team writes into an ApprovalPolicy. The CRD is generated from it; the core reads policies back through it.

A field that is left out asks for nothing, except `byRisk`: a level that is left out is blocked.
"""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from countersign.api.plan_spec import RiskLevel
from countersign.model import cron, duration, instant
from countersign.model.base import Model
from countersign.model.duration import Duration
from countersign.model.name import Label

MAX_QUORUM = 16
MAX_FREEZE = timedelta(days=31)

_ONE_FORM = "a freeze has either starts and ends, or schedule and duration: leave out the others"
_EITHER: Any = [
    {"rule": "has(self.starts) == has(self.ends) && has(self.schedule) == has(self.duration)", "message": _ONE_FORM},
    {"rule": "has(self.starts) != has(self.schedule)", "message": _ONE_FORM},
]

_SET: Any = {"x-kubernetes-list-type": "set"}
_ATOMIC: Any = {"x-kubernetes-list-type": "atomic"}
GateName = Literal["auto", "humanInTheLoop", "blocked"]
User = Annotated[str, Field(min_length=1, max_length=512)]
TypePattern = Annotated[str, Field(max_length=128, pattern=r"^([a-z0-9_.]+\*?|\*)$")]
"""An action type; a star at the end stands for any rest."""
HostPattern = Annotated[str, Field(max_length=253, pattern=r"^(\*\.)?[a-z0-9]([a-z0-9.:-]*[a-z0-9])?$")]
"""A host name in lower case; `*.` in front stands for any names below it."""
Groups = Annotated[list[User], Field(max_length=32, json_schema_extra=_SET)]
Quorum = Annotated[int, Field(ge=1, le=MAX_QUORUM)]
Alias = Annotated[str, Field(min_length=1, max_length=64)]
LabelKey = Annotated[str, Field(min_length=1, max_length=317)]
LabelValue = Annotated[str, Field(max_length=63)]


class LabelRequirement(Model):
    """One expression about the labels of the namespace."""

    key: LabelKey
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist"]
    values: Annotated[list[LabelValue], Field(max_length=32, json_schema_extra=_ATOMIC)] = []
    """For In and NotIn."""


class NamespaceSelector(Model):
    """All of it has to hold; an empty one selects every namespace."""

    match_labels: Annotated[dict[str, LabelValue], Field(max_length=32)] = {}
    match_expressions: Annotated[list[LabelRequirement], Field(max_length=32, json_schema_extra=_ATOMIC)] = []


class Match(Model):
    """Which plans the policy is for; labels of the plan itself play no part, because its author writes them."""

    namespace_selector: NamespaceSelector = NamespaceSelector()
    """Labels of the plan's namespace."""
    authors: Annotated[list[User], Field(max_length=64, json_schema_extra=_SET)] = []
    """Users; a star at the end stands for any rest. Empty: everybody."""
    action_types: Annotated[list[TypePattern], Field(max_length=64, json_schema_extra=_SET)] = []
    """Types of actions. Empty: all."""


class ByRisk(Model):
    """The gate of each level of risk. A level that is left out is blocked, and a higher one is never more open than a lower."""

    low: GateName | None = None
    medium: GateName | None = None
    high: GateName | None = None
    critical: GateName | None = None


class QuorumByRisk(Model):
    """How many distinct people have to approve. Left out, one; a higher level never needs fewer than a lower."""

    low: Quorum | None = None
    medium: Quorum | None = None
    high: Quorum | None = None
    critical: Quorum | None = None


class ServiceAccountName(Model):
    """A program that may approve."""

    namespace: Label
    name: Annotated[str, Field(min_length=1, max_length=253)]

    @property
    def user(self) -> str:
        return f"system:serviceaccount:{self.namespace}:{self.name}"


class Approvers(Model):
    """Who may approve, besides having the verb `approve` on the plans of the namespace."""

    groups: Groups = []
    """People have to belong to one of these. Empty: any person."""
    service_accounts: Annotated[list[ServiceAccountName], Field(max_length=16, json_schema_extra=_ATOMIC)] = []
    """Programs that may approve; every policy that matches has to name them."""


class Deputies(Model):
    """People who are treated as authors of whatever the author wrote."""

    author: User
    deputies: Annotated[list[User], Field(min_length=1, max_length=32, json_schema_extra=_SET)]


class ActionRules(Model):
    """Types that plans may hold. A star at the end stands for any rest; deny wins."""

    allow: Annotated[list[TypePattern] | None, Field(max_length=64, json_schema_extra=_SET)] = None
    """Left out: every type."""
    deny: Annotated[list[TypePattern], Field(max_length=64, json_schema_extra=_SET)] = []


class Budgets(Model):
    """What one plan may use at most."""

    max_actions: Annotated[int | None, Field(ge=1, le=200)] = None
    max_duration: Duration | None = None
    """Timeouts of all actions and their retries added up."""
    max_preview_bytes: Annotated[int | None, Field(ge=1, le=1_048_576)] = None


class Egress(Model):
    """Where tools and model providers may lead."""

    allowed_hosts: Annotated[list[HostPattern] | None, Field(max_length=128, json_schema_extra=_SET)] = None
    """Left out: anywhere."""


class Freeze(Model):
    """A time in which nothing starts: from one moment until another, or again and again for a while."""

    model_config = ConfigDict(json_schema_extra={"x-kubernetes-validations": _EITHER})

    name: Label
    starts: Annotated[str | None, Field(max_length=40)] = None
    """First moment, as RFC 3339."""
    ends: Annotated[str | None, Field(max_length=40)] = None
    """The moment at which it is over, as RFC 3339."""
    schedule: Annotated[str | None, Field(min_length=9, max_length=128)] = None
    """When it begins again and again: minute, hour, day of month, month, day of week, as in cron."""
    time_zone: Annotated[str, Field(min_length=1, max_length=64)] = "UTC"
    """Zone of the schedule, for example Europe/Berlin."""
    length: Duration | None = Field(default=None, alias="duration")
    """How long it lasts each time, at most 31 days."""

    @model_validator(mode="after")
    def _understood(self) -> Self:
        cron.zone(self.time_zone)
        match self:
            case Freeze(starts=str(starts), ends=str(ends), schedule=None, length=None):
                if not _moment(starts) < _moment(ends):
                    raise ValueError("a freeze ends after it starts: correct starts or ends")
            case Freeze(starts=None, ends=None, schedule=str(schedule), length=str(length)):
                cron.parse(schedule)
                if not timedelta() < duration.parse(length) <= MAX_FREEZE:
                    raise ValueError("a freeze lasts more than nothing and at most 31 days: correct duration")
            case _:
                raise ValueError(_ONE_FORM)
        return self


class RiskRaise(Model):
    """Actions of these types have at least this risk."""

    action_types: Annotated[list[TypePattern], Field(min_length=1, max_length=64, json_schema_extra=_SET)]
    level: RiskLevel


class BreakGlass(Model):
    """A second group that opens a blocked gate or a freeze, seen by everybody. It comes on top of the usual approvals by others."""

    groups: Annotated[list[User], Field(min_length=1, max_length=32, json_schema_extra=_SET)]
    quorum: Quorum = 1


class PhaseLabels(Model):
    """What each phase is called for people, for example `Waiting for the board`."""

    draft: Alias | None = Field(default=None, alias="Draft")
    approved: Alias | None = Field(default=None, alias="Approved")
    executing: Alias | None = Field(default=None, alias="Executing")
    executed: Alias | None = Field(default=None, alias="Executed")
    failed: Alias | None = Field(default=None, alias="Failed")


class ApprovalPolicySpec(Model):
    """What plans need before they start. All policies that match a plan are combined to the strictest."""

    description: Annotated[str | None, Field(max_length=1024)] = None
    """For people; changes nothing."""
    match: Match = Match()
    by_risk: ByRisk
    quorum: QuorumByRisk = QuorumByRisk()
    approvers: Approvers = Approvers()
    deputies: Annotated[list[Deputies], Field(max_length=64, json_schema_extra=_ATOMIC)] = []
    """Separation of duties beyond the authors themselves, who can never approve."""
    expires_after: Duration | None = None
    """How long approvals of one digest are good for. Left out, as the operator is set."""
    require_approver_access: bool = False
    """An approver must be allowed every effect of the plan himself."""
    actions: ActionRules = ActionRules()
    budgets: Budgets = Budgets()
    egress: Egress = Egress()
    freezes: Annotated[list[Freeze], Field(max_length=32, json_schema_extra=_ATOMIC)] = []
    risk_raises: Annotated[list[RiskRaise], Field(max_length=32, json_schema_extra=_ATOMIC)] = []
    break_glass: BreakGlass | None = None
    labels: PhaseLabels = PhaseLabels()
    """What phases are called for people, in `status.label`; changes nothing else."""


def _moment(text: str) -> datetime:
    try:
        named = datetime.fromisoformat(text)
    except ValueError:
        named = None
    if named is None or named.tzinfo is None:
        raise ValueError(f"{text} names no moment with its time zone: write it like 2030-12-20T00:00:00Z")
    return instant.parse(text)
