"""The start of a control plane: etcd, then the API server, then at once everything that only needs the API server.

Takes the files that `plane` prepared and runs the commands of `components` under the supervisor; gives back the URL.
Each wait is for a fact, not for a time, and ends at once when the process that should bring it about has ended.
"""

import hashlib
import http.client
import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from countersign.dev import components
from countersign.dev.failure import LocalError, PortTaken
from countersign.dev.files import write_private
from countersign.dev.identities import PEOPLE, PROGRAMS
from countersign.dev.layout import Layout
from countersign.dev.logs import last_lines
from countersign.dev.ports import free_port
from countersign.dev.processes import ProcessIdentity, is_alive
from countersign.dev.rest import Rest
from countersign.dev.supervised import Supervised
from countersign.errors import ClusterError, Conflict

if TYPE_CHECKING:
    from countersign.dev.pki import Keys

_ATTEMPTS = 4
_PAUSE = 0.02
_PATIENCE = 60.0

NODE: Mapping[str, Any] = {
    "apiVersion": "v1",
    "kind": "Node",
    "metadata": {
        "name": "node-0",
        "annotations": {"kwok.x-k8s.io/node": "fake"},
        "labels": {"kubernetes.io/hostname": "node-0", "kubernetes.io/os": "linux", "type": "kwok"},
    },
    "status": {
        "allocatable": {"cpu": "64", "memory": "256Gi", "pods": "1000"},
        "capacity": {"cpu": "64", "memory": "256Gi", "pods": "1000"},
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What kind of control plane it is to be."""

    nodes: bool = True
    """A scheduler and a simulated node, so that pods run, as far as the API can tell."""
    controllers: bool = True
    """Garbage collection, Deployments, quotas, default service accounts."""
    audit: bool = False
    """Every request goes to logs/audit.log."""
    fsync: bool = False
    """Data survives a crash of the machine; everything is slower."""

    def programs(self) -> tuple[str, ...]:
        controllers = ("kube-controller-manager",) if self.controllers else ()
        nodes = ("kube-scheduler", "kwok") if self.nodes else ()
        return ("etcd", "kube-apiserver", *controllers, *nodes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """Everything a start needs."""

    layout: Layout
    supervised: Supervised
    binaries: Mapping[str, Path]
    keys: "Keys"
    options: Options

    def run(self, *, preferred_port: int | None) -> str:
        etcd = _with_free_ports(self._start_etcd)
        ports = iter([preferred_port])
        url = _with_free_ports(lambda: self._start_apiserver(etcd, preferred_port=next(ports, None)))
        self.supervised.note(url=url, etcd=etcd)
        self._write_kubeconfigs(url)
        self._start_clients()
        self._finish(Rest(url, certificates=self.layout.certificates))
        return url

    def _start_etcd(self) -> str:
        # The name tells ours from another etcd that took the same port a moment earlier.
        name = hashlib.sha256(str(self.layout.directory).encode()).hexdigest()[:12]
        port = free_port()
        command = components.etcd(
            self.binaries["etcd"],
            name=name,
            data=self.layout.etcd,
            port=port,
            peer_port=free_port(),
            fsync=self.options.fsync,
        )
        self._run("etcd", command, ready=lambda: _is_member(port, name=name))
        return f"http://127.0.0.1:{port}"

    def _start_apiserver(self, etcd: str, *, preferred_port: int | None) -> str:
        port = free_port(preferred=preferred_port)
        command = components.kube_apiserver(
            self.binaries["kube-apiserver"],
            layout=self.layout,
            port=port,
            etcd_url=etcd,
            controllers=self.options.controllers,
            audit=self.options.audit,
        )
        url = f"https://127.0.0.1:{port}"
        rest = Rest(url, certificates=self.layout.certificates)
        self._run("kube-apiserver", command, ready=lambda: rest.is_ok("/readyz"))
        return url

    def _start_clients(self) -> None:
        """Nobody waits for these: what they do, they do a moment later."""
        if self.options.controllers:
            manager = self.binaries["kube-controller-manager"]
            self._run("kube-controller-manager", components.kube_controller_manager(manager, layout=self.layout))
        if self.options.nodes:
            self._run("kube-scheduler", components.kube_scheduler(self.binaries["kube-scheduler"], layout=self.layout))
            self._run("kwok", components.kwok(self.binaries["kwok"], layout=self.layout))

    def _finish(self, rest: Rest) -> None:
        self._await("kube-apiserver", None, ready=lambda: _exists(rest, "/api/v1/namespaces/default"))
        if self.options.nodes:
            # It is there already after an earlier start with the same data.
            with suppress(Conflict):
                rest.create("/api/v1/nodes", NODE)

    def _write_kubeconfigs(self, url: str) -> None:
        targets = {self.layout.person(name): identity for name, identity in PEOPLE.items()}
        targets |= {self.layout.kubeconfigs / f"{name}.kubeconfig": identity for name, identity in PROGRAMS.items()}
        for path, identity in targets.items():
            write_private(path, self.keys.kubeconfig(identity, server=url))

    def _run(self, name: str, command: list[str], *, ready: Callable[[], bool] = lambda: True) -> None:
        log = self.layout.log(name)
        process = self.supervised.start(name, command, log=log)
        if process is None:
            raise _failure(name, log=log)
        self._await(name, process, ready=ready)

    def _await(self, name: str, process: ProcessIdentity | None, *, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _PATIENCE
        while not ready():
            if process and not is_alive(process):
                raise _failure(name, log=self.layout.log(name))
            if time.monotonic() > deadline:
                raise LocalError(f"{name} was not ready within {_PATIENCE:.0f} seconds: see {self.layout.log(name)}")
            time.sleep(_PAUSE)


def _with_free_ports(start: Callable[[], str]) -> str:
    for _ in range(_ATTEMPTS - 1):
        try:
            return start()
        except PortTaken:
            continue
    return start()


def _failure(name: str, *, log: Path) -> LocalError:
    text = log.read_text(errors="replace")
    kind = PortTaken if "address already in use" in text else LocalError
    return kind(f"{name} ended while it started, its log {log} says why:\n{last_lines(log)}")


def _is_member(port: int, *, name: str) -> bool:
    """Whether an etcd of this name serves there, with a leader."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("POST", "/v3/cluster/member/list", body="{}")
        members = json.loads(connection.getresponse().read()).get("members", [])
    except (OSError, ValueError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return any(member.get("name") == name for member in members)


def _exists(rest: Rest, path: str) -> bool:
    try:
        rest.get(path)
    except ClusterError:
        return False
    return True
