"""Requests to the local API server as its administrator: few, one after the other, without an event loop.

`plane` asks whether the server is ready, `install` applies manifests. The operator has its own client, in `shell`.
"""

import http.client
import json
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from countersign.errors import Unavailable
from countersign.shell.request import APPLY, JSON
from countersign.shell.responses import answer, refusal

_TIMEOUT = 30.0
_HEALTH_TIMEOUT = 3.0


class Rest:
    """Raises the errors of `countersign.errors`. Connections are not kept: the server may be another one next time."""

    def __init__(self, url: str, *, certificates: Path) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port
        self._tls = ssl.create_default_context(cafile=str(certificates / "ca.crt"))
        self._tls.load_cert_chain(certificates / "admin.crt", certificates / "admin.key")

    def get(self, path: str) -> dict[str, Any]:
        return self._object("GET", path)

    def create(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._object("POST", path, body=body)

    def apply(self, path: str, body: Mapping[str, Any], *, manager: str) -> dict[str, Any]:
        """Server-side apply; takes over fields of other managers."""
        return self._object("PATCH", f"{path}?fieldManager={manager}&force=true", body=body, content_type=APPLY)

    def delete(self, path: str) -> dict[str, Any]:
        return self._object("DELETE", path)

    def is_ok(self, path: str) -> bool:
        """For health checks: whether the answer is 200, whatever it says. False as long as nobody answers."""
        try:
            code, _, _ = self._send("GET", path, timeout=_HEALTH_TIMEOUT)
        except Unavailable:
            return False
        return code == http.client.OK

    def _object(
        self, method: str, path: str, *, body: Mapping[str, Any] | None = None, content_type: str = JSON
    ) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        code, headers, text = self._send(method, path, body=data, content_type=content_type)
        if code >= http.client.MULTIPLE_CHOICES:
            raise refusal(code, headers=headers, body=text)
        return answer(code, warnings=(), body=text).content

    def _send(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        content_type: str = JSON,
        timeout: float = _TIMEOUT,
    ) -> tuple[int, Mapping[str, str], bytes]:
        connection = http.client.HTTPSConnection(self._host, self._port, context=self._tls, timeout=timeout)
        try:
            connection.request(method, path, body=body, headers={"Content-Type": content_type, "Accept": JSON})
            response = connection.getresponse()
            return response.status, dict(response.headers), response.read()
        except (OSError, http.client.HTTPException) as error:
            raise Unavailable(f"The local API server does not answer: {error}") from error
        finally:
            connection.close()
