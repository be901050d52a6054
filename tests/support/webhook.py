"""An admission webhook that lets everything pass, and does something first: what it is called for happens for certain."""

import base64
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.support.identities import Identity

from countersign.dev.certificates import Authority, new_authority

_CONFIGURATIONS = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"
_ADDRESS = "127.0.0.1"


@contextmanager
def called_back(admin: Identity, namespace: str, folder: Path, act: Callable[[], None]) -> Iterator[None]:
    """`act` runs while the API server is about to store what the executor of the namespace writes to tools; dry runs are spared."""
    now = datetime.now(UTC)
    authority = new_authority("webhook", now=now)
    pair = Authority(authority).issue_serving(("webhook",), (_ADDRESS,), now=now)
    (folder / "webhook.pem").write_bytes(pair.public + pair.private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "webhook.pem")
    server = ThreadingHTTPServer((_ADDRESS, 0), _handler(act))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    name = f"{namespace}.tests.example.com"
    made = admin.create(_CONFIGURATIONS, _configuration(name, namespace, server.server_port, authority.public))
    assert made.ok, made.message
    try:
        yield
    finally:
        admin.delete(f"{_CONFIGURATIONS}/{name}")
        server.shutdown()
        server.server_close()


def _handler(act: Callable[[], None]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["request"]
            if not asked["dryRun"]:
                act()
            answer = {"uid": asked["uid"], "allowed": True}
            said = json.dumps({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": answer})
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said.encode())

        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

    return Handler


def _configuration(name: str, namespace: str, port: int, authority: bytes) -> dict[str, Any]:
    executor = f"request.userInfo.username == 'system:serviceaccount:{namespace}:countersign-executor'"
    webhook = {
        "name": name,
        "clientConfig": {
            "url": f"https://{_ADDRESS}:{port}/",
            "caBundle": base64.b64encode(authority).decode(),
        },
        "rules": [
            {
                "apiGroups": ["countersign.dev"],
                "apiVersions": ["*"],
                "operations": ["CREATE", "UPDATE"],
                "resources": ["tools"],
            }
        ],
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
        "matchConditions": [{"name": "executor", "expression": executor}],
        "failurePolicy": "Ignore",
        "sideEffects": "NoneOnDryRun",
        "admissionReviewVersions": ["v1"],
        "timeoutSeconds": 10,
    }
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": name},
        "webhooks": [webhook],
    }
