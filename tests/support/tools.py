"""Params of `tool.upsert`, in which a test names only what matters to it."""

from countersign.actions.tool_spec import ToolParams
from countersign.model.digest import canonical

API_KEY = {"type": "APIKey", "apiKeyConfig": {"name": "X-API-Key", "secretRef": {"name": "payments-key"}}}
OAUTH2 = {
    "type": "OAuth2",
    "oauth2Config": {
        "authUrl": "https://login.example.com/authorize",
        "tokenUrl": "https://login.example.com/token",
        "scopes": ["payments.read"],
        "authParams": {"audience": "payments"},
        "credentialsSecretRef": {"name": "payments-client"},
    },
}
REFUND = {"name": "refund", "method": "POST", "path": "/v1/refunds"}


def a_connection(base_url="https://payments.example.com", **rest):
    return {"baseUrl": base_url, **rest}


def params_of(*, connection=None, name="payments-api", **spec):
    return {"name": name, "spec": {"connection": connection or a_connection(), **spec}}


def parsed(params):
    return ToolParams.read(canonical(params))
