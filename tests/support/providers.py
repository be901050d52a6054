"""Params of `model_provider.upsert`, in which a test names only what matters to it."""

API_KEY = {
    "type": "APIKey",
    "apiKeyConfig": {"name": "Authorization", "valuePrefix": "Bearer ", "secretRef": {"name": "openai-key"}},
}
AWS = {"type": "AWSSignature", "awsConfig": {"region": "eu-central-1", "credentialsSecretRef": {"name": "aws-keys"}}}
OAUTH2 = {
    "type": "OAuth2",
    "oauth2Config": {
        "tokenUrl": "https://login.example.com/token",
        "authParams": {"audience": "models"},
        "credentialsSecretRef": {"name": "models-client"},
    },
}
NONE = {"type": "None"}


def a_provider(endpoint="https://api.example.com/v1", *, name="models", auth=NONE, **spec):
    """`auth` of None leaves it out."""
    said = {} if auth is None else {"auth": auth}
    return {"name": name, "spec": {"provider": "openai", "endpoint": endpoint, "models": ["m-1"], **said, **spec}}
