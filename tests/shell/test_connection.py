"""Where the API server's address and our identity come from, and that there is always an identity."""

import asyncio
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
import yaml
from tests.support.api_stub import Reply, api_stub, client_of, connection_to
from tests.support.clock import Clock

from countersign.dev.certificates import new_authority
from countersign.errors import ClusterError, ConfigurationError, Unavailable
from countersign.model.effect import TOOL
from countersign.shell.connection import in_cluster, load
from countersign.shell.credentials import Token, token_file
from countersign.shell.kubeconfig import from_files

SERVER = "http://127.0.0.1:1"


def write_kubeconfig(folder, *, user, server=SERVER, cluster=None, context=None, name="config"):
    path = folder / name
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "main",
        "clusters": [{"name": "c", "cluster": {"server": server, **(cluster or {})}}],
        "users": [{"name": "u", "user": user}],
        "contexts": [{"name": "main", "context": {"cluster": "c", "user": "u", **(context or {})}}],
    }
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def plugin_user(folder, *, status="{'token': 'token-%d' % count}", returns=0):
    """A credential plugin that counts how often it ran."""
    program = folder / "plugin.py"
    program.write_text(
        "import json, pathlib, sys\n"
        "counter = pathlib.Path(__file__).with_name('count')\n"
        "count = int(counter.read_text()) + 1 if counter.exists() else 1\n"
        "counter.write_text(str(count))\n"
        "kind = {'apiVersion': 'client.authentication.k8s.io/v1', 'kind': 'ExecCredential'}\n"
        f"print(json.dumps({{**kind, 'status': {status}}}))\n"
        f"sys.exit({returns})\n",
        encoding="utf-8",
    )
    version = "client.authentication.k8s.io/v1"
    return {"exec": {"apiVersion": version, "command": sys.executable, "args": [str(program)], "env": None}}


def service_account(folder, *, token="pod-token"):
    (folder / "token").write_text(token, encoding="utf-8")
    (folder / "namespace").write_text("countersign-system\n", encoding="utf-8")
    return folder


async def headers_sent(connection, stub, *, times=1):
    stub.will(*[Reply() for _ in range(times)])
    async with client_of(connection) as client:
        for _ in range(times):
            await client.get(TOOL, namespace="shop", name="echo")
    return [received.headers.get("Authorization") for received in stub.received]


async def test_a_token_in_the_kubeconfig_is_sent(tmp_path):
    """The simplest identity."""
    async with api_stub() as stub:
        connection = load(write_kubeconfig(tmp_path, user={"token": "secret"}, server=stub.url + "/"))

        assert await headers_sent(connection, stub) == ["Bearer secret"]


def test_the_namespace_is_that_of_the_context_or_default(tmp_path):
    """As kubectl has it."""
    user = {"token": "t"}

    assert load(write_kubeconfig(tmp_path, user=user)).namespace == "default"
    assert load(write_kubeconfig(tmp_path, user=user, context={"namespace": "shop"})).namespace == "shop"


def test_the_environment_names_the_kubeconfig_when_no_file_is_given(tmp_path):
    """$KUBECONFIG wins over the pod's account."""
    path = write_kubeconfig(tmp_path, user={"token": "t"}, server="http://from-environment:1")
    environ = {"KUBECONFIG": str(path), "KUBERNETES_SERVICE_HOST": "10.0.0.1"}

    assert load(environ=environ).server == "http://from-environment:1"


def test_several_kubeconfigs_are_merged(tmp_path):
    """A context may stand in the second file."""
    first = write_kubeconfig(tmp_path, user={"token": "t"}, name="a")
    second = tmp_path / "b"
    second.write_text(yaml.safe_dump({"contexts": [{"name": "other", "context": {"cluster": "c", "user": "u"}}]}))

    assert from_files(f"{first}:{second}", context="other", clock=time.time).server == SERVER


async def test_a_token_file_is_read_again_after_a_minute(tmp_path):
    """The kubelet renews mounted tokens."""
    clock, path = Clock(1_000_000.0), tmp_path / "token"
    path.write_text("one\n")
    async with api_stub() as stub:
        connection = load(
            write_kubeconfig(tmp_path, user={"tokenFile": "token", "token": "no"}, server=stub.url), clock=clock
        )
        await headers_sent(connection, stub)
        path.write_text("two\n")
        clock.now += 59
        await headers_sent(connection, stub)
        clock.now += 1

        assert await headers_sent(connection, stub) == ["Bearer one", "Bearer one", "Bearer two"]


async def test_a_refused_token_is_read_again_at_once(tmp_path):
    """A rotated token does not wait for the minute, and the caller does not notice."""
    path = tmp_path / "token"
    path.write_text("old")
    async with (
        api_stub() as stub,
        client_of(connection_to(stub.url, source=token_file(path, clock=time.time))) as client,
    ):
        path.write_text("new")
        stub.will(Reply(401), Reply())
        await client.apply(TOOL, namespace="shop", name="echo", body={"spec": {}}, field_manager="m")

        assert [received.headers["Authorization"] for received in stub.received] == ["Bearer old", "Bearer new"]
        assert stub.received[0].body == stub.received[1].body != b""


async def test_a_token_refused_twice_is_an_error(tmp_path):
    """One repetition, not a loop."""
    path = tmp_path / "token"
    path.write_text("old")
    async with (
        api_stub() as stub,
        client_of(connection_to(stub.url, source=token_file(path, clock=time.time))) as client,
    ):
        stub.will(Reply(401), Reply(401))
        with pytest.raises(ClusterError) as raised:
            await client.get(TOOL, namespace="shop", name="echo")

        assert (raised.value.code, len(stub.received)) == (401, 2)


async def test_a_constant_token_is_sent_once():
    """There is no other to try."""
    async with api_stub() as stub, client_of(connection_to(stub.url)) as client:
        stub.will(Reply(401))
        with pytest.raises(ClusterError):
            await client.get(TOOL, namespace="shop", name="echo")

        assert len(stub.received) == 1


async def test_a_token_file_that_cannot_be_read_any_more_leaves_the_old_token_in_use(tmp_path):
    """Only the server's refusal makes it an error, which then says why there is no new one."""
    clock, path = Clock(1_000_000.0), tmp_path / "token"
    path.write_text("old")
    async with api_stub() as stub, client_of(connection_to(stub.url, source=token_file(path, clock=clock))) as client:
        path.unlink()
        clock.now += 61
        await client.get(TOOL, namespace="shop", name="echo")
        stub.will(Reply(401))
        with pytest.raises(Unavailable, match=r"no new one: The token file .* cannot be read"):
            await client.apply(TOOL, namespace="shop", name="echo", body={}, field_manager="m")


async def test_a_plugin_runs_again_when_its_token_is_about_to_expire(tmp_path):
    """Half a minute early, so that no request is sent with an expired token."""
    clock = Clock(1_000_000.0)
    expiry = "'expirationTimestamp': '1970-01-12T13:56:40Z'"  # 10 minutes later
    user = plugin_user(tmp_path, status=f"{{'token': 'token-%d' % count, {expiry}}}")
    async with api_stub() as stub:
        connection = load(write_kubeconfig(tmp_path, user=user, server=stub.url), clock=clock)
        await headers_sent(connection, stub, times=2)
        clock.now += 571

        assert await headers_sent(connection, stub) == ["Bearer token-1", "Bearer token-1", "Bearer token-2"]


async def test_a_plugin_runs_again_when_its_token_is_refused(tmp_path):
    """Not every plugin says when its token expires."""
    async with api_stub() as stub:
        connection = load(write_kubeconfig(tmp_path, user=plugin_user(tmp_path), server=stub.url))
        stub.will(Reply(401))

        assert await headers_sent(connection, stub) == ["Bearer token-1", "Bearer token-2"]


@pytest.mark.parametrize(
    ("plugin", "problem"),
    [
        ({"returns": 3}, "plugin failed"),
        ({"status": "{'token': ''}"}, "plugin is empty"),
        ({"status": "{'clientCertificateData': 'x', 'clientKeyData': 'y'}"}, "gives certificates"),
    ],
)
def test_a_plugin_without_a_token_is_an_error(tmp_path, plugin, problem):
    """The package would log this and go on as nobody."""
    with pytest.raises(ConfigurationError, match=problem):
        load(write_kubeconfig(tmp_path, user=plugin_user(tmp_path, **plugin)))


@pytest.mark.parametrize(
    "user",
    [
        {},
        {"token": ""},
        {"token": "  "},
        {"token": "a\nb"},
        {"username": "u", "password": "p"},
        {"client-certificate-data": ""},
        {"client-certificate-data": "Zm9v", "client-key-data": "Zm9v"},
        {"tokenFile": "missing"},
        {"auth-provider": {"name": "oidc"}, "token": "t"},
        {"token": "t", "as": "somebody"},
    ],
)
def test_no_usable_identity_is_an_error(tmp_path, user):
    """Never anonymous, never somebody else; a certificate proves nothing without TLS."""
    with pytest.raises(ConfigurationError):
        load(write_kubeconfig(tmp_path, user=user))


def test_an_empty_certificate_is_no_identity(tmp_path):
    """Also where TLS would let it be presented."""
    user = {"client-certificate-data": "", "client-key-data": ""}

    with pytest.raises(ConfigurationError, match="no credentials"):
        load(write_kubeconfig(tmp_path, user=user, server="https://127.0.0.1:1"))


@pytest.mark.parametrize("server", ["", "example.com", "ftp://x"])
def test_a_server_needs_a_web_address(tmp_path, server):
    """Everything else fails later and less clearly."""
    with pytest.raises(ConfigurationError, match="no server address"):
        load(write_kubeconfig(tmp_path, user={"token": "t"}, server=server))


def test_a_missing_file_or_context_is_named(tmp_path):
    """The package goes on without a file that is not there."""
    with pytest.raises(ConfigurationError, match=r"There is no kubeconfig .*nowhere"):
        load(tmp_path / "nowhere")
    with pytest.raises(ConfigurationError, match="no context 'other'"):
        load(write_kubeconfig(tmp_path, user={"token": "t"}), "other")


@pytest.mark.parametrize(
    "text", ["just words", "users: {token: very-secret", "users: [{token: very-secret}]\ncontexts: 5"]
)
def test_a_broken_kubeconfig_is_not_quoted(tmp_path, text):
    """Messages go to logs, and kubeconfigs hold secrets."""
    path = tmp_path / "config"
    path.write_text(text)

    with pytest.raises(ConfigurationError) as raised:
        load(path)

    assert "very-secret" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_a_pod_needs_its_whole_service_account(tmp_path):
    """Host, token and authority; the message says what is missing."""
    environ = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}

    with pytest.raises(ConfigurationError, match=r"HOST and KUBERNETES_SERVICE_PORT are not both set: run in a pod"):
        in_cluster(tmp_path, environ={"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, clock=time.time)
    with pytest.raises(ConfigurationError, match=r"token file .* cannot be read"):
        in_cluster(tmp_path, environ=environ, clock=time.time)
    with pytest.raises(ConfigurationError, match=r"token file .* is empty"):
        in_cluster(service_account(tmp_path, token=""), environ=environ, clock=time.time)
    with pytest.raises(ConfigurationError, match=r"ca\.crt.* mount it whole"):
        in_cluster(service_account(tmp_path), environ=environ, clock=time.time)


def test_an_authority_that_is_none(tmp_path):
    """Without certificates nobody would be trusted, so that is told at once."""
    environ = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}
    (service_account(tmp_path) / "ca.crt").write_text("nothing")

    with pytest.raises(ConfigurationError, match="mount it whole"):
        in_cluster(tmp_path, environ=environ, clock=time.time)


@pytest.mark.parametrize(
    ("host", "server"), [("10.0.0.1", "https://10.0.0.1:6443"), ("fd00::1", "https://[fd00::1]:6443")]
)
def test_a_pod_is_told_where_the_api_server_is(tmp_path, host, server):
    """By its environment; an address of IPv6 is put in brackets."""
    (service_account(tmp_path) / "ca.crt").write_bytes(new_authority("test", now=datetime.now(UTC)).public)
    environ = {"KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": "6443"}

    connection = load(account=tmp_path, environ=environ)

    assert (connection.server, connection.namespace) == (server, "countersign-system")


def test_a_service_account_and_a_kubeconfig(tmp_path):
    """Would be two identities."""
    with pytest.raises(ConfigurationError, match="give one of them"):
        load(tmp_path / "config", account=tmp_path)


def test_a_token_is_never_shown(tmp_path):
    """Not even by accident in a log line."""
    connection = load(write_kubeconfig(tmp_path, user={"token": "very-secret"}))

    assert "very-secret" not in repr(connection) + json.dumps(repr(connection.credentials._token))


def test_two_event_loops_renew_their_tokens_at_the_same_time():
    """The watches run in a loop of their own, and a lock works in one only."""

    def slow():
        time.sleep(0.01)
        return Token("Bearer t", renew_at=0.0)

    home = connection_to(SERVER, source=slow)

    def many(connection):
        async def renew():
            await asyncio.gather(*(connection.credentials.current() for _ in range(10)))

        asyncio.run(renew())

    with ThreadPoolExecutor() as threads:
        for done in [threads.submit(many, connection) for connection in (home, home.apart(), home.apart())]:
            done.result()


async def test_a_refused_certificate_is_shown_once_more(tmp_path):
    """By a new connection, because the old one would be refused for ever; a second refusal is told."""
    async with api_stub() as stub:
        connection = connection_to(stub.url, source=lambda: Token(""))
        stub.will(Reply(401), Reply(200), Reply(401), Reply(401))
        async with client_of(connection) as client:
            await client.get(TOOL, namespace="shop", name="echo")
            with pytest.raises(Unavailable):
                await client.get(TOOL, namespace="shop", name="echo")
    assert len(stub.received) == 4
