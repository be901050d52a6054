"""The programs of the local control plane: versions, where their sources are pinned, where built ones are kept.

Takes nothing but the environment; gives `Program`s and the cache folder to `binaries`, which finds, downloads or builds them.
"""

import hashlib
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from countersign.dev.failure import LocalError

KUBERNETES = "1.36.3"
ETCD = "3.6.14"
KWOK = "0.8.0"

_KUBERNETES_VERSION = "k8s.io/component-base/version"
_ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One executable; `module` is the folder of the go.mod that pins its sources."""

    name: str
    module: str
    package: str
    version: str
    seconds: int
    """Of a build with empty caches on two cores."""

    @property
    def linker_flags(self) -> str:
        """Without its version a Kubernetes program calls itself v0.0.0, and clients misjudge what it can do."""
        if self.module != "kubernetes":
            return "-s -w"
        major, minor, _ = self.version.split(".")
        values = {"gitVersion": f"v{self.version}", "gitMajor": major, "gitMinor": minor}
        return " ".join(["-s -w", *(f"-X {_KUBERNETES_VERSION}.{key}={value}" for key, value in values.items())])


def _kubernetes(name: str, *, seconds: int) -> Program:
    package = f"k8s.io/kubernetes/cmd/{name}"
    return Program(name=name, module="kubernetes", package=package, version=KUBERNETES, seconds=seconds)


# In this order they are built: what every test needs comes first.
PROGRAMS: tuple[Program, ...] = (
    Program(name="etcd", module="etcd", package="go.etcd.io/etcd/server/v3", version=ETCD, seconds=48),
    _kubernetes("kube-apiserver", seconds=353),
    _kubernetes("kube-controller-manager", seconds=90),
    _kubernetes("kube-scheduler", seconds=12),
    Program(name="kwok", module="kwok", package="sigs.k8s.io/kwok/cmd/kwok", version=KWOK, seconds=128),
    _kubernetes("kubectl", seconds=20),
)


@dataclass(frozen=True, slots=True)
class Platform:
    """Operating system and architecture in Go's words."""

    system: str
    architecture: str


def this_platform() -> Platform:
    machine = platform.machine().lower()
    if sys.platform not in {"linux", "darwin"} or machine not in _ARCHITECTURES:
        raise LocalError(
            f"The local control plane does not run on {sys.platform}/{machine}: use Linux or macOS on amd64 or arm64"
        )
    return Platform(sys.platform, _ARCHITECTURES[machine])


def modules_directory() -> Path:
    """The folder with one go.mod and go.sum per module: inside an installed package, or hack/controlplane of a checkout."""
    here = Path(__file__).resolve()
    candidates = (here.parent / "controlplane", here.parents[3] / "hack" / "controlplane")
    for candidate in candidates:
        if (candidate / "kubernetes" / "go.sum").is_file():
            return candidate
    raise LocalError(
        f"The Go modules of the control plane are not in {candidates[0]}: install countersign-operator again"
    )


def cache_directory(environ: Mapping[str, str]) -> Path:
    """The folder of finished programs. Another version or another pinned source is another folder."""
    configured = Path(environ.get("XDG_CACHE_HOME", ""))
    # The XDG specification: a relative path is invalid and to be ignored.
    root = configured if configured.is_absolute() else Path.home() / ".cache"
    here = this_platform()
    name = f"{KUBERNETES}-{ETCD}-{_pinned_sources()}-{here.system}-{here.architecture}"
    return root / "countersign" / "controlplane" / name


def _pinned_sources() -> str:
    digest = hashlib.sha256()
    for file in sorted(modules_directory().glob("*/go.*")):
        digest.update(f"{file.parent.name}/{file.name}\0".encode() + file.read_bytes())
    return digest.hexdigest()[:12]
