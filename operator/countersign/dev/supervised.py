"""The near end of a supervisor: starts it, hands it commands, lets go of it.

`launch` starts the processes of a control plane through it. When the process that holds this object ends, however it ends, the
pipe closes and the supervisor ends all of them.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from threading import Thread
from typing import Any

import countersign
from countersign.dev.failure import LocalError
from countersign.dev.processes import ProcessIdentity

_GRACE = 3.0
_SOURCE = Path(countersign.__file__).resolve().parents[1]


class Supervised:
    """`directory` must hold a folder `logs`."""

    def __init__(self, directory: Path) -> None:
        self._log = directory / "logs" / "supervisor.log"
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "countersign.dev.supervisor", str(directory)],
                env=_environment(),
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                # Ctrl-C and the end of a terminal are for whoever started us, who then ends the supervisor in order.
                start_new_session=True,
            )

    def start(self, name: str, command: Sequence[str], *, log: Path, grace: float = _GRACE) -> ProcessIdentity | None:
        """None when it ended at once. On its end it gets `grace` seconds between the request to stop and the kill."""
        answer = self._ask(do="start", name=name, command=list(command), log=str(log), grace=grace)
        return ProcessIdentity(**answer["identity"]) if answer["identity"] else None

    def note(self, **facts: Any) -> None:
        """Goes into state.json."""
        self._ask(do="note", facts=facts)

    def keep(self, owner: ProcessIdentity | None = None) -> None:
        """From now on it lives as long as `owner`, or, with None, until somebody stops it."""
        self._ask(do="keep", owner=asdict(owner) if owner else None)
        self._release()
        # It stays our child as long as we live, and a child must be waited for.
        Thread(target=self._process.wait, daemon=True).start()

    def close(self) -> None:
        """Ends the supervisor, if it has not ended, and with it everything it started. Returns when all are gone."""
        self._release()
        self._process.terminate()
        self._process.wait()

    def _release(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()

    def _ask(self, **command: Any) -> dict[str, Any]:
        commands, answers = self._process.stdin, self._process.stdout
        if not commands or not answers or commands.closed:
            raise LocalError("The control plane runs on its own: stop it first to change what runs in it")
        try:
            commands.write(json.dumps(command).encode() + b"\n")
        except BrokenPipeError:
            answer = b""
        else:
            answer = answers.readline()
        if not answer:
            raise LocalError(f"The supervisor of the control plane has ended: see {self._log}")
        content: dict[str, Any] = json.loads(answer)
        if "error" in content:
            raise LocalError(f"{command.get('name')} could not be started: {content['error']}")
        return content


def _environment() -> dict[str, str]:
    """The supervisor has to find this very package, however it was found here."""
    path = os.environ.get("PYTHONPATH")
    return dict(os.environ) | {"PYTHONPATH": os.pathsep.join([str(_SOURCE), *([path] if path else [])])}
