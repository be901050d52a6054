"""A control plane of a module's own, for tests that take policies away or kill the operator."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.identities import Identity, identity, path_of
from tests.support.operated import OPERATOR, OPTIONS, PEOPLE, install, make_scene, operator_command, operator_trusts
from tests.support.scene import Scene

from countersign.dev.install import wait_for
from countersign.dev.launch import Options
from countersign.dev.plane import ControlPlane


@dataclass
class Own:
    plane: ControlPlane
    people: dict[str, Identity]
    program: tuple[str, ...] = OPERATOR
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start_operator(self) -> None:
        """Running when it returns; ready a moment later."""
        log = (self.plane.directory / "logs" / "operator.log").open("ab")
        with log:
            self.process = subprocess.Popen(operator_command(self.plane, self.program), stdout=log, stderr=log)

    def kill_operator(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.process = None

    @property
    def logged(self) -> int:
        """How many bytes the operator has logged so far."""
        return (self.plane.directory / "logs" / "operator.log").stat().st_size

    def log(self, *, since: int = 0) -> str:
        with (self.plane.directory / "logs" / "operator.log").open("rb") as log:
            log.seek(since)
            return log.read().decode()

    def until_logged(self, text: str, *, since: int = 0, seconds: float = 20) -> None:
        end = time.monotonic() + seconds
        while text not in self.log(since=since):
            assert time.monotonic() < end, f"the operator did not log {text}"
            time.sleep(0.05)

    @contextmanager
    def explained(self) -> Iterator[None]:
        """A failure in the block shows what the operator was doing."""
        try:
            yield
        except AssertionError as error:
            error.add_note(f"the operator's log ends with:\n{self.log()[-6000:]}")
            raise

    @contextmanager
    def without(self, manifest: dict[str, Any]) -> Iterator[None]:
        """The object is gone meanwhile, and back at the end."""
        admin = self.people["admin"]
        assert admin.delete(path_of(manifest)).ok
        try:
            yield
        finally:
            assert admin.apply(path_of(manifest), manifest, fieldManager="countersign-install").ok

    def scene(self) -> Iterator[Scene]:
        yield from make_scene(self.people)


@contextmanager
def own_cluster(directory: Path, *, options: Options = OPTIONS, program: tuple[str, ...] = OPERATOR) -> Iterator[Own]:
    """Installed, with the operator running and trusting the policies. `program` is another one than `countersign run`."""
    with ControlPlane(directory, options=options) as plane, ExitStack() as stack:
        install(plane)
        kubeconfigs = {name: plane.kubeconfig(name, groups) for name, groups in PEOPLE.items()}
        kubeconfigs |= {"admin": plane.admin_kubeconfig, "operator": plane.directory / "operator.kubeconfig"}
        people = {name: stack.enter_context(identity(path)) for name, path in kubeconfigs.items()}
        own = Own(plane, people, program)
        own.start_operator()
        try:
            wait_for(lambda: operator_trusts(plane.rest()), what="the operator")
            yield own
        finally:
            if own.process is not None:
                own.process.terminate()
                own.process.wait(30)
