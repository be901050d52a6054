"""Processes by pid and start time: the pid alone may by now belong to somebody else.

The supervisor records identities of what it started; `down`, and an `up` after a crash, end exactly these.
"""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

_PAUSE = 0.02
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """`started` is opaque: equal for the same process, different for any other that ever has this pid."""

    pid: int
    started: str


def identify(pid: int) -> ProcessIdentity | None:
    """None when there is no such process, or when it has ended and only waits for its parent to notice."""
    started = _started_linux(pid) if sys.platform == "linux" else _started_elsewhere(pid)
    return ProcessIdentity(pid, started) if started else None


def is_alive(identity: ProcessIdentity) -> bool:
    return identify(identity.pid) == identity


def end(identity: ProcessIdentity, *, grace: float) -> None:
    """Asks the process to end, and kills it when it has not ended `grace` seconds later. Returns when it is gone."""
    if not _send(identity, signal.SIGTERM) or _gone_within(grace, identity=identity):
        return
    _send(identity, signal.SIGKILL)
    _gone_within(grace, identity=identity)


def _gone_within(seconds: float, *, identity: ProcessIdentity) -> bool:
    deadline = time.monotonic() + seconds
    while is_alive(identity):
        if time.monotonic() > deadline:
            return False
        time.sleep(_PAUSE)
    return True


def _send(identity: ProcessIdentity, number: signal.Signals) -> bool:
    """Whether there still was somebody to send it to."""
    if sys.platform != "linux":
        return _send_by_pid(identity, number)
    try:
        handle = os.pidfd_open(identity.pid)
    except ProcessLookupError:
        return False
    try:
        # The handle holds on to one process: what is compared now is what the signal reaches.
        if not is_alive(identity):
            return False
        signal.pidfd_send_signal(handle, number)
    except ProcessLookupError:
        return False
    finally:
        os.close(handle)
    return True


def _send_by_pid(identity: ProcessIdentity, number: signal.Signals) -> bool:
    if not is_alive(identity):
        return False
    try:
        os.kill(identity.pid, number)
    except ProcessLookupError:
        return False
    return True


def _started_linux(pid: int) -> str:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    # The name in parentheses may hold anything; the third field, the state, follows its end.
    state, *fields = text.rpartition(")")[2].split()
    return "" if state in {"Z", "X"} else f"{_BOOT_ID.read_text().strip()}/{fields[18]}"


def _started_elsewhere(pid: int) -> str:
    command = ["ps", "-o", "stat=,lstart=", "-p", str(pid)]
    shown = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | {"LC_ALL": "C"})
    state, _, started = shown.stdout.strip().partition(" ")
    return "" if state.startswith("Z") else started.strip()
