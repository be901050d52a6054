"""The shapes of an Agent and of a PolicyBinding: RunAgents' fields, as `deploy.execute` writes them and the CRDs have them.

An Agent is the record of what was deployed and what gateways and approvers need to know about it. What runs are the objects
beside it, all named after it and labelled with it.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from countersign.actions.draft_spec import AccessMode, Budget, Image, ModelId, Names, Person, Prompt, Word
from countersign.model.base import Model
from countersign.model.name import Label, Subdomain

MAX_FORMER = 256
_ATOMIC: dict[str, Any] = {"x-kubernetes-list-type": "atomic"}

FILE = r"[A-Za-z0-9_][A-Za-z0-9._-]*(?:/[A-Za-z0-9_][A-Za-z0-9._-]*)*"
"""A plain relative path: no hidden files, no way up."""
AgentName = Annotated[str, Field(min_length=1, max_length=57, pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")]
"""A label that still is one with `agent-` before it."""
FileName = Annotated[str, Field(min_length=1, max_length=200, pattern=f"^{FILE}$")]


class ToolName(Model):
    """A tool of the agent."""

    name: Label
    """Name of the Tool."""


class LlmConfig(Model):
    """The model that serves one role of the agent."""

    role: Word
    """What the model is for, for example chat or embedding."""
    model_provider: Label
    """Name of the ModelProvider."""
    provider: Word | None = None
    """Type of the provider, for example openai."""
    model: ModelId
    """Id of the model."""
    monthly_budget_usd: Budget | None = None
    """What calls of this role may cost in a month; a gateway that meters them reads it."""


class AgentSpec(Model):
    """An agent that runs: from what, and what it may use."""

    image: Image
    """Image that the agent runs from."""
    service_account_name: Subdomain
    """Service account of the pods. It has no role, and no token is mounted."""
    source_config_map: Subdomain | None = None
    """ConfigMap with the source files, if the agent was deployed from such."""
    entry_point: FileName | None = None
    """Source file that is run."""
    framework: Word | None = None
    """Framework that the agent is written with."""
    hashed_requirements: bool | None = None
    """Whether every requirement is pinned by a hash; left out if there are none."""
    system_prompt: Prompt | None = None
    """Text that the agent is told first."""
    required_tools: Annotated[tuple[ToolName, ...], Field(max_length=256, json_schema_extra=_ATOMIC)] = ()
    """Tools that the agent is given."""
    llm_configs: Annotated[tuple[LlmConfig, ...], Field(max_length=8, json_schema_extra=_ATOMIC)] = ()
    """Models that the agent is given."""
    policies: Names = ()
    """Policies that are bound to the agent's service account."""
    former_policies: Annotated[tuple[Label, ...], Field(max_length=MAX_FORMER, json_schema_extra=_ATOMIC)] = ()
    """Policies that once were. Their bindings still stand, but bind nobody."""
    access_mode: AccessMode | None = None
    """Whether everybody may call the agent, or only users of the identity provider; a gateway reads it."""
    identity_provider: Subdomain | None = None
    """Name of the identity provider whose users may call the agent."""
    draft: Label | None = None
    """DeployDraft that the agent was deployed from."""
    user_id: Person | None = None
    """For whom the agent was deployed, as the plan says; nobody checks it, and it grants nothing."""


def read_agent(body: Mapping[str, Any] | None) -> AgentSpec | None:
    """None when there is no agent, or when what stands there was written under another schema."""
    try:
        return AgentSpec.model_validate(body["spec"]) if body else None
    except (KeyError, ValidationError):
        return None


class PolicyRef(Model):
    """A Policy in the same namespace."""

    name: Label
    """Name of the Policy."""


class Subject(Model):
    """Somebody whom a policy binds."""

    kind: Literal["ServiceAccount"] = "ServiceAccount"
    """ServiceAccount is the only kind."""
    name: Subdomain
    """Name of the service account."""
    namespace: Label | None = None
    """Namespace of the service account; that of the binding if it is left out."""


class PolicyBindingSpec(Model):
    """Which service accounts a Policy binds. A binding without subjects binds nobody."""

    policy_ref: PolicyRef
    """The Policy."""
    subjects: Annotated[tuple[Subject, ...], Field(max_length=64, json_schema_extra=_ATOMIC)] = ()
    """The service accounts."""
