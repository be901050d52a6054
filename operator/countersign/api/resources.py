"""The custom resources: which model stands for which kind, what `kubectl get` shows of it, and what must never change in it.

`RESOURCES` is the index that crd.py, rbac.py and the reference are generated from.
"""

from dataclasses import dataclass
from typing import Any

from countersign.actions.agent_spec import AgentSpec, PolicyBindingSpec
from countersign.actions.draft_spec import DraftSpec
from countersign.actions.policy_spec import PolicySpec
from countersign.actions.provider_spec import ModelProviderSpec
from countersign.actions.tool_spec import ToolSpec
from countersign.api.agents_domain import (
    AgentStatus,
    ModelProviderStatus,
    PolicyBindingStatus,
    PolicyStatus,
    ToolStatus,
)
from countersign.api.approval_policy import ApprovalPolicySpec
from countersign.api.manifest import JSON
from countersign.api.names import APPROVAL_POLICY, PLAN, PLAN_PREVIEW
from countersign.api.plan_spec import PlanSpec
from countersign.api.plan_status import STATUS_RULES, PlanStatus
from countersign.api.preview import PlanPreviewSpec
from countersign.api.schema import schema, without_defaults
from countersign.api.standstill import frozen_while_executing
from countersign.model.effect import (
    AGENT,
    DEPLOY_DRAFT,
    MODEL_PROVIDER,
    POLICY,
    POLICY_BINDING,
    TOOL,
    ResourceKind,
)

RULES = "x-kubernetes-validations"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of `kubectl get`; a wide one is shown with `-o wide` only."""

    name: str
    path: str
    type: str = "string"
    wide: bool = False


AGE = Column("Age", ".metadata.creationTimestamp", type="date")


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind. `status` is None for a kind that has none; `rules` are CEL rules over the whole object."""

    kind: ResourceKind
    description: str
    spec: JSON
    status: JSON | None
    columns: tuple[Column, ...]
    short_name: str
    rules: tuple[JSON, ...] = ()
    selectable: tuple[str, ...] = ()


def _status(model: Any, *rules: JSON, **extra: Any) -> JSON:
    return {**without_defaults(schema(model)), **extra, **({RULES: list(rules)} if rules else {})}


_PLAN_SPEC = schema(PlanSpec)
_SAYS_SOMETHING: JSON = {
    "rule": "size(self.spec.policies) + size(self.spec.approvals) > 0",
    "message": "a policy needs at least one entry in policies or approvals",
}

RESOURCES: tuple[Resource, ...] = (
    Resource(
        kind=PLAN,
        description="A list of typed actions that run only after the right people have countersigned exactly what they would change.",
        spec=_PLAN_SPEC,
        # kstatus takes a plan that nobody has looked at for unfinished only when observedGeneration differs from generation.
        status=_status(PlanStatus, *STATUS_RULES, default={"observedGeneration": -1}),
        columns=(
            Column("Phase", ".status.phase"),
            Column("Reason", ".status.reason"),
            Column("Risk", ".status.maxRisk"),
            Column("Approvals", ".status.approval.progress"),
            Column("Progress", ".status.progress"),
            AGE,
            Column("Digest", ".status.digest", wide=True),
            Column("Message", ".status.message", wide=True),
        ),
        short_name="cplan",
        rules=(frozen_while_executing(_PLAN_SPEC),),
        selectable=(".status.phase", ".status.reason", ".status.maxRisk"),
    ),
    Resource(
        kind=PLAN_PREVIEW,
        description="The full difference that one digest of a Plan stands for. Written by the operator, never changed.",
        spec={
            **without_defaults(schema(PlanPreviewSpec)),
            RULES: [
                {"rule": "self == oldSelf", "message": "a preview is never changed: another digest has another preview"}
            ],
        },
        status=None,
        columns=(
            Column("Plan", ".spec.plan"),
            Column("Publication", ".spec.publication", type="integer"),
            AGE,
            Column("Digest", ".spec.digest", wide=True),
        ),
        short_name="cpreview",
    ),
    Resource(
        kind=APPROVAL_POLICY,
        description="What plans need before they start. Of all policies that match a plan the strictest of each counts.",
        # A default that the server fills in would look like a rule that somebody wrote.
        spec=without_defaults(schema(ApprovalPolicySpec)),
        status=None,
        columns=(
            Column("Low", ".spec.byRisk.low"),
            Column("Medium", ".spec.byRisk.medium"),
            Column("High", ".spec.byRisk.high"),
            Column("Critical", ".spec.byRisk.critical"),
            AGE,
            Column("Description", ".spec.description", wide=True),
        ),
        short_name="capproval",
    ),
    Resource(
        kind=TOOL,
        description="An HTTP API that agents may use, how it is reached, and under which rules.",
        spec=schema(ToolSpec),
        status=_status(ToolStatus),
        columns=(
            Column("Topology", ".spec.connection.topology"),
            Column("Base URL", ".spec.connection.baseUrl"),
            Column("Mode", ".spec.governance.accessControl.mode"),
            AGE,
            Column("Phase", ".status.phase", wide=True),
            Column("Message", ".status.message", wide=True),
        ),
        short_name="ctool",
    ),
    Resource(
        kind=MODEL_PROVIDER,
        description="A service that runs language models, how it is reached, and which models agents may use.",
        spec=schema(ModelProviderSpec),
        status=_status(ModelProviderStatus),
        columns=(
            Column("Provider", ".spec.provider"),
            Column("Endpoint", ".spec.endpoint"),
            Column("Phase", ".status.phase"),
            AGE,
            Column("Message", ".status.message", wide=True),
        ),
        short_name="cprovider",
    ),
    Resource(
        kind=POLICY,
        description="What agents may call, and who approves what needs approval. In force for those it is bound to.",
        spec=schema(PolicySpec),
        status=_status(PolicyStatus),
        columns=(
            Column("Ready", ".status.ready", type="boolean"),
            AGE,
            Column("Message", ".status.message", wide=True),
        ),
        short_name="cpolicy",
        rules=(_SAYS_SOMETHING,),
    ),
    Resource(
        kind=POLICY_BINDING,
        description="Which service accounts a Policy binds. Made with an agent; without it a Policy binds nobody.",
        spec=schema(PolicyBindingSpec),
        status=_status(PolicyBindingStatus),
        columns=(
            Column("Policy", ".spec.policyRef.name"),
            Column("Ready", ".status.ready", type="boolean"),
            AGE,
            Column("Message", ".status.message", wide=True),
        ),
        short_name="cbinding",
    ),
    Resource(
        kind=DEPLOY_DRAFT,
        description="A deployment that is being put together. Its state is its spec, so it has no status.",
        spec={
            **schema(DraftSpec),
            RULES: [
                {
                    "rule": "self == oldSelf || self.version > oldSelf.version",
                    "message": "whoever changes a draft counts its version on, so that nobody overwrites what they have not seen",
                }
            ],
        },
        status=None,
        columns=(
            Column("Status", ".spec.status"),
            Column("Version", ".spec.version", type="integer"),
            Column("Step", ".spec.step"),
            AGE,
            Column("User", ".spec.userId", wide=True),
        ),
        short_name="cdraft",
    ),
    Resource(
        kind=AGENT,
        description="A deployed agent: from what it runs and what it may use. Its Deployment, Service and account carry its name.",
        spec=schema(AgentSpec),
        status=_status(AgentStatus),
        columns=(
            Column("Phase", ".status.phase"),
            Column("Reason", ".status.reason"),
            Column("Image", ".spec.image"),
            AGE,
            Column("Draft", ".spec.draft", wide=True),
            Column("Message", ".status.message", wide=True),
        ),
        short_name="cagent",
        selectable=(".status.phase",),
    ),
)

OBSERVED: tuple[ResourceKind, ...] = (TOOL, MODEL_PROVIDER, POLICY, POLICY_BINDING, AGENT)
"""The kinds whose status the operator finds out by itself."""

DOMAIN: tuple[ResourceKind, ...] = tuple(
    resource.kind for resource in RESOURCES if resource.kind not in (PLAN, PLAN_PREVIEW, APPROVAL_POLICY)
)
"""The kinds that plans write and agents read."""
