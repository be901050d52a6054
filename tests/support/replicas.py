"""Several operators over one control plane of their own, for tests that kill, pause and stop them."""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.support.identities import Identity, identity
from tests.support.operated import OPTIONS, PEOPLE, install, make_scene, operator_command
from tests.support.scene import Scene

from countersign.dev.plane import ControlPlane

SECONDS = 40.0


@dataclass
class Replica:
    """One process; `log` is its own."""

    command: list[str]
    environ: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        with self.log.open("wb") as written:
            self.process = subprocess.Popen(self.command, env=os.environ | self.environ, stderr=written)

    def send(self, number: int) -> None:
        self.process.send_signal(number)

    def end(self) -> int:
        """SIGKILL reaches one that is paused, too."""
        self.process.kill()
        return self.process.wait(SECONDS)

    @property
    def address(self) -> str:
        """Where it serves its metrics."""
        return str(self.until_logged("serving")["addresses"][0])

    def logged(self, message: str) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        return [line for line in lines if line.get("msg") == message]

    def until_logged(self, message: str, *, times: int = 1) -> dict[str, Any]:
        """The line, as soon as it was written so often."""
        end = time.monotonic() + SECONDS
        while len(found := self.logged(message)) < times:
            assert time.monotonic() < end, f"no '{message}' in: {self.log.read_text()[-2000:]}"
            time.sleep(0.02)
        return found[times - 1]


@dataclass
class Replicas:
    plane: ControlPlane
    people: dict[str, Identity]
    started: list[Replica] = field(default_factory=list)

    def start(self, *, duration: str = "3s", deadline: str = "2s") -> Replica:
        """One more, ready when it returns, whoever leads."""
        environ = {
            "COUNTERSIGN_LEADER_ELECTION": "true",
            "COUNTERSIGN_LEASE_DURATION": duration,
            "COUNTERSIGN_RENEW_DEADLINE": deadline,
        }
        log = self.plane.directory / "logs" / f"replica-{len(self.started)}.log"
        replica = Replica(operator_command(self.plane), environ, log)
        self.started.append(replica)
        replica.until_logged("ready")
        return replica

    def pair(self, **terms: str) -> tuple[Replica, Replica]:
        """The one that leads, and the one that stands by."""
        leader = self.start(**terms)
        leader.until_logged("lease acquired")
        return leader, self.start(**terms)

    def end(self) -> None:
        for replica in self.started:
            replica.end()

    def scene(self) -> Iterator[Scene]:
        yield from make_scene(self.people)


@contextmanager
def replicated(directory: Path) -> Iterator[Replicas]:
    """Installed, and no operator running."""
    with ControlPlane(directory, options=OPTIONS) as plane, ExitStack() as stack:
        install(plane)
        kubeconfigs = {name: plane.kubeconfig(name, groups) for name, groups in PEOPLE.items()}
        kubeconfigs |= {"admin": plane.admin_kubeconfig}
        people = {name: stack.enter_context(identity(path)) for name, path in kubeconfigs.items()}
        replicas = Replicas(plane, people)
        try:
            yield replicas
        finally:
            replicas.end()


def seconds_between(earlier: dict[str, Any], later: dict[str, Any]) -> float:
    """By the times of two log lines."""
    return (datetime.fromisoformat(later["time"]) - datetime.fromisoformat(earlier["time"])).total_seconds()
