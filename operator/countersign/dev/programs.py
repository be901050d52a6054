"""The programs of the local control plane and the tools of the chart's tests: versions, pinned sources, where built ones are kept.

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
HELM = "4.3.1"
KUBECONFORM = "0.7.0"

_CONTROL_PLANE = "controlplane"
_TOOLS = "tools"
_CACHED_AS = {_CONTROL_PLANE: f"{KUBERNETES}-{ETCD}", _TOOLS: f"{HELM}-{KUBECONFORM}"}

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
    shelf: str = _CONTROL_PLANE
    """Programs on one shelf are pinned and cached together: another version of a tool leaves the control plane as it is."""

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
    Program(name="helm", module="helm", package="helm.sh/helm/v4/cmd/helm", version=HELM, seconds=120, shelf=_TOOLS),
    Program(
        name="kubeconform",
        module="kubeconform",
        package="github.com/yannh/kubeconform/cmd/kubeconform",
        version=KUBECONFORM,
        seconds=10,
        shelf=_TOOLS,
    ),
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


def modules_directory(shelf: str = _CONTROL_PLANE) -> Path:
    """The folder with one go.mod and go.sum per module: inside an installed package, or in hack/ of a checkout."""
    here = Path(__file__).resolve()
    candidates = (here.parent / shelf, here.parents[3] / "hack" / shelf)
    for candidate in candidates:
        if any(candidate.glob("*/go.sum")):
            return candidate
    raise LocalError(
        f"The Go modules of the {shelf} are not in {candidates[0]}: install countersign-operator again, or use a checkout"
    )


def cache_directory(environ: Mapping[str, str], *, shelf: str = _CONTROL_PLANE) -> Path:
    """The folder of finished programs. Another version or another pinned source is another folder."""
    configured = Path(environ.get("XDG_CACHE_HOME", ""))
    # The XDG specification: a relative path is invalid and to be ignored.
    root = configured if configured.is_absolute() else Path.home() / ".cache"
    here = this_platform()
    name = f"{_CACHED_AS[shelf]}-{_pinned_sources(shelf)}-{here.system}-{here.architecture}"
    return root / "countersign" / shelf / name


def _pinned_sources(shelf: str) -> str:
    digest = hashlib.sha256()
    for file in sorted(modules_directory(shelf).glob("*/go.*")):
        digest.update(f"{file.parent.name}/{file.name}\0".encode() + file.read_bytes())
    return digest.hexdigest()[:12]
