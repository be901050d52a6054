"""Where the official releases are, and how each project publishes the checksums of its files.

Pure: gives `Release`s to `download`, which fetches them, and reads the checksum documents it fetched.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from countersign.dev.programs import Platform, Program
from countersign.errors import ConfigurationError

DOWNLOAD_URL = "COUNTERSIGN_DOWNLOAD_URL"

_KUBERNETES = "https://dl.k8s.io"
_HELM = "https://get.helm.sh"
_GITHUB = "https://github.com"
_GITHUB_API = "https://api.github.com"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One published file, the document with its checksum, and, for an archive, the path of the program inside."""

    url: str
    checksums: str
    member: str = ""

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def file(self) -> str:
        return self.url.rsplit("/", 1)[-1]


def release(program: Program, *, platform: Platform, mirror: str | None) -> Release | None:
    """None where nothing is published: the servers of Kubernetes exist for Linux only. `mirror` replaces the hosts."""
    if platform.system != "linux":
        return None
    match program.module:
        case "kubernetes":
            return _kubernetes(program, architecture=platform.architecture, host=mirror or _KUBERNETES)
        case "etcd":
            return _etcd(program, architecture=platform.architecture, host=mirror or _GITHUB)
        case "helm":
            return _helm(program, architecture=platform.architecture, host=mirror or _HELM)
        case "kubeconform":
            return _kubeconform(program, architecture=platform.architecture, host=mirror or _GITHUB)
        case _:
            return _kwok(program, architecture=platform.architecture, mirror=mirror)


def _kubernetes(program: Program, *, architecture: str, host: str) -> Release:
    url = f"{host}/v{program.version}/bin/linux/{architecture}/{program.name}"
    return Release(url=url, checksums=f"{url}.sha256")


def _etcd(program: Program, *, architecture: str, host: str) -> Release:
    folder = f"{host}/etcd-io/etcd/releases/download/v{program.version}"
    name = f"etcd-v{program.version}-linux-{architecture}"
    return Release(url=f"{folder}/{name}.tar.gz", checksums=f"{folder}/SHA256SUMS", member=f"{name}/etcd")


def _kwok(program: Program, *, architecture: str, mirror: str | None) -> Release:
    # kwok publishes no checksum file; GitHub itself publishes the digest of every release file.
    tag = f"v{program.version}"
    return Release(
        url=f"{mirror or _GITHUB}/kubernetes-sigs/kwok/releases/download/{tag}/kwok-linux-{architecture}",
        checksums=f"{mirror or _GITHUB_API}/repos/kubernetes-sigs/kwok/releases/tags/{tag}",
    )


def _helm(program: Program, *, architecture: str, host: str) -> Release:
    url = f"{host}/helm-v{program.version}-linux-{architecture}.tar.gz"
    return Release(url=url, checksums=f"{url}.sha256sum", member=f"linux-{architecture}/helm")


def _kubeconform(program: Program, *, architecture: str, host: str) -> Release:
    folder = f"{host}/yannh/kubeconform/releases/download/v{program.version}"
    name = f"kubeconform-linux-{architecture}.tar.gz"
    return Release(url=f"{folder}/{name}", checksums=f"{folder}/CHECKSUMS", member="kubeconform")


def published_checksum(document: str, *, file: str) -> str | None:
    """The sha256 of `file` in one of three forms: a bare checksum, lines of `sha256sum`, or GitHub's description of a release."""
    text = document.strip()
    if text.startswith("{"):
        return _digest_of_asset(text, file=file)
    if _SHA256.fullmatch(text):
        return text
    lines = (line.split() for line in text.splitlines())
    sums = {words[1].lstrip("*"): words[0] for words in lines if len(words) == 2}  # noqa: PLR2004 - a checksum and a name
    return _checked(sums.get(file, ""))


def _digest_of_asset(text: str, *, file: str) -> str | None:
    assets = json.loads(text).get("assets", [])
    digests = {asset.get("name"): asset.get("digest") or "" for asset in assets}
    return _checked(digests.get(file, "").removeprefix("sha256:"))


def _checked(checksum: str) -> str | None:
    return checksum if _SHA256.fullmatch(checksum) else None


def mirror(environ: Mapping[str, str]) -> str | None:
    """None: the official hosts. Empty: never download."""
    url = environ.get(DOWNLOAD_URL)
    if url and not is_trusted(url):
        raise ConfigurationError(
            f"{DOWNLOAD_URL}={url} is not encrypted, so checksums from there prove nothing: use https"
        )
    return url.rstrip("/") if url else url


def is_trusted(url: str) -> bool:
    """The files and their checksums come from the same place: only TLS says that it is the right one."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(url))


def is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in _LOOPBACK
