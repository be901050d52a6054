"""`model_provider.upsert`: make a ModelProvider be what the plan says.

What its params are stands in `provider_spec`, what is wrong with them in `provider_rules`, how risky they are in `provider_risk`.
"""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from countersign.actions.base import ActionType, Issue, Reference, Seen, World
from countersign.actions.provider_effect import provider_effect
from countersign.actions.provider_risk import factors
from countersign.actions.provider_rules import issues, secrets, unsaid
from countersign.actions.provider_spec import ModelProviderParams
from countersign.model.effect import MODEL_PROVIDER, SECRET, Effect
from countersign.model.risk import Factor

_AUTH = "write spec.auth"
_ENDPOINT = "write spec.endpoint"
_NO_MANIFEST = "params are no manifest: write name and spec only"
_NO_KEY = "a plan carries no key: put it into a Secret and name that in spec.auth.apiKeyConfig.secretRef.name"
_NO_NAMESPACE = "leave it out: Secrets are taken from the namespace of the plan"
_BUDGET = "write monthly_budget_usd in the model_mappings of a deploy draft"


class ModelProviderUpsert(ActionType[ModelProviderParams]):
    """Creates a ModelProvider or makes an existing one be what the plan says.

    Fields that an earlier plan set and this one leaves out go back to their defaults. Fields of other managers stay.
    """

    type = "model_provider.upsert"
    params = ModelProviderParams
    kinds = (MODEL_PROVIDER,)
    example: ClassVar[Mapping[str, Any]] = {
        "name": "openai-prod",
        "spec": {
            "provider": "openai",
            "endpoint": "https://api.openai.com/v1",
            "models": ["gpt-4o", "gpt-4o-mini"],
            "auth": {
                "type": "APIKey",
                "apiKeyConfig": {
                    "in": "Header",
                    "name": "Authorization",
                    "valuePrefix": "Bearer ",
                    "secretRef": {"name": "openai-key"},
                },
            },
            "rateLimit": {"requestsPerMinute": 600},
        },
    }
    hints: ClassVar[Mapping[str, str]] = {
        "apiVersion": _NO_MANIFEST,
        "kind": _NO_MANIFEST,
        "metadata": _NO_MANIFEST,
        "provider": "write spec.provider",
        "endpoint": _ENDPOINT,
        "base_url": _ENDPOINT,
        "models": "write spec.models",
        "auth": _AUTH,
        "api_key": _NO_KEY,
        "credentials": _NO_KEY,
        "spec.type": "write spec.provider",
        "spec.baseUrl": _ENDPOINT,
        "spec.base_url": _ENDPOINT,
        "spec.url": _ENDPOINT,
        "spec.model": "write spec.models, a list",
        "spec.authentication": _AUTH,
        "spec.authType": "write spec.auth.type",
        "spec.auth_type": "write spec.auth.type",
        "spec.apiKey": _NO_KEY,
        "spec.api_key": _NO_KEY,
        "spec.credentials": _NO_KEY,
        "spec.rate_limit": "write spec.rateLimit",
        "spec.requestsPerMinute": "write spec.rateLimit.requestsPerMinute",
        "spec.region": "write spec.auth.awsConfig.region",
        "spec.pricing": "leave it out, as no provider has a field for prices",
        "spec.monthly_budget_usd": _BUDGET,
        "spec.monthlyBudgetUsd": _BUDGET,
        "spec.auth.apiKey": _NO_KEY,
        "spec.auth.secretRef": "write spec.auth.apiKeyConfig.secretRef",
        "spec.auth.apiKeyConfig.secretRef.namespace": _NO_NAMESPACE,
        "spec.auth.awsConfig.credentialsSecretRef.namespace": _NO_NAMESPACE,
        "spec.auth.oauth2Config.credentialsSecretRef.namespace": _NO_NAMESPACE,
    }

    def check(self, params: ModelProviderParams) -> Iterable[Issue]:
        return (*issues(params.spec), *unsaid(params.spec))

    def references(self, params: ModelProviderParams, world: World) -> tuple[Reference, ...]:
        del world
        return tuple(Reference(kind=SECRET, name=ref.name, path=(*path, "name")) for path, ref in secrets(params.spec))

    def compile(self, params: ModelProviderParams, world: World) -> tuple[Effect, ...]:
        return (provider_effect(params, world),)

    def assess(self, params: ModelProviderParams, seen: tuple[Seen, ...]) -> tuple[Factor, ...]:
        return factors(params, seen)
