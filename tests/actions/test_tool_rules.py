"""`tool.upsert`: what is wrong with a tool that no single field shows."""

import pytest
from tests.support.tools import API_KEY, OAUTH2, REFUND, a_connection, params_of, parsed

from countersign.actions.tool import ToolUpsert
from countersign.model.finding import Code, Severity

ACTION = ToolUpsert()


def _issues(params):
    return [(".".join(map(str, issue.path)), issue.code, issue.message) for issue in ACTION.check(parsed(params))]


def _paths(params):
    return [path for path, _, _ in _issues(params)]


@pytest.mark.parametrize(
    "connection",
    [
        pytest.param(a_connection(), id="https outside"),
        pytest.param(a_connection("https://payments.example.com:8443", port=8443), id="the same port twice"),
        pytest.param(a_connection("https://payments.example.com", port=8443), id="a port only beside the address"),
        pytest.param(a_connection("https://payments.example.com:8443"), id="a port only in the address"),
        pytest.param(
            a_connection("http://echo.tools.svc:8092", topology="Internal"), id="http inside, nothing else said"
        ),
        pytest.param(
            a_connection("http://10.0.0.8", topology="Internal", scheme="HTTP", port=80), id="a private address"
        ),
        pytest.param(a_connection(authentication={"type": "None"}), id="no authentication"),
        pytest.param(a_connection(authentication=API_KEY), id="an API key"),
        pytest.param(a_connection(authentication=OAUTH2), id="OAuth2"),
    ],
)
def test_accepted(connection):
    """What adds up has no issues."""
    assert _issues(params_of(connection=connection)) == []


@pytest.mark.parametrize(
    ("connection", "path"),
    [
        pytest.param(a_connection("http://payments.example.com"), "baseUrl", id="http to outside"),
        pytest.param(a_connection("https://127.1"), "baseUrl", id="loopback"),
        pytest.param(a_connection("https://127.0.0.1", topology="Internal"), "baseUrl", id="loopback, called internal"),
        pytest.param(a_connection("https://echo.tools.svc"), "baseUrl", id="a service, called external"),
        pytest.param(
            a_connection(
                authentication={**OAUTH2, "oauth2Config": {**OAUTH2["oauth2Config"], "tokenUrl": "https://[::1]"}}
            ),
            "authentication.oauth2Config.tokenUrl",
            id="tokens from loopback",
        ),
        pytest.param(
            a_connection(
                authentication={**OAUTH2, "oauth2Config": {**OAUTH2["oauth2Config"], "authUrl": "http://a.example"}}
            ),
            "authentication.oauth2Config.authUrl",
            id="consent by http",
        ),
    ],
)
def test_addresses(connection, path):
    """Every address of the tool is judged by the same rules."""
    assert [(where, code) for where, code, _ in _issues(params_of(connection=connection))] == [
        (f"spec.connection.{path}", Code.UNSAFE_ADDRESS)
    ]


@pytest.mark.parametrize(
    ("connection", "path"),
    [
        pytest.param(a_connection(scheme="HTTP"), "scheme", id="https and HTTP"),
        pytest.param(
            a_connection("http://echo.tools.svc", topology="Internal", scheme="HTTPS"), "scheme", id="http and HTTPS"
        ),
        pytest.param(a_connection("https://payments.example.com:8443", port=443), "port", id="two ports"),
        pytest.param(a_connection(authentication={"type": "APIKey"}), "authentication.apiKeyConfig", id="no key"),
        pytest.param(a_connection(authentication={"type": "OAuth2"}), "authentication.oauth2Config", id="no client"),
        pytest.param(
            a_connection(authentication={**API_KEY, "type": "None"}),
            "authentication.apiKeyConfig",
            id="a key for nothing",
        ),
        pytest.param(
            a_connection(authentication={**API_KEY, **OAUTH2}),
            "authentication.apiKeyConfig",
            id="a key beside a client",
        ),
        pytest.param(
            a_connection(authentication={**OAUTH2, **API_KEY}),
            "authentication.oauth2Config",
            id="a client beside a key",
        ),
        pytest.param(
            a_connection(
                authentication={**OAUTH2, "oauth2Config": {**OAUTH2["oauth2Config"], "authParams": {"a b": "c"}}}
            ),
            "authentication.oauth2Config.authParams",
            id="a parameter no URL can carry",
        ),
    ],
)
def test_contradictions(connection, path):
    """Fields that contradict each other are an issue at the one to correct."""
    assert [(where, code) for where, code, _ in _issues(params_of(connection=connection))] == [
        (f"spec.connection.{path}", Code.INVALID_PARAMS)
    ]


def test_tls_over_http():
    """TLS settings for plain http are useless, and only that."""
    connection = a_connection("http://echo.tools.svc", topology="Internal", tls={})
    (issue,) = ACTION.check(parsed(params_of(connection=connection)))
    assert (issue.path, issue.severity) == (("spec", "connection", "tls"), Severity.WARNING)


def test_repetitions():
    """Names of capabilities and risk tags stand once each."""
    params = params_of(
        capabilities=[REFUND, {**REFUND, "path": "/v2", "riskTags": ["pii", "pii"]}], riskTags=["a", "b", "a"]
    )
    assert _paths(params) == ["spec.capabilities.1.name", "spec.riskTags.2", "spec.capabilities.1.riskTags.1"]


def test_unreadable_address():
    """An address that cannot be read is one issue, and stops no other check."""
    connection = a_connection(
        "https://payments.example.com:", scheme="HTTP", port=1, tls={}, authentication={"type": "APIKey"}
    )
    assert _paths(params_of(connection=connection)) == [
        "spec.connection.baseUrl",
        "spec.connection.authentication.apiKeyConfig",
    ]


def test_messages():
    """Messages name the field and the remedy, never the value."""
    params = params_of(connection=a_connection("http://me:hunter2@10.0.0.1/?q", authentication={"type": "OAuth2"}))
    messages = [message for _, _, message in _issues(params)]
    assert messages
    assert all("hunter2" not in message and not message.endswith(".") and "\n" not in message for message in messages)
