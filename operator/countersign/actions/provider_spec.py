"""The shape of a ModelProvider: RunAgents' fields, with the bounds and defaults that its documentation gives or implies.

`model_provider.upsert` takes it as params, and the CRD `ModelProvider` is generated from `ModelProviderSpec`. What takes more
than one field to judge is in `provider_rules`.
"""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, Strict

from countersign.actions.authentication import ApiKeyConfig, OAuth2Config, SecretRef, Url
from countersign.model.base import Model
from countersign.model.name import Label

_SET: dict[str, Any] = {"x-kubernetes-list-type": "set"}

ModelId = Annotated[str, Field(min_length=1, max_length=256, pattern=r"^[\x21-\x7e]+$")]


class ProviderType(StrEnum):
    """Which API the provider speaks."""

    OPENAI = "openai"
    ANTHROPIC = "anthropic"
    BEDROCK = "bedrock"
    OLLAMA = "ollama"


class ModelAuthType(StrEnum):
    """How calls are authenticated."""

    NONE = "None"
    API_KEY = "APIKey"
    AWS_SIGNATURE = "AWSSignature"
    OAUTH2 = "OAuth2"


# The server fills in what it means to say nothing.
_NO_AUTH: dict[str, Any] = {"default": {"type": ModelAuthType.NONE.value}}


class AwsConfig(Model):
    """Where requests are signed for, and with whose credentials."""

    region: Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[a-z]{2,4}(-[a-z]{1,16}){1,3}-[0-9]{1,2}$")]
    """AWS region, for example eu-central-1."""
    credentials_secret_ref: SecretRef
    """The Secret that holds aws_access_key_id and aws_secret_access_key."""


class ModelAuth(Model):
    """How calls to the provider are authenticated."""

    type: ModelAuthType
    """None, APIKey (needs apiKeyConfig), AWSSignature (needs awsConfig) or OAuth2 (needs oauth2Config)."""
    api_key_config: ApiKeyConfig | None = None
    """For type APIKey: where the key is sent and which Secret holds it."""
    aws_config: AwsConfig | None = None
    """For type AWSSignature: region and the Secret with the access key."""
    oauth2_config: OAuth2Config | None = None
    """For type OAuth2: endpoints, scopes and the Secret with the client credentials."""


class RateLimit(Model):
    """How much agents may ask of the provider."""

    requests_per_minute: Annotated[int, Strict(), Field(ge=1, le=1_000_000)]
    """Requests per minute of all agents together. The gateway that sends the requests enforces it, if it can."""


class ModelProviderSpec(Model):
    """Where models are, which ones, and how calls are authenticated."""

    provider: ProviderType
    """Which API it speaks: openai, anthropic, bedrock or ollama."""
    endpoint: Url
    """Address of the API, for example https://api.openai.com/v1. Plain http only to a name inside, such as a Service."""
    models: Annotated[tuple[ModelId, ...], Field(min_length=1, max_length=128, json_schema_extra=_SET)]
    """Ids of the models that agents may use, exactly as the provider spells them: requests are routed by the exact id."""
    auth: Annotated[ModelAuth, Field(json_schema_extra=_NO_AUTH)] = ModelAuth(type=ModelAuthType.NONE)
    """How calls are authenticated. model_provider.upsert wants it to be said, unless the provider is ollama."""
    rate_limit: RateLimit | None = None
    """How much agents may ask of the provider. Left out, as much as it gives."""


class ModelProviderParams(Model):
    """What `model_provider.upsert` needs to know."""

    name: Label
    """Name of the ModelProvider: lower-case letters, digits and hyphens, at most 63."""
    spec: ModelProviderSpec
    """What the ModelProvider is to be."""
