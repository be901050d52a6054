"""Certificates in files, kept current: whoever renews them writes new files, and the next connection uses those.

`connection` makes the TLS context from them and asks for a look before each request, which costs nothing most of the time.
"""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile

import structlog

_LOOK_SECONDS = 60.0

log = structlog.get_logger()

Part = str | bytes | None
"""The path of a file, or the content of one that stands in the kubeconfig itself."""


@dataclass(kw_only=True)
class Certificates:
    """Of the authority and of ourselves; `strict` is False where the server's certificate is taken for granted."""

    authority: Part
    certificate: Part
    key: Part
    strict: bool
    clock: Callable[[], float]
    context: ssl.SSLContext = field(init=False, repr=False)
    _seen: tuple[float, ...] = field(init=False)
    _look_at: float = field(init=False)

    def __post_init__(self) -> None:
        """Raises OSError when a file cannot be used."""
        self._seen, self._look_at = self._written(), self.clock() + _LOOK_SECONDS
        self.context = self._trusting()
        # Clusters often sign for themselves without the extensions Python 3.13 asks for.
        self.context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        if not self.strict:
            self.context.check_hostname = False
            self.context.verify_mode = ssl.CERT_NONE
        self._show(self.context)

    def refresh(self) -> None:
        """Takes new files over. What cannot be used, such as one of two files that belong together, is looked at again later.

        An authority that is no longer in its file stays trusted until the next start.
        """
        if self.clock() < self._look_at:
            return
        self._look_at = self.clock() + _LOOK_SECONDS
        try:
            written = self._written()
            if written != self._seen:
                self._load()
                self._seen = written
                log.info("certificates read again")
        except OSError as error:
            log.warning("certificates cannot be read again", detail=str(error))

    def _load(self) -> None:
        """A pair that does not match would leave the context without any, so it is tried on another one first."""
        for context in (self._trusting(), self.context):
            if isinstance(self.authority, str):
                context.load_verify_locations(cafile=self.authority)
            self._show(context)

    def _trusting(self) -> ssl.SSLContext:
        if isinstance(self.authority, bytes):
            return ssl.create_default_context(cadata=self.authority.decode())
        return ssl.create_default_context(cafile=self.authority)

    def _show(self, context: ssl.SSLContext) -> None:
        with _file(self.certificate) as certificate, _file(self.key) as key:
            if certificate:
                context.load_cert_chain(certificate, key)

    def _written(self) -> tuple[float, ...]:
        parts = (self.authority, self.certificate, self.key)
        return tuple(Path(part).stat().st_mtime for part in parts if isinstance(part, str))


@contextmanager
def _file(part: Part) -> Iterator[str | None]:
    """Python takes certificates and keys of our own from files only. Such a file is there for this moment, whatever ends us."""
    if not isinstance(part, bytes):
        yield part
        return
    with NamedTemporaryFile() as file:
        file.write(part)
        file.flush()
        yield file.name
