"""A process that owns the processes of one control plane, so that none outlives its purpose.

Started by `supervised` as `python -m countersign.dev.supervisor DIRECTORY`. It reads one JSON command per line from its standard input and
answers each with one line. When that input ends, when the process that started it is gone, or on SIGTERM, it ends everything it started,
last first, and itself. After the command `keep` it lives on without its starter: as long as an owner, or until SIGTERM.

    {"do": "start", "name": ..., "command": [...], "log": ..., "grace": ...}    {"identity": {...} or null} or {"error": ...}
    {"do": "note", "facts": {...}}                                              {}
    {"do": "keep", "owner": {"pid": ..., "started": ...} or null}       {}
"""

import ctypes
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from countersign.dev.processes import ProcessIdentity, identify, is_alive
from countersign.dev.state import State, read_state, write_state

_POLL = 0.25
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class _Child:
    process: subprocess.Popen[bytes]
    grace: float


class Supervisor:
    """One thread, on purpose: the kernel ties the children's life to the thread that forked them."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._children: dict[str, _Child] = {}
        self._owner = identify(os.getppid())
        self._reading = True
        self._ending = False
        self._wakened, self._waker = os.pipe()
        os.set_blocking(self._waker, False)
        self._state = replace(read_state(directory), supervisor=identify(os.getpid()), processes={})

    def run(self) -> None:
        signal.signal(signal.SIGTERM, self._end)
        signal.set_wakeup_fd(self._waker)
        write_state(self._directory, self._state)
        try:
            self._serve()
        finally:
            # From here on an ended process is no failure, and nobody should join any more.
            self._record(replace(self._state, facts={**self._state.facts, "ready": False}))
            self._end_children()
            write_state(self._directory, replace(self._state, supervisor=None, processes={}))

    def _end(self, *_: object) -> None:
        self._ending = True

    def _serve(self) -> None:
        buffer = b""
        while not self._ending and (self._owner is None or is_alive(self._owner)):
            ready, _, _ = select.select([self._wakened, *([0] if self._reading else [])], [], [], _POLL)
            self._reap()
            if 0 not in ready:
                continue
            received = os.read(0, 1 << 16)
            *lines, buffer = (buffer + received).split(b"\n")
            for line in lines:
                self._answer(json.loads(line))
            if not received:
                return

    def _reap(self) -> None:
        for child in self._children.values():
            child.process.poll()

    def _answer(self, command: Mapping[str, Any]) -> None:
        answer = json.dumps(self._obey(command)) + "\n"
        # Whoever asked may be gone: that is seen at the next read.
        with suppress(BrokenPipeError):
            os.write(1, answer.encode())

    def _obey(self, command: Mapping[str, Any]) -> Mapping[str, Any]:
        match command["do"]:
            case "start":
                return self._start(command)
            case "note":
                self._record(replace(self._state, facts={**self._state.facts, **command["facts"]}))
            case "keep":
                self._reading = False
                self._owner = ProcessIdentity(**command["owner"]) if command["owner"] else None
            case other:
                return {"error": f"unknown command {other}"}
        return {}

    def _start(self, command: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            process = _spawn(command["command"], log=Path(command["log"]))
        except OSError as error:
            return {"error": str(error)}
        self._children.pop(command["name"], None)
        self._children[command["name"]] = _Child(process, command["grace"])
        identity = identify(process.pid)
        if identity is None:
            return {"identity": None}
        self._record(replace(self._state, processes={**self._state.processes, command["name"]: identity}))
        return {"identity": asdict(identity)}

    def _record(self, state: State) -> None:
        self._state = state
        write_state(self._directory, state)

    def _end_children(self) -> None:
        """Last started, first ended: nobody loses the server it talks to."""
        for child in reversed(self._children.values()):
            child.process.terminate()
            try:
                child.process.wait(child.grace)
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()


def _spawn(command: list[str], *, log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            preexec_fn=_die_with_supervisor(os.getpid()),  # noqa: PLW1509 - this process has one thread only
        )


def _die_with_supervisor(supervisor: int) -> Any:
    """Even a killed supervisor leaves nothing behind. Other systems than Linux have no such signal."""

    def prepare() -> None:
        if sys.platform == "linux":
            _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != supervisor:
                os._exit(1)

    return prepare


if __name__ == "__main__":
    Supervisor(Path(sys.argv[1])).run()
