"""The params of `deploy.execute`: RunAgents' deploy request under RunAgents' names."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from countersign.actions.agent_spec import FILE, AgentName, FileName
from countersign.actions.authentication import Url
from countersign.actions.draft_spec import Budget, Flag, Image, ModelId, Names, Person, Prompt, Word
from countersign.actions.keys import keyed_by
from countersign.actions.tool_spec import AuthType, Port, Scheme, Topology
from countersign.model.name import Label, Subdomain
from countersign.model.snake import Snake

FILES = keyed_by(
    rf"(?=.{{1,200}}\Z){FILE}", "is a plain relative path of letters, digits, . _ - and /, such as src/agent.py"
)
ADDRESSES = keyed_by(r"[!-~]{1,2048}", "is an address of at most 2048 characters without spaces")
Text = Annotated[str, Field(max_length=262_144)]


class Role(StrEnum):
    """What a model is for."""

    CHAT = "chat"
    DEFAULT = "default"
    EMBEDDING = "embedding"
    CLASSIFY = "classify"
    RERANKING = "reranking"


class Variable(Snake):
    """An environment variable of the agent."""

    name: Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
    """Name of the variable; those that the platform sets are taken."""
    value: Annotated[str, Field(max_length=32_768)]
    """Its value. It is shown masked; credentials are refused all the same."""


class ModelChoice(Snake):
    """A model that the agent is given."""

    provider: Label | None = None
    """Type of the provider, for example openai; the name of the ModelProvider as well, unless model_provider says another."""
    model_provider: Label | None = None
    """Name of the ModelProvider."""
    model: ModelId
    """Id of the model, one of those that the ModelProvider lists."""
    role: Role = Role.CHAT
    """What the model is for."""
    monthly_budget_usd: Budget | None = None
    """What calls of this role may cost in a month; a gateway that meters them reads it."""

    @property
    def named(self) -> str:
        """The ModelProvider; empty when none is named."""
        return self.model_provider or self.provider or ""


class NewTool(Snake):
    """A tool that is made with the agent."""

    name: Label
    """Name of the Tool."""
    base_url: Url
    """Address of the tool, for example https://api.example.com/v1."""
    description: Annotated[str | None, Field(max_length=1024)] = None
    """What the tool is for."""
    topology: Topology = Topology.EXTERNAL
    """External is reached over the internet, https only. Internal is reached inside the cluster or the company network."""
    auth_type: AuthType = AuthType.NONE
    """None. A tool with authentication names its Secret, which tool.upsert does."""
    port: Port | None = None
    """Port of the tool, if baseUrl does not say it."""
    scheme: Scheme | None = None
    """HTTPS or HTTP, if it is to be said twice."""


class DeployParams(Snake):
    """What `deploy.execute` needs to know: a name, and exactly one of draft_id, artifact_id, image and source_files."""

    agent_name: AgentName
    """Name of the agent: lower-case letters, digits and hyphens, at most 57."""
    draft_id: Label | None = None
    """Deploy this DeployDraft. Other fields of the action win over the draft's."""
    artifact_id: Subdomain | None = None
    """Deploy the files of this ConfigMap, which is labelled countersign.dev/artifact."""
    image: Image | None = None
    """Deploy this image. Name it by digest, or it is whatever the tag points to when a pod starts."""
    source_files: Annotated[dict[str, Text] | None, Field(min_length=1, max_length=128), FILES] = None
    """Deploy these files: from a path such as agent.py to its text."""
    namespace: Label | None = None
    """Namespace of the agent; if it is named at all it has to be the plan's."""
    system_prompt: Prompt | None = None
    """Text that the agent is told first."""
    required_tools: Names | None = None
    """Tools that the agent is given."""
    tool_url_mappings: Annotated[dict[str, Label] | None, Field(max_length=64), ADDRESSES] = None
    """From an address found in the source to the name of the Tool that stands for it."""
    tools_to_create: Annotated[tuple[NewTool, ...], Field(max_length=32)] = ()
    """Tools that are made with the agent, and given to it."""
    llm_configs: Annotated[tuple[ModelChoice, ...] | None, Field(max_length=8)] = None
    """Models that the agent is given."""
    env: Annotated[tuple[Variable, ...], Field(max_length=64)] = ()
    """Further environment variables."""
    requirements: Text | None = None
    """Python requirements of the source, in the words of requirements.txt, each with its hash."""
    entry_point: FileName | None = None
    """Source file that is run. Left out, it is the only one, or main.py, or agent.py."""
    framework: Word | None = None
    """Framework that the agent is written with; the agent finds it in AGENT_FRAMEWORK."""
    identity_provider: Subdomain | None = None
    """Name of the identity provider whose users may call the agent."""
    policies: Names | None = None
    """Policies to bind to the agent. Those that were bound to it and are not named any more bind it no longer."""
    wait: Flag = False
    """Wait until the agent is rolled out, at most for the timeout of the action."""
    user_id: Person | None = None
    """For whom the agent is deployed, as the plan says; nobody checks it, and it grants nothing."""
