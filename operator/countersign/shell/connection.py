"""Where the API server is and how to prove who we are, read from a kubeconfig or from the pod we run in.

`load` uses the `kubernetes` package for what it knows well (merging files, embedded certificates, credential plugins) and
gives a `Connection` to `transport`; kopf gets a session from the same factory. There is always an identity: where the
package would go on without one, this raises. Nor does it quote the package's messages that contain whole entries.
"""

import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from aiohttp import ClientHandlerType, ClientRequest, ClientResponse
from kubernetes.client import Configuration
from kubernetes.config import ConfigException
from kubernetes.config.exec_provider import ExecProvider
from kubernetes.config.incluster_config import SERVICE_TOKEN_FILENAME, InClusterConfigLoader
from kubernetes.config.kube_config import ConfigNode, FileOrData, KubeConfigMerger

from countersign.errors import ConfigurationError
from countersign.shell.certificates import Certificates
from countersign.shell.credentials import Credentials, Source, bearer, constant, plugin, token_file

_CONNECT_SECONDS = 5.0

# Acting as somebody else without saying so would be the wrong identity; the old providers are gone from kubectl too.
_UNSUPPORTED = ("auth-provider", "as", "as-uid", "as-groups", "as-user-extra")


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """`server` has no slash at its end. `server_name` is what its certificate is for, if that is not its host."""

    server: str
    tls: Certificates | None
    credentials: Credentials
    namespace: str
    server_name: str = ""
    proxy: str = ""

    def session(self, *, user_agent: str, limit: int = 64) -> aiohttp.ClientSession:
        """A new session that authenticates every request. Whoever asked for it closes it."""
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=limit, ssl=self.tls.context if self.tls else True),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": user_agent},
            middlewares=(self.authenticate,),
            proxy=self.proxy or None,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS),
        )

    def apart(self) -> "Connection":
        """The same for another event loop."""
        return replace(self, credentials=self.credentials.apart())

    async def authenticate(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        """Session middleware. A refused identity is replaced at once and the request sent once more: 401 means not done."""
        if self.tls is not None:
            self.tls.refresh()
        if self.server_name:
            request.server_hostname = self.server_name
        token = await self.credentials.current()
        response = await _sent(request, handler, header=token.header)
        if response.status != HTTPStatus.UNAUTHORIZED:
            return response
        if not token.header:
            # A certificate belongs to its connection: a new one may show a newer certificate.
            response.close()
            return await _sent(request, handler, header="")
        try:
            newer = await self.credentials.after_refusal(token)
        except BaseException:
            response.release()
            raise
        if newer is token:
            return response
        response.release()
        return await _sent(request, handler, header=newer.header)


async def _sent(request: ClientRequest, handler: ClientHandlerType, *, header: str) -> ClientResponse:
    if header:
        request.headers["Authorization"] = header
    return await handler(request)


def load(
    kubeconfig: Path | None = None,
    context: str | None = None,
    *,
    environ: Mapping[str, str] = os.environ,
    clock: Callable[[], float] = time.time,
) -> Connection:
    """In this order: the given file, $KUBECONFIG, the pod's service account, ~/.kube/config. Runs a credential plugin."""
    files = str(kubeconfig or environ.get("KUBECONFIG") or "")
    if not files and context is None and "KUBERNETES_SERVICE_HOST" in environ:
        return in_cluster(Path(SERVICE_TOKEN_FILENAME).parent, environ=environ, clock=clock)
    return from_files(files or str(Path("~/.kube/config").expanduser()), context=context, clock=clock)


def in_cluster(account: Path, *, environ: Mapping[str, str], clock: Callable[[], float]) -> Connection:
    """From the folder in which every pod finds its service account."""
    token, authority = account / "token", account / "ca.crt"
    configuration = Configuration()
    try:
        InClusterConfigLoader(str(token), str(authority), environ=environ).load_and_set(configuration)
        namespace = (account / "namespace").read_text(encoding="utf-8").strip()
        tls = Certificates(authority=str(authority), certificate=None, key=None, strict=True, clock=clock)
    except (ConfigException, OSError) as error:
        raise ConfigurationError(f"The pod's service account is not usable: {error}; mount its token") from error
    credentials = Credentials(token_file(token, clock=clock), clock=clock)
    return Connection(server=configuration.host, tls=tls, credentials=credentials, namespace=namespace)


def from_files(files: str, *, context: str | None, clock: Callable[[], float]) -> Connection:
    """From one kubeconfig, or several with the system's path separator between them."""
    merged = _merged(files)
    chosen = context or merged.value.get("current-context")
    if not chosen:
        raise ConfigurationError(f"The kubeconfig {files} has no current-context: name a context")
    entry = _entry(merged, "contexts", name=chosen)
    cluster = _entry(merged, "clusters", name=entry.value.get("cluster"))
    user = _entry(merged, "users", name=entry.value.get("user"))
    try:
        tls = _tls(cluster, user=user, clock=clock)
        credentials = Credentials(_source(user, cluster=cluster, clock=clock), clock=clock)
    except (ConfigException, OSError, ValueError) as error:
        raise ConfigurationError(f"The context {chosen} of kubeconfig {files} is not usable: {error}") from error
    return Connection(
        server=cluster.value["server"].rstrip("/"),
        tls=tls,
        credentials=credentials,
        namespace=entry.value.get("namespace") or "default",
        server_name=cluster.value.get("tls-server-name", ""),
        proxy=cluster.value.get("proxy-url", ""),
    )


def _merged(files: str) -> ConfigNode:
    try:
        merged = KubeConfigMerger(files).config
    except (yaml.YAMLError, ConfigException, OSError, AttributeError, KeyError, TypeError) as error:
        # Its message may quote a line of the file, and lines of the file may be secret.
        raise ConfigurationError(f"{files} is not a kubeconfig: {type(error).__name__}; check the file") from None
    if merged is None:
        raise ConfigurationError(f"There is no kubeconfig {files}: give one, or set KUBECONFIG")
    return merged


def _entry(merged: ConfigNode, section: str, *, name: str | None) -> ConfigNode:
    """The named cluster, user or context, with the path of the file it stands in."""
    content = section.removesuffix("s")
    entries: Iterable[ConfigNode] = merged.value[section]
    for entry in entries:
        if name and entry.value.get("name") == name and isinstance(entry.value.get(content), dict):
            return ConfigNode(content, entry.value[content], entry.path)
    raise ConfigurationError(f"The kubeconfig has no {content} {name!r}: add it or choose another context")


def _source(user: ConfigNode, *, cluster: ConfigNode, clock: Callable[[], float]) -> Source:
    """The same precedence as kubectl: a file wins over a token in the text, both win over a plugin."""
    if foreign := [key for key in _UNSUPPORTED if key in user]:
        raise ConfigurationError(f"The user in the kubeconfig has {foreign[0]}: use a token, a certificate or a plugin")
    match user.value:
        case {"tokenFile": str(path)} if path:
            return token_file(_folder(user) / path, clock=clock)
        case {"token": str(token)} if token:
            return constant(bearer(token, origin="The token in the kubeconfig"))
        case {"exec": dict()}:
            return plugin(partial(_ask_plugin, user, cluster))
        case {"client-certificate-data": str(pem)} | {"client-certificate": str(pem)} if pem and _is_secure(cluster):
            return constant("")
        case _:
            raise ConfigurationError(
                "The user in the kubeconfig has no credentials: add a token, certificate or plugin"
            )


def _ask_plugin(user: ConfigNode, cluster: ConfigNode) -> Mapping[str, Any]:
    try:
        provider = ExecProvider(user["exec"], str(_folder(user)), cluster)
        status: Mapping[str, Any] = provider.run()
    except (ConfigException, OSError) as error:
        raise ConfigurationError(f"The credential plugin failed: {error}; run it by hand to see why") from error
    if "clientCertificateData" in status and "token" not in status:
        raise ConfigurationError("The credential plugin gives certificates: use one that gives tokens")
    return status


def _tls(cluster: ConfigNode, *, user: ConfigNode, clock: Callable[[], float]) -> Certificates | None:
    if not _is_secure(cluster):
        return None
    return Certificates(
        authority=_file(cluster, "certificate-authority"),
        certificate=_file(user, "client-certificate"),
        key=_file(user, "client-key"),
        strict=not cluster.value.get("insecure-skip-tls-verify"),
        clock=clock,
    )


def _is_secure(cluster: ConfigNode) -> bool:
    server = cluster.value.get("server")
    if not isinstance(server, str) or not server.startswith(("https://", "http://")):
        raise ConfigurationError("The cluster in the kubeconfig has no server address: give one with https://")
    return server.startswith("https://")


def _file(node: ConfigNode, key: str) -> str | None:
    """A file to read, also for what is embedded in the kubeconfig: Python loads certificates from files only."""
    path: str | None = FileOrData(node.value, key, file_base_path=str(_folder(node))).as_file()
    return path


def _folder(node: ConfigNode) -> Path:
    """Paths in a kubeconfig are relative to it."""
    return Path(node.path).absolute().parent
