"""What is wrong with a ModelProvider that no single field shows, and which Secrets it names.

Takes its spec, gives issues with paths into the params. Messages name fields and never repeat values.
"""

from collections.abc import Iterator

from countersign.actions.authentication import SecretRef
from countersign.actions.authentication_rules import unfit_parameters, unpaired, unsafe_addresses
from countersign.actions.base import Issue
from countersign.actions.provider_spec import ModelAuthType, ModelProviderSpec, ProviderType
from countersign.actions.repetition import repeated
from countersign.model.finding import Code, Severity
from countersign.model.path import Part

Path = tuple[Part, ...]

AUTH: Path = ("spec", "auth")
_ENDPOINT: Path = ("spec", "endpoint")
_OAUTH2: Path = (*AUTH, "oauth2Config")


def issues(spec: ModelProviderSpec) -> Iterator[Issue]:
    """There is no topology to declare, so the host of the endpoint tells whether it is inside."""
    auth = spec.auth
    yield from unsafe_addresses([(_ENDPOINT, spec.endpoint)], auth.oauth2_config, at=_OAUTH2, internal=None)
    yield from repeated(spec.models, ("spec", "models"), what="the model")
    configs = (
        (ModelAuthType.API_KEY, "apiKeyConfig", auth.api_key_config),
        (ModelAuthType.AWS_SIGNATURE, "awsConfig", auth.aws_config),
        (ModelAuthType.OAUTH2, "oauth2Config", auth.oauth2_config),
    )
    yield from unpaired(auth.type, configs, at=AUTH)
    yield from unfit_parameters(auth.oauth2_config, at=_OAUTH2)
    yield from _signature(spec)


def unsaid(spec: ModelProviderSpec) -> Iterator[Issue]:
    """Whoever forgets `auth` would get a provider that sends no key, and hear of it only from the first agent that fails."""
    if "auth" not in spec.model_fields_set and spec.provider is not ProviderType.OLLAMA:
        message = "auth is required unless the provider is ollama: name the Secret of the key, or write type None"
        yield Issue(Code.INVALID_PARAMS, AUTH, message)


def secrets(spec: ModelProviderSpec) -> Iterator[tuple[Path, SecretRef]]:
    """Every Secret that the provider names, with the path of the reference."""
    auth = spec.auth
    if auth.api_key_config is not None:
        yield (*AUTH, "apiKeyConfig", "secretRef"), auth.api_key_config.secret_ref
    if auth.aws_config is not None:
        yield (*AUTH, "awsConfig", "credentialsSecretRef"), auth.aws_config.credentials_secret_ref
    if auth.oauth2_config is not None:
        yield (*_OAUTH2, "credentialsSecretRef"), auth.oauth2_config.credentials_secret_ref


def _signature(spec: ModelProviderSpec) -> Iterator[Issue]:
    if spec.auth.type is ModelAuthType.AWS_SIGNATURE and spec.provider is not ProviderType.BEDROCK:
        message = (
            f"type AWSSignature is what bedrock expects, not {spec.provider}: set another type or provider bedrock"
        )
        yield Issue(Code.INVALID_PARAMS, (*AUTH, "type"), message, severity=Severity.WARNING)
