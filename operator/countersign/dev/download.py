"""Fetches programs from their official releases, if these can be reached within two seconds, and verifies them.

Takes `Release`s from `releases`; whatever is not fetched, for whatever reason, is left to `build`, after a line that says why.
"""

import errno
import hashlib
import http.client
import shutil
import tarfile
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO
from urllib.error import HTTPError, URLError

from countersign.dev.programs import Program, this_platform
from countersign.dev.progress import Progress
from countersign.dev.releases import Release, is_loopback, is_trusted, mirror, published_checksum, release

_CHUNK = 1 << 18


class _RefusedError(OSError):
    """The server answered, but what it has cannot be used."""


class _TrustedRedirects(urllib.request.HTTPRedirectHandler):
    """A release server may point elsewhere, but never out of TLS."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if not is_trusted(newurl):
            fp.close()
            raise URLError(f"it leads to {newurl}, which is not encrypted")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class Downloads:
    """Remembers hosts that did not answer, so that finding out costs two seconds once."""

    def __init__(
        self, *, environ: Mapping[str, str], progress: Progress, patience: float = 2.0, stall: float = 15.0
    ) -> None:
        self._mirror = mirror(environ)
        self._progress = progress
        self._patience = patience
        self._stall = stall
        self._silent: set[str] = set()

    def fetch(self, program: Program, *, into: Path) -> bool:
        """Whether a verified program now stands at `into`."""
        wanted = release(program, platform=this_platform(), mirror=self._mirror)
        if wanted is None or self._mirror == "" or wanted.host in self._silent:
            return False
        try:
            checksum = self._checksum(wanted)
            self._download(wanted, title=f"downloading {program.name} {program.version}", checksum=checksum, into=into)
        except (OSError, ValueError, http.client.HTTPException, tarfile.TarError) as error:
            if isinstance(error, OSError) and error.errno == errno.ENOSPC:
                raise
            self._progress.note(f"{program.name} cannot be had from {wanted.host}: {_reason(error)}")
            return False
        return True

    def _checksum(self, wanted: Release) -> str:
        try:
            document = _within(self._patience, url=wanted.checksums)
        except HTTPError as error:
            error.close()
            raise _RefusedError(f"no checksum of {wanted.file} is published there ({error.code})") from error
        except OSError:
            self._silent.add(wanted.host)
            raise
        checksum = published_checksum(document, file=wanted.file)
        if checksum is None:
            raise _RefusedError(f"no checksum of {wanted.file} is published there")
        return checksum

    def _download(self, wanted: Release, *, title: str, checksum: str, into: Path) -> None:
        part = into.with_name(wanted.file + ".part")
        with self._progress.step(f"{title} from {wanted.host}"):
            found = self._save(wanted.url, into=part)
            if found != checksum:
                raise _RefusedError(f"its sha256 is {found}, but {checksum} is published")
            if wanted.member:
                _extract(part, member=wanted.member, into=into)
            else:
                part.rename(into)
            into.chmod(0o755)

    def _save(self, url: str, *, into: Path) -> str:
        digest = hashlib.sha256()
        with _open(url, timeout=self._stall) as answer, into.open("wb") as file:
            while chunk := answer.read(_CHUNK):
                digest.update(chunk)
                file.write(chunk)
                self._progress.tick()
        return digest.hexdigest()


def _reason(error: Exception) -> str:
    cause = error.reason if isinstance(error, URLError) else error
    return str(cause) or type(cause).__name__


def _open(url: str, *, timeout: float) -> http.client.HTTPResponse:
    # A proxy cannot reach this machine's loopback for us; every other host goes through the one of the environment, if any.
    proxies = urllib.request.ProxyHandler({} if is_loopback(url) else None)
    opener = urllib.request.build_opener(proxies, _TrustedRedirects())
    answer: http.client.HTTPResponse = opener.open(url, timeout=timeout)
    return answer


def _within(seconds: float, *, url: str) -> str:
    """The text at `url`. A thread, since a name server that does not answer cannot be timed out otherwise."""
    answers: SimpleQueue[str | Exception] = SimpleQueue()

    def read() -> None:
        try:
            with _open(url, timeout=seconds) as answer:
                answers.put(answer.read().decode())
        except Exception as error:  # noqa: BLE001 - handed to the waiting thread, which raises it
            answers.put(error)

    Thread(target=read, daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except Empty:
        raise TimeoutError(f"no answer within {seconds:g} seconds") from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def _extract(archive: Path, *, member: str, into: Path) -> None:
    with tarfile.open(archive) as tar:
        found = next((entry for entry in tar if entry.name == member and entry.isfile()), None)
        source = found and tar.extractfile(found)
        if not source:
            raise _RefusedError(f"{archive.name} holds no file {member}")
        with source, into.open("wb") as target:
            shutil.copyfileobj(source, target)
    archive.unlink()
