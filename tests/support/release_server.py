"""A release server on this machine: files by path, as slow as a test wants it."""

import hashlib
import io
import ssl
import tarfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class ReleaseServer(ThreadingHTTPServer):
    """Counts what it was asked for. `silence` is how long it waits before it says anything; plain without `trust`."""

    daemon_threads = False

    def __init__(self, *, silence=0.0, trust: ssl.SSLContext | None = None):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.scheme = "https" if trust else "http"
        if trust:
            self.socket = trust.wrap_socket(self.socket, server_side=True)
        self.files: dict[str, bytes] = {}
        self.redirects: dict[str, str] = {}
        self.asked: list[str] = []
        self.silence = silence

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_port}"

    def publish(self, path: str, content: bytes, *, checksum: str | None = None) -> None:
        """Beside the file, its checksum, which may be wrong."""
        self.files[path] = content
        self.files[f"{path}.sha256"] = (checksum or hashlib.sha256(content).hexdigest()).encode()


class _Handler(BaseHTTPRequestHandler):
    server: ReleaseServer

    def do_GET(self):
        self.server.asked.append(self.path)
        time.sleep(self.server.silence)
        # Whoever asked may have given up.
        with suppress(ConnectionError):
            self._answer()

    def _answer(self):
        if target := self.server.redirects.get(self.path):
            self.send_response(302)
            self.send_header("Location", target)
            self.end_headers()
            return
        content = self.server.files.get(self.path)
        self.send_response(404 if content is None else 200)
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, *args):
        """Tests ask for `asked`."""


@contextmanager
def release_server(*, silence=0.0, trust: ssl.SSLContext | None = None) -> Iterator[ReleaseServer]:
    server = ReleaseServer(silence=silence, trust=trust)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def archive(member: str, content: bytes) -> bytes:
    """A .tar.gz with one file."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        entry = tarfile.TarInfo(member)
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
