"""Talking to the API server as somebody in particular: by certificate, by token, or by impersonation through the admin.

Answers are values: a refusal is as good an answer as a success, and most tests here are about refusals.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import urllib3
from kubernetes.client import Configuration
from kubernetes.config import load_kube_config

PLAIN = "application/json"
MERGE = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
APPLY = "application/apply-patch+yaml"
GROUP = "/apis/countersign.dev/v1alpha1"


@dataclass(frozen=True)
class Answer:
    """What the API server said."""

    code: int
    body: dict[str, Any]

    @property
    def ok(self) -> bool:
        return self.code < 300

    @property
    def message(self) -> str:
        return "" if self.ok else self.body.get("message", "")

    @property
    def annotations(self) -> dict[str, str]:
        return self.body["metadata"].get("annotations", {})


@dataclass(frozen=True)
class Identity:
    """One caller. `headers` say on whose behalf."""

    url: str
    pool: urllib3.PoolManager = field(repr=False)
    headers: tuple[tuple[str, str], ...] = ()

    def acting_as(self, user: str, *groups: str, **extra: str) -> "Identity":
        """The same caller impersonating somebody. Header values are bytes, so any name that HTTP carries is possible."""
        named = [("Impersonate-User", user), *(("Impersonate-Group", group) for group in groups)]
        extras = [(f"Impersonate-Extra-{quote(key, safe='')}", value) for key, value in extra.items()]
        carried = tuple((key, value.encode().decode("latin-1")) for key, value in (*named, *extras))
        return replace(self, headers=(*self.headers, *carried))

    def request(
        self, method: str, path: str, body: Any = None, *, sort: str = PLAIN, accept: str = PLAIN, **query: str
    ) -> Answer:
        headers = urllib3.HTTPHeaderDict([*self.headers, ("Content-Type", sort), ("Accept", accept)])
        url = self.url + path + (f"?{urlencode(query)}" if query else "")
        data = None if body is None else json.dumps(body).encode()
        response = self.pool.request(method, url, body=data, headers=headers, retries=False)
        return Answer(response.status, json.loads(response.data))

    def get(self, path: str) -> Answer:
        return self.request("GET", path)

    def create(self, path: str, body: Any, **query: str) -> Answer:
        return self.request("POST", path, body, **query)

    def replace(self, path: str, body: Any, **query: str) -> Answer:
        return self.request("PUT", path, body, **query)

    def merge(self, path: str, body: Any, **query: str) -> Answer:
        return self.request("PATCH", path, body, sort=MERGE, **query)

    def patch(self, path: str, *operations: dict[str, Any]) -> Answer:
        return self.request("PATCH", path, list(operations), sort=JSON_PATCH)

    def apply(self, path: str, body: Any, **query: str) -> Answer:
        return self.request("PATCH", path, body, sort=APPLY, **{"fieldManager": "tests", "force": "true", **query})

    def delete(self, path: str, **query: str) -> Answer:
        return self.request("DELETE", path, **query)


@contextmanager
def identity(kubeconfig: Path) -> Iterator[Identity]:
    """The caller that a kubeconfig with a client certificate stands for."""
    settings = Configuration()
    load_kube_config(config_file=str(kubeconfig), client_configuration=settings)
    pool = urllib3.PoolManager(cert_file=settings.cert_file, key_file=settings.key_file, ca_certs=settings.ssl_ca_cert)
    with pool:
        yield Identity(settings.host, pool)


@contextmanager
def bearer(kubeconfig: Path, token: str) -> Iterator[Identity]:
    """Whoever holds the token, on the server of the kubeconfig and without its certificate."""
    settings = Configuration()
    load_kube_config(config_file=str(kubeconfig), client_configuration=settings)
    with urllib3.PoolManager(ca_certs=settings.ssl_ca_cert) as pool:
        yield Identity(settings.host, pool, (("Authorization", f"Bearer {token}"),))


def path_of(manifest: dict[str, Any]) -> str:
    """The path of the object on the API server."""
    version, kind, metadata = manifest["apiVersion"], manifest["kind"], manifest["metadata"]
    root = f"/apis/{version}" if "/" in version else f"/api/{version}"
    place = f"/namespaces/{metadata['namespace']}" if "namespace" in metadata else ""
    plural = f"{kind.lower()[:-1]}ies" if kind.endswith("Policy") else f"{kind.lower()}s"
    return f"{root}{place}/{plural}/{metadata['name']}"


def token_of(admin: Identity, account: str, *, namespace: str, **spec: Any) -> str:
    """A bound token from the TokenRequest API."""
    asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
    answer = admin.create(f"/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token", asked)
    assert answer.ok, answer.message
    return answer.body["status"]["token"]
