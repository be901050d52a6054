"""Where the API server is and how to prove who we are, read from the pod we run in or, by `kubeconfig`, from files.

`load` gives a `Connection` to `transport`; kopf gets a session from the same factory. There is always an identity: without one
this raises.
"""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path

import aiohttp
from aiohttp import ClientHandlerType, ClientRequest, ClientResponse

from countersign.errors import ConfigurationError
from countersign.shell.answers import ShallowResponse
from countersign.shell.certificates import Certificates
from countersign.shell.credentials import Credentials, token_file

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
"""Where the kubelet puts the token of a pod, the certificate of the API server's authority, and the namespace."""

_CONNECT_SECONDS = 5.0


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
            response_class=ShallowResponse,
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
    account: Path | None = None,
    environ: Mapping[str, str] = os.environ,
    clock: Callable[[], float] = time.time,
) -> Connection:
    """In this order: the given account or file, $KUBECONFIG, the pod's service account, ~/.kube/config.

    Runs a credential plugin. `account` is the folder of a service account, if it is not where pods have it.
    """
    files = str(kubeconfig or environ.get("KUBECONFIG") or "")
    in_pod = not files and context is None and "KUBERNETES_SERVICE_HOST" in environ
    if account is not None and (kubeconfig or context):
        raise ConfigurationError(f"Both the service account in {account} and a kubeconfig are given: give one of them")
    if account is not None or in_pod:
        return in_cluster(account or SERVICE_ACCOUNT, environ=environ, clock=clock)
    from countersign.shell.kubeconfig import from_files  # noqa: PLC0415  # brings 9 MB that a pod never needs

    return from_files(files or str(Path("~/.kube/config").expanduser()), context=context, clock=clock)


def in_cluster(account: Path, *, environ: Mapping[str, str], clock: Callable[[], float]) -> Connection:
    """From the folder in which every pod finds its service account, and what the kubelet says of the API server."""
    authority = str(account / "ca.crt")
    server = _server(environ)
    credentials = Credentials(token_file(account / "token", clock=clock), clock=clock)
    try:
        namespace = (account / "namespace").read_text(encoding="utf-8").strip()
        tls = Certificates(authority=authority, certificate=None, key=None, strict=True, clock=clock)
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"The service account in {account} is not usable: {error}; mount it whole") from error
    return Connection(server=server, tls=tls, credentials=credentials, namespace=namespace)


def _server(environ: Mapping[str, str]) -> str:
    host, port = (environ.get(f"KUBERNETES_SERVICE_{name}", "") for name in ("HOST", "PORT"))
    if not host or not port:
        raise ConfigurationError(
            "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not both set: run in a pod, or give a kubeconfig"
        )
    return f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"
