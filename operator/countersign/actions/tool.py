"""`tool.upsert`: make a Tool be what the plan says. The example of how an action type is made.

A type says what its params are (`tool_spec`), what is wrong with them beyond their schema (`tool_rules`), what they refer
to, which effects they have and how risky these are (`tool_risk`). It answers with values; the core asks and decides.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from countersign.actions.authentication import SecretRef
from countersign.actions.base import ActionType, Issue, Reference, Seen, World
from countersign.actions.tool_effect import tool_effect
from countersign.actions.tool_risk import factors
from countersign.actions.tool_rules import AUTHENTICATION, CONNECTION, issues
from countersign.actions.tool_spec import ToolParams
from countersign.model.effect import SECRET, TOOL, Effect
from countersign.model.path import Part
from countersign.model.risk import Factor

_AUTH_TYPE = "write spec.connection.authentication.type"
_NO_MANIFEST = "params are no manifest: write name and spec only"
_NO_CREDENTIALS = (
    "a plan carries no credentials: put them into a Secret and name it under spec.connection.authentication"
)
_NO_NAMESPACE = "leave it out: Secrets are taken from the namespace of the plan"


class ToolUpsert(ActionType[ToolParams]):
    """Creates a Tool or makes an existing one be what the plan says.

    Fields that an earlier plan set and this one leaves out go back to their defaults. Fields of other managers stay.
    """

    type = "tool.upsert"
    params = ToolParams
    kinds = (TOOL,)
    example: ClassVar[Mapping[str, Any]] = {
        "name": "payments-api",
        "spec": {
            "description": "Payments API",
            "connection": {
                "topology": "External",
                "baseUrl": "https://payments.example.com",
                "port": 443,
                "scheme": "HTTPS",
                "authentication": {"type": "None"},
            },
            "governance": {
                "accessControl": {"mode": "Restricted"},
                "approval": {"group": "payments-owners", "defaultDuration": "4h"},
                "caching": {"enabled": True, "duration": "5m"},
            },
            "capabilities": [
                {
                    "name": "list-payments",
                    "method": "GET",
                    "path": "/v1/payments",
                    "description": "Payments of one day",
                },
                {"name": "refund", "method": "POST", "path": "/v1/payments/*/refunds", "riskTags": ["financial"]},
            ],
            "riskTags": ["pii"],
        },
    }
    hints: ClassVar[Mapping[str, str]] = {
        "apiVersion": _NO_MANIFEST,
        "kind": _NO_MANIFEST,
        "metadata": _NO_MANIFEST,
        "credentials": _NO_CREDENTIALS,
        "connection": "write spec.connection",
        "governance": "write spec.governance",
        "description": "write spec.description",
        "topology": "write spec.connection.topology",
        "base_url": "write spec.connection.baseUrl",
        "baseUrl": "write spec.connection.baseUrl",
        "auth_type": _AUTH_TYPE,
        "authType": _AUTH_TYPE,
        "access_mode": "write spec.governance.accessControl.mode",
        "spec.auth": "write spec.connection.authentication",
        "spec.authType": _AUTH_TYPE,
        "spec.auth_type": _AUTH_TYPE,
        "spec.authentication": "write spec.connection.authentication",
        "spec.baseUrl": "write spec.connection.baseUrl",
        "spec.base_url": "write spec.connection.baseUrl",
        "spec.topology": "write spec.connection.topology",
        "spec.mode": "write spec.governance.accessControl.mode",
        "spec.accessControl": "write spec.governance.accessControl",
        "spec.tags": "write spec.riskTags",
        "spec.risk_tags": "write spec.riskTags",
        "spec.credentials": _NO_CREDENTIALS,
        "spec.connection.auth": "write spec.connection.authentication",
        "spec.connection.authType": _AUTH_TYPE,
        "spec.connection.base_url": "write spec.connection.baseUrl",
        "spec.connection.url": "write spec.connection.baseUrl",
        "spec.connection.authentication.apiKey": "a plan carries no key: name its Secret in apiKeyConfig.secretRef.name",
        "spec.connection.authentication.apiKeyConfig.secretRef.namespace": _NO_NAMESPACE,
        "spec.connection.authentication.oauth2Config.credentialsSecretRef.namespace": _NO_NAMESPACE,
        "spec.connection.tls.caSecretRef.namespace": _NO_NAMESPACE,
    }

    def check(self, params: ToolParams) -> Iterable[Issue]:
        return tuple(issues(params))

    def references(self, params: ToolParams, world: World) -> tuple[Reference, ...]:
        del world
        return tuple(
            Reference(kind=SECRET, name=ref.name, path=(*path, "name")) for path, ref in _secrets(params) if ref
        )

    def compile(self, params: ToolParams, world: World) -> tuple[Effect, ...]:
        return (tool_effect(params, world),)

    def assess(self, params: ToolParams, seen: tuple[Seen, ...]) -> tuple[Factor, ...]:
        return factors(params, seen)


def _secrets(params: ToolParams) -> Iterator[tuple[tuple[Part, ...], SecretRef | None]]:
    connection = params.spec.connection
    if (key := connection.authentication.api_key_config) is not None:
        yield (*AUTHENTICATION, "apiKeyConfig", "secretRef"), key.secret_ref
    if (oauth2 := connection.authentication.oauth2_config) is not None:
        yield (*AUTHENTICATION, "oauth2Config", "credentialsSecretRef"), oauth2.credentials_secret_ref
    if connection.tls is not None:
        yield (*CONNECTION, "tls", "caSecretRef"), connection.tls.ca_secret_ref
