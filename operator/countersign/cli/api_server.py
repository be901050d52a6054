"""The real `Plans`: the API server, by the client of the kubernetes package.

Paths, bodies and answers are those of the operator's own client (shell/request.py, shell/responses.py); here they travel
without asyncio, which a command would only wait for. Every error leaves as a sentence that says what to do.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import urllib3
from kubernetes.client import ApiClient
from kubernetes.client.exceptions import ApiException

from countersign import __version__
from countersign.cli.cluster import MANAGER, Applied, Json, Where
from countersign.cli.kubeconfig import find
from countersign.errors import ClusterError, FieldConflict, Forbidden, NotFound, Unavailable
from countersign.model.effect import ResourceKind
from countersign.shell.request import APPLY, JSON, collection, encode, home, member, with_query
from countersign.shell.responses import Answer, answer, refusal

_MERGE = "application/merge-patch+json"
_SECONDS = (5.0, 60.0)
_CREATED = 201
_UNAUTHORIZED = 401
_CHUNK = "500"

_OUR_POLICY = re.compile(
    r"^.*?ValidatingAdmissionPolicy 'countersign-[a-z]+' with binding '[^']*' denied request: ", re.DOTALL
)
_ROLES = {
    "plans": "countersign-proposer, countersign-approver or countersign-viewer",
    "planpreviews": "countersign-approver",
    "serviceaccounts": "admin",
    "rolebindings": "admin",
}


@dataclass(frozen=True, slots=True)
class ApiServer:
    """`client` knows server and credentials."""

    client: Any
    namespace: str

    def get(self, kind: ResourceKind, *, namespace: str, name: str) -> Json:
        return _readable(self._send("GET", kind, member(kind, namespace=namespace, name=name)).content)

    def list(self, kind: ResourceKind, *, namespace: str | None, fields: str = "") -> tuple[Json, ...]:
        items: list[Json] = []
        rest = ""
        while True:
            query = {"fieldSelector": fields, "limit": _CHUNK, "continue": rest}
            page = self._send("GET", kind, with_query(collection(kind, namespace), query)).content
            about = {"apiVersion": kind.api_version, "kind": kind.kind}
            items.extend({**about, **_readable(item)} for item in page.get("items") or ())
            rest = page["metadata"].get("continue", "")
            if not rest:
                return tuple(items)

    def create(self, kind: ResourceKind, *, namespace: str, body: Mapping[str, Any]) -> Json:
        return self._send("POST", kind, _written(home(kind, namespace)), body=body, sort=JSON).content

    def apply(self, kind: ResourceKind, *, namespace: str, body: Mapping[str, Any], force: bool = False) -> Applied:
        path = member(kind, namespace=namespace, name=body["metadata"]["name"])
        given = self._send("PATCH", kind, _written(path, force=force), body=encode(body), sort=APPLY)
        return Applied(given.content, created=given.code == _CREATED)

    def patch(self, kind: ResourceKind, *, namespace: str, name: str, body: Mapping[str, Any]) -> Json:
        path = _written(member(kind, namespace=namespace, name=name))
        return self._send("PATCH", kind, path, body=body, sort=_MERGE).content

    def delete(self, kind: ResourceKind, *, namespace: str, name: str) -> None:
        self._send("DELETE", kind, member(kind, namespace=namespace, name=name))

    def _send(
        self,
        method: str,
        kind: ResourceKind,
        path: str,
        *,
        body: Mapping[str, Any] | bytes | None = None,
        sort: str = "",
    ) -> Answer:
        headers = {"Accept": JSON, "User-Agent": f"{MANAGER}/{__version__}", **({"Content-Type": sort} if sort else {})}
        try:
            self.client.update_params_for_auth(headers, [], ["BearerToken"], path, method, body)
            response = self.client.rest_client.request(
                method, self.client.configuration.host + path, headers=headers, body=body, _request_timeout=_SECONDS
            )
            code, content = response.status, response.read()
        except (urllib3.exceptions.HTTPError, ApiException, OSError) as error:
            raise Unavailable(_no_answer(self.client.configuration.host, error)) from error
        if code >= 300:  # noqa: PLR2004 - HTTP
            raise _explained(refusal(code, headers=response.headers, body=content), kind=kind)
        return answer(code, warnings=(), body=content)


def connect(where: Where) -> ApiServer:
    """Raises ConfigurationError."""
    found = find(where)
    if not found.settings.verify_ssl:
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    return ApiServer(ApiClient(found.settings), found.namespace)


def _readable(content: Json) -> Json:
    """Without the bookkeeping that nobody reads, as kubectl shows it."""
    content["metadata"].pop("managedFields", None)
    return content


def _written(path: str, *, force: bool = False) -> str:
    """Strict, so that a field with a typing error is refused and not dropped."""
    return with_query(path, {"fieldManager": MANAGER, "fieldValidation": "Strict", "force": "true" if force else ""})


def _no_answer(host: str, error: Exception) -> str:
    match error:
        case urllib3.exceptions.ReadTimeoutError():
            return f"The API server {host} does not answer in time: try again in a moment"
        case ApiException() | urllib3.exceptions.SSLError():
            return f"The API server {host} shows no certificate that the kubeconfig trusts: check --context"
        case _:
            return f"The API server {host} cannot be reached: check the network and --context"


def _explained(error: ClusterError, *, kind: ResourceKind) -> ClusterError:
    """The same error; its message names the remedy where the server's does not."""
    error.message = _sentence(error, kind=kind)
    error.args = (error.message,)
    return error


def _sentence(error: ClusterError, *, kind: ResourceKind) -> str:
    name = str(error.details.get("name") or "")
    match error:
        case _ if _OUR_POLICY.match(error.message):
            return _OUR_POLICY.sub("", error.message)
        case Forbidden() if kind.plural in _ROLES:
            return f"{error.message}: ask the platform team for the role {_ROLES[kind.plural]}"
        case NotFound() if error.details.get("kind") == "namespaces":
            return f"There is no namespace {name}: create it first, or name another one with -n"
        case NotFound() if name:
            return f"There is no {kind.kind} {name}: check the name, -n and --context"
        case NotFound():
            return (
                f"The cluster does not know {kind.plural}.{kind.group}: install Countersign first, or check --context"
            )
        case FieldConflict():
            owned = ", ".join(sorted({f"{field.path} of {field.manager}" for field in error.fields}))
            return f"The {kind.kind} has fields that others own, {owned}: leave them out, or change them there"
        case _ if error.code == _UNAUTHORIZED:
            return "The API server does not accept the credentials of the kubeconfig: log in again, or choose another --context"
        case _:
            return error.message
