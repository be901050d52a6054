"""The shape of a DeployDraft: what RunAgents keeps about a deployment that is being put together.

`deploy_draft.create_or_patch` takes it as params (in snake_case, as the seed has it), the CRD DeployDraft is generated from
`DraftSpec` (in camelCase), and `deploy.execute` reads it. How a patch is merged and a version counted is in `draft_merge`.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, Strict, ValidationError

from countersign.actions.keys import keyed_by
from countersign.model.base import Model
from countersign.model.name import Label, Subdomain
from countersign.model.snake import Snake

_ATOMIC: dict[str, Any] = {"x-kubernetes-list-type": "atomic"}

Word = Annotated[str, Field(min_length=1, max_length=63, pattern=r"^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$")]
Person = Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$")]
ModelId = Annotated[str, Field(min_length=1, max_length=256, pattern=r"^[\x21-\x7e]+$")]
Budget = Annotated[float, Strict(), Field(ge=0, le=1_000_000)]
Prompt = Annotated[str, Field(max_length=65_536)]
Image = Annotated[str, Field(min_length=1, max_length=512, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/@-]*[A-Za-z0-9]$")]
Flag = Annotated[bool, Strict()]
Names = Annotated[tuple[Label, ...], Field(max_length=64, json_schema_extra=_ATOMIC)]
KEYS = keyed_by(r".{1,256}", "has 1 to 256 characters")
ROLES = keyed_by(
    r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?", "is one word of at most 63 characters, such as default"
)
Version = Annotated[int, Strict(), Field(ge=1, le=1_000_000_000)]


class DraftStatus(StrEnum):
    """How far the draft is."""

    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    ABANDONED = "ABANDONED"


class AccessMode(StrEnum):
    """Who may call the agent."""

    OPEN = "open"
    AUTHENTICATED = "authenticated"


class ModelMapping(Model):
    """The model that serves one role of the agent."""

    provider: Label
    """Name of the ModelProvider."""
    model: ModelId
    """Id of the model, one of those that the provider lists."""
    monthly_budget_usd: Budget | None = None
    """What calls of this role may cost in a month; a gateway that meters them reads it."""


class AgentConfig(Model):
    """What the agent is to be."""

    agent_name: Label | None = None
    """Name that the wizard proposes; deploy.execute names the agent itself."""
    system_prompt: Prompt | None = None
    """Text that the agent is told first."""
    use_custom_image: Flag | None = None
    """Deploy customImage instead of the artifact."""
    custom_image: Image | None = None
    """Image to deploy when useCustomImage is true."""
    access_mode: AccessMode | None = None
    """Whether everybody may call the agent, or only users of the identity provider."""
    identity_provider: Subdomain | None = None
    """Name of the identity provider whose users may call the agent."""


class DraftFields(Model):
    """What a draft holds and a plan may write."""

    artifact_id: Subdomain | None = None
    """Name of the ConfigMap with the source files, labelled countersign.dev/artifact."""
    source_type: Word | None = None
    """Where the source comes from, for example code; the wizard's own note."""
    runtime_family: Word | None = None
    """Runtime that the wizard found; its own note."""
    adapter: Word | None = None
    """Adapter that the wizard found; its own note."""
    step: Word | None = None
    """Step of the wizard, for example connect or deploy; its own note."""
    status: DraftStatus | None = None
    """IN_PROGRESS, COMPLETED once it was deployed, or ABANDONED, after which it cannot be deployed."""
    policies: Names | None = None
    """Policies to bind to the agent."""
    required_tool_names: Names | None = None
    """Tools that the agent cannot do without."""
    recommended_tool_names: Names | None = None
    """Tools that the wizard recommends; they are not given to the agent."""
    tool_mappings: Annotated[dict[str, Label | None] | None, Field(max_length=64), KEYS] = None
    """From a tool or address found in the source to the name of the Tool."""
    tool_states: Annotated[dict[str, Word | None] | None, Field(max_length=64), KEYS] = None
    """Per tool found in the source, how far its wiring is; the wizard's own note."""
    model_mappings: Annotated[Mapping[str, ModelMapping | None] | None, Field(max_length=8), ROLES] = None
    """From a role, for example default or embedding, to the model that serves it."""
    agent_config: AgentConfig | None = None
    """What the agent is to be."""
    user_id: Person | None = None
    """For whom the draft is, as the plan says; nobody checks it, and it grants nothing."""


class DraftSpec(DraftFields):
    """A deployment that is being put together."""

    version: Version
    """Counts the changes of the draft. Who changes it counts on by one, so that nobody overwrites what they have not seen."""


class ModelMappingParams(ModelMapping, Snake):
    """The model that serves one role of the agent."""


class AgentConfigParams(AgentConfig, Snake):
    """What the agent is to be."""


class DraftParams(DraftFields, Snake):
    """What `deploy_draft.create_or_patch` needs to know: nothing is required, null takes a field away."""

    id: Label | None = None
    """Name of the draft. Left out, it is made from the names of plan and action."""
    expected_version: Version | None = None
    """Version that the draft has to have. Any other is a finding, unless the draft already is what the plan wants."""
    namespace: Label | None = None
    """Namespace of the draft; if it is named at all it has to be the plan's."""
    model_mappings: Annotated[Mapping[str, ModelMappingParams | None] | None, Field(max_length=8), ROLES] = None
    """From a role, for example default or embedding, to the model that serves it."""
    agent_config: AgentConfigParams | None = None
    """What the agent is to be."""


def read_draft(body: Mapping[str, Any] | None) -> DraftSpec | None:
    """None when there is no draft, or when what stands there was written under another schema."""
    try:
        return DraftSpec.model_validate(body["spec"]) if body else None
    except (KeyError, ValidationError):
        return None
