"""The shape of a Policy: RunAgents' fields, with the bounds and defaults that its documentation gives or implies.

`policy.upsert` takes it as params, and the CRD `Policy` is generated from `PolicySpec`. What takes more than one field to
judge is in `policy_rules`. The words of a match are those of `coverage`, which tells what a rule covers.
"""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from countersign.actions.tool_spec import Flag, Method, RiskTags
from countersign.model.base import Model
from countersign.model.duration import Duration
from countersign.model.name import Label

_SET: dict[str, Any] = {"x-kubernetes-list-type": "set"}
_ATOMIC: dict[str, Any] = {"x-kubernetes-list-type": "atomic"}

Group = Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$")]
Word = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$")]
Resource = Annotated[str, Field(min_length=1, max_length=1024, pattern=r"^(\*|https?://[^\s*]+\*?)$")]
Operations = Annotated[tuple[Method, ...], Field(max_length=7, json_schema_extra=_SET)]


class Permission(StrEnum):
    """What a rule says about the calls it matches."""

    ALLOW = "allow"
    DENY = "deny"
    APPROVAL_REQUIRED = "approval_required"


class Match(StrEnum):
    """How many of the groups have to approve."""

    ANY = "any"
    ALL = "all"


class DeliveryMode(StrEnum):
    """When a request for approval counts as delivered."""

    FIRST_SUCCESS = "first_success"
    ALL = "all"


class PolicyRule(Model):
    """What agents may do with the calls that it matches; it has a resource, tags or both, and then both have to match."""

    permission: Permission
    """allow, deny or approval_required. deny is stronger than approval_required, which is stronger than allow."""
    resource: Resource | None = None
    """URL of the calls, for example https://api.example.com/v1/*. A * at the end stands for any text; * alone is everything."""
    operations: Operations = ()
    """HTTP methods, in capitals. Left out, every method."""
    tags: RiskTags = ()
    """Risk tags: the tool that is called has to carry one of them."""


class Approvers(Model):
    """Who approves."""

    groups: Annotated[tuple[Group, ...], Field(min_length=1, max_length=16, json_schema_extra=_SET)]
    """Groups whose members approve."""
    match: Match = Match.ANY
    """any: somebody of one of the groups is enough. all: somebody of each group."""


class Delivery(Model):
    """How approvers hear of a request."""

    connectors: Annotated[tuple[Word, ...], Field(max_length=16, json_schema_extra=_SET)] = ()
    """Approval connectors of the gateway, by id or name. They are no objects of this cluster, so nobody checks them here."""
    mode: DeliveryMode = DeliveryMode.FIRST_SUCCESS
    """first_success: the first connector that takes it is enough. all: every connector has to."""
    fallback_to_ui: Annotated[Flag, Field(alias="fallbackToUI")] = True
    """Show the request in the user interface if no connector takes it."""


class ApprovalRule(Model):
    """Who approves calls that need approval. Every match that is left out matches everything."""

    name: Word | None = None
    """Label of the rule, for people."""
    tool_ids: Annotated[tuple[Label, ...], Field(max_length=64, json_schema_extra=_SET)] = ()
    """Names of Tools in this namespace."""
    capabilities: Annotated[tuple[Word, ...], Field(max_length=64, json_schema_extra=_SET)] = ()
    """Names of capabilities of these tools."""
    operations: Operations = ()
    """HTTP methods, in capitals."""
    resource: Resource | None = None
    """URL of the calls, as in the rules."""
    tags: RiskTags = ()
    """Risk tags: the tool that is called has to carry one of them."""
    approvers: Approvers
    """Who approves."""
    default_duration: Duration = "4h"
    """How long an approval lasts unless the approver says otherwise, for example 1h."""
    delivery: Delivery | None = None
    """How approvers hear of it. Left out, as the gateway is set up."""


class PolicySpec(Model):
    """What agents may call, and who approves what needs approval. It is in force for those it is bound to."""

    policies: Annotated[tuple[PolicyRule, ...], Field(max_length=64, json_schema_extra=_ATOMIC)] = ()
    """The rules. What none of them allows is denied."""
    approvals: Annotated[tuple[ApprovalRule, ...], Field(max_length=32, json_schema_extra=_ATOMIC)] = ()
    """Who approves calls for which a rule says approval_required."""


class PolicyParams(Model):
    """What `policy.upsert` needs to know."""

    name: Label
    """Name of the Policy: lower-case letters, digits and hyphens, at most 63."""
    spec: PolicySpec
    """What the Policy is to say: at least one rule or approval."""
