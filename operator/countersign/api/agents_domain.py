"""The statuses of the kinds that agents use. Their specs are those of the action types that write them.

Plans write the specs; the statuses are what the operator's observers found out, and nobody else writes them.
"""

from typing import Annotated, Literal

from pydantic import Field

from countersign.model.base import Recorded
from countersign.model.name import Label, Subdomain

MOST_USERS = 256
"""How many a status names."""


class ToolStatus(Recorded):
    """Whether the tool can be reached, as of the last probe."""

    observed_generation: int | None = None
    """Generation of the spec that was probed."""
    phase: Literal["Pending", "Available", "Unreachable"] | None = None
    """Pending until the first probe. An answer of 401 or 403 counts as Available, a 5xx or no answer as Unreachable."""
    message: Annotated[str, Field(max_length=1024)] | None = None
    """What the last probe found, as a sentence."""
    last_probe_time: Annotated[str, Field(max_length=40)] | None = None
    """When it was probed last, as RFC 3339."""
    probe_latency_ms: Annotated[int, Field(ge=0)] | None = None
    """How long the last probe took, in milliseconds."""


class ModelProviderStatus(Recorded):
    """Whether the provider can be used, as far as that can be told without calling it."""

    observed_generation: int | None = None
    """Generation of the spec that was looked at."""
    phase: Literal["Pending", "Available", "Unavailable", "Failed"] | None = None
    """Pending while nobody could look for the Secret, Unavailable without it, Failed if the spec cannot work."""
    message: Annotated[str, Field(max_length=1024)] | None = None
    """What is missing or wrong and what mends it, as a sentence."""


class PolicyUser(Recorded):
    """A service account that a PolicyBinding binds to the policy."""

    name: Subdomain
    """Name of the service account; that of an agent is `agent-` and its name."""
    namespace: Label
    """Namespace of the service account, which is that of the policy."""


class PolicyStatus(Recorded):
    """Whether the policy says what can be enforced, and whom it binds."""

    observed_generation: int | None = None
    """Generation of the spec that was looked at."""
    ready: bool | None = None
    """Whether every rule can be understood."""
    message: Annotated[str, Field(max_length=1024)] | None = None
    """What the policy does, or what is wrong with it, as a sentence."""
    used_by: Annotated[
        tuple[PolicyUser, ...], Field(max_length=MOST_USERS, json_schema_extra={"x-kubernetes-list-type": "atomic"})
    ] = ()
    """The service accounts that PolicyBindings bind to it, in order of their names; the first 256 if there are more."""


class AgentStatus(Recorded):
    """Whether the agent runs, as its Deployment and pods say."""

    observed_generation: int | None = None
    """Generation of the spec that this was said of."""
    phase: Literal["Pending", "Running", "Failed"] | None = None
    """Running as long as enough pods are available, Failed when the rollout came no further within its deadline."""
    reason: Annotated[str, Field(max_length=128)] | None = None
    """Why it does not run, as one word, for example ImagePullBackOff."""
    message: Annotated[str, Field(max_length=1024)] | None = None
    """What is missing, as a sentence."""


class PolicyBindingStatus(Recorded):
    """Whether the binding binds anybody to anything."""

    observed_generation: int | None = None
    """Generation of the spec that this was said of."""
    ready: bool | None = None
    """Whether the Policy exists and there is somebody whom it binds."""
    message: Annotated[str, Field(max_length=1024)] | None = None
    """What is missing, as a sentence."""
