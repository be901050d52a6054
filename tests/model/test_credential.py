"""What looks like a credential, and what only talks about one."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.model.credential import Kind, suspicious

# Put together here, so that no scanner of this repository takes the examples for real ones.
ISSUED = {
    "AWS access key": ("AKIA" + "IOSFODNN7EXAMPLE", Kind.AWS),
    "AWS temporary key": ("ASIA" + "IOSFODNN7EXAMPLE", Kind.AWS),
    "GitHub personal token": ("ghp_" + "a1B2" * 9, Kind.GITHUB),
    "GitHub server token": ("ghs_" + "a1B2" * 9, Kind.GITHUB),
    "GitHub fine-grained token": ("github_pat_" + "11ABCDEFG0" * 3, Kind.GITHUB),
    "GitLab token": ("glpat-" + "a1B2c3D4e5" * 2, Kind.GITLAB),
    "Slack bot token": ("xoxb-" + "1234567890-abcdef", Kind.SLACK),
    "Slack app token": ("xapp-" + "1-A0123456789", Kind.SLACK),
    "Stripe live key": ("sk_live_" + "a1B2c3D4e5F6g7H8", Kind.STRIPE),
    "Stripe restricted key": ("rk_test_" + "a1B2c3D4e5F6g7H8", Kind.STRIPE),
    "Stripe webhook secret": ("whsec_" + "a1B2c3D4e5F6g7H8", Kind.STRIPE),
    "Anthropic key": ("sk-ant-" + "api03-a1B2c3D4e5F6", Kind.ANTHROPIC),
    "OpenAI key": ("sk-" + "a1B2c3D4" * 6, Kind.OPENAI),
    "OpenAI project key": ("sk-proj-" + "a1B2c3D4e5" * 3, Kind.OPENAI),
    "Google API key": ("AIza" + "a1B2c3D4e5" * 3 + "abcde", Kind.GOOGLE),
    "Google access token": ("ya29." + "a1B2c3D4e5" * 3, Kind.GOOGLE),
    "Hugging Face token": ("hf_" + "a1B2c3" * 6, Kind.HUGGING_FACE),
    "npm token": ("npm_" + "a1B2" * 9, Kind.NPM),
    "PyPI token": ("pypi-" + "AgEIcHlwaS5vcmc" + "a1B2c3D4e5", Kind.PYPI),
    "SendGrid key": ("SG." + "a1B2c3D4e5F6g7H8i9J0k1" + "." + "a1B2c3D4e5" * 4, Kind.SENDGRID),
    "Vault token": ("hvs." + "a1B2c3D4" * 4, Kind.VAULT),
    "Azure connection string": ("AccountName=x;AccountKey=" + "a1B2c3D4" * 11 + "==", Kind.AZURE),
    "RunAgents workspace key": ("ra_ws_" + "a1b2c3d4e5f6", Kind.RUNAGENTS),
    "JSON Web Token": ("eyJ" + "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", Kind.JWT),
    "unsigned JSON Web Token": ("eyJ" + "hbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", Kind.JWT),
    "RSA key": ("-----BEGIN RSA " + "PRIVATE KEY-----\nMIIE", Kind.PRIVATE_KEY),
    "key of no named kind": ("-----BEGIN " + "PRIVATE KEY-----\nMIIE", Kind.PRIVATE_KEY),
    "bearer header": ("Bearer " + "0123456789abcdef", Kind.BEARER),
    "bearer header in small letters": ("authorization: bearer  " + "a1b2c3d4e5f6a7b8", Kind.BEARER),
    "basic header": ("Basic " + base64.b64encode(b"me:password").decode(), Kind.BASIC),
    "login in a URL": ("postgres://me:hunter2@db.example.com/x", Kind.BASIC),
    "login without a user": ("redis://:hunter2@cache:6379", Kind.BASIC),
    "in the middle of a text": ("call it with sk-ant-" + "api03-a1B2c3D4e5F6 please", Kind.ANTHROPIC),
}

RANDOM = {
    "password": ("password", "P@ssw0rd!2024"),
    "passphrase": ("passphrase", "kX9#mPq2$vL"),
    "token": ("accessToken", "9f86d081884c7d659a2feaa0c55ad015"),
    "client secret": ("client_secret", "550e8400-e29b-41d4-a716-446655440000"),
    "API key": ("apiKey", "q8Zr3TtY1uWxP0sD"),
    "in capitals": ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    "header": ("Authorization", "q8Zr3TtY1uWxP0sD"),
    "with dashes": ("x-api-key", "q8Zr3TtY1uWxP0sD"),
    "in the plural": ("tokens", "q8Zr3TtY1uWxP0sD"),
}

HARMLESS = {
    "name of a secret": {"secretRef": {"name": "payments-api-credentials"}},
    "name of a secret with a version": {"secret": "payments-oauth-client-v2"},
    "name of a secret with a year": {"token": "my_service.token/2024"},
    "address of tokens": {"tokenUrl": "https://login.example.com/oauth2/v2.0/token"},
    "address under a key that sounds secret": {"secret": "https://vault.example.com/v1/Secret9f86d081"},
    "name of a random secret": {"secretName": "payments-9f86d081884c7d659a2f"},
    "placeholder of a shell": {"password": "${DB_PASSWORD_2024}"},
    "placeholder of a person": {"token": "<your-token-A1b2C3>"},
    "placeholder of a template": {"apiKey": "{{ .Values.apiKey1 }}"},
    "sentence": {"password": "Ask 4 the password at the Front Desk"},
    "short word": {"password": "changeme1"},
    "one word": {"token": "correcthorsebatterystaple"},
    "only digits": {"token": "0123456789012"},
    "numbers": {"maxTokens": 4096, "token": 123456789012345},
    "truth": {"secret": True, "password": None},
    "empty": {"password": ""},
    "prefix of a value": {"apiKeyConfig": {"in": "Header", "name": "Authorization", "valuePrefix": "Bearer "}},
    "name of a header": {"name": "X-API-Key"},
    "prose about bearers": "Bearer authentication-with-a-token is used for /v1 calls",
    "prose about basics": "Basic authentication is off, Basic arithmetic is on",
    "prose with a word like a key": "sk-learn-pipelines-for-forecasting-of-demand",
    "prose with a prefix": "tokens that begin with ghp_ or sk_live_ or AKIA or eyJ are refused",
    "public key": "-----BEGIN PUBLIC KEY-----\nMIIB",
    "certificate": "-----BEGIN CERTIFICATE-----\nMIIB",
    "digest": {"image": "registry.example.com/app@sha256:" + "9f86d081884c7d65" * 4},
    "commit": {"revision": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"},
    "address with a port": "https://api.example.com:8443/v1",
    "address with an at sign in its path": "https://api.example.com:8443/v1/@me",
    "address with an at sign in its query": "https://api.example.com:8443?mail=me@example.com",
    "login with a placeholder": "postgres://me:${PASSWORD}@db.example.com",
    "mail address": "me@example.com",
    "idempotency key": {"idempotencyKey": "bootstrap.tool.payments.v1"},
    "environment with a name that is not secret": {"env": [{"name": "REVISION", "value": "q8Zr3TtY1uWxP0sD"}]},
}


@pytest.mark.parametrize(("text", "kind"), [pytest.param(*row, id=name) for name, row in ISSUED.items()])
def test_issued(text, kind):
    """A credential that only one issuer hands out is found anywhere."""
    assert list(suspicious({"spec": {"note": [text]}})) == [(("spec", "note", 0), kind)]


@pytest.mark.parametrize(("key", "text"), [pytest.param(*row, id=name) for name, row in RANDOM.items()])
def test_random(key, text):
    """A random text is a credential under a key that says so, and under no other."""
    assert list(suspicious({key: text})) == [((key,), Kind.RANDOM)]
    assert list(suspicious({"revision": text})) == []


@pytest.mark.parametrize("value", [pytest.param(value, id=name) for name, value in HARMLESS.items()])
def test_harmless(value):
    """What only speaks of credentials, or is shaped a little like one, is left alone."""
    assert list(suspicious(value)) == []


def test_environment():
    """In a list of names and values the name tells what the value is."""
    env = [{"name": "REVISION", "value": "q8Zr3TtY1uWxP0sD"}, {"name": "DB_PASSWORD", "value": "q8Zr3TtY1uWxP0sD"}]
    assert list(suspicious({"env": env})) == [(("env", 1, "value"), Kind.RANDOM)]


def test_lists_and_wrappers():
    """A list or a wrapper under a key that sounds secret does not hide what is in it."""
    value = {"passwords": ["q8Zr3TtY1uWxP0sD"], "token": {"value": "q8Zr3TtY1uWxP0sD"}}
    assert [path for path, _ in suspicious(value)] == [("passwords", 0), ("token", "value")]


def test_credential_as_key():
    """A credential that is a key is found, and no path shows it."""
    key = "ghp_" + "a1B2" * 9
    found = list(suspicious({"map": {key: {"token": "q8Zr3TtY1uWxP0sD"}}}))
    assert found == [(("map",), Kind.GITHUB), (("map", "*", "token"), Kind.RANDOM)]


def test_order():
    """Places come in the order in which they stand in the text."""
    key = "ra_ws_" + "a1b2c3d4e5f6"
    value = {"b": [key, {"x": key}], "a": key}
    assert [path for path, _ in suspicious(value)] == [("b", 0), ("b", 1, "x"), ("a",)]


def test_deep_nesting():
    """Nesting deeper than the interpreter's stack is walked all the same."""
    value: object = "ra_ws_" + "a1b2c3d4e5f6"
    for _ in range(10_000):
        value = [value]
    assert [kind for _, kind in suspicious(value)] == [Kind.RUNAGENTS]


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "piece", ["eyJ", "-eyJaaaaaaaaaaaa", "://a:", "Bearer a", "A-", "AB1-", "Basic aaaaaaaa ", "SG.a"]
)
def test_hostile_text(piece):
    """No text makes the search slow, however it repeats what patterns begin with."""
    list(suspicious({"token": piece * (256 * 1024 // len(piece)) + "!"}))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_value(value):
    """Any JSON value is walked to its end, and gives the same answer twice."""
    assert list(suspicious(value)) == list(suspicious(value))
