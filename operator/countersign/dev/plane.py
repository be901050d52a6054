"""A Kubernetes control plane of plain processes on 127.0.0.1, everything about it in one folder.

`up` starts one and stays with it or lets it go; pytest shares one per session; `with ControlPlane(folder) as plane:` has one for a
block. It ends with whoever started it, even when that one is killed, unless `keep` gave it another owner or none.
"""

import hashlib
import os
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from countersign.dev.binaries import find_binaries
from countersign.dev.failure import LocalError
from countersign.dev.files import write_private
from countersign.dev.identities import Identity
from countersign.dev.install import Manifest, install, wait_for
from countersign.dev.launch import Launch, Options
from countersign.dev.layout import Layout
from countersign.dev.lock import exclusive
from countersign.dev.processes import ProcessIdentity, end, is_alive
from countersign.dev.progress import Progress
from countersign.dev.rest import Rest
from countersign.dev.state import State, read_state
from countersign.dev.supervised import Supervised

if TYPE_CHECKING:
    from countersign.dev.pki import Keys

# The operator hands over its work, then the servers end one after the other.
_GRACE_OF_ALL = 60.0
_GRACE_OF_ONE = 3.0
_DEFAULT = Options()


class ControlPlane:
    """Several live side by side, each in its own folder."""

    def __init__(self, directory: Path, *, options: Options = _DEFAULT, progress: Progress | None = None) -> None:
        self.directory = directory.resolve()
        self._layout = Layout(self.directory)
        self._options = options
        self._progress = progress or Progress(sys.stderr)
        self._supervised: Supervised | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._supervised:
            self.stop()

    def start(self, *, fresh: bool = False) -> bool:
        """False when it was running already, and is now shared. `fresh` throws away the data of an earlier run that has ended."""
        self._layout.prepare()
        waiting = self._progress.waiter(f"waiting for another process that starts {self.directory}")
        with exclusive(self._layout.lock, waiting=waiting):
            earlier = read_state(self.directory)
            if earlier.is_running and earlier.is_ready:
                return False
            if earlier.supervisor:
                self._progress.note(
                    f"The last run in {self.directory} was not stopped in order: what is left of it is ended"
                )
            stop_running(self.directory)
            if fresh:
                self._layout.clear()
                self._layout.prepare()
            self._launch(earlier)
        return True

    def stop(self) -> None:
        """Returns when nothing of it is left running. The data stay."""
        stop_running(self.directory)
        if self._supervised:
            self._supervised.close()
            self._supervised = None

    def keep(self, owner: ProcessIdentity | None = None) -> None:
        """It no longer ends with this process, but with `owner`, or, with None, when it is stopped."""
        self._mine.keep(owner)

    def run(self, name: str, command: Sequence[str], *, grace: float = _GRACE_OF_ONE) -> None:
        """One more process that lives and ends with the others; it writes to logs/<name>.log."""
        if self._mine.start(name, command, log=self._layout.log(name), grace=grace) is None:
            raise LocalError(f"{name} ended at once: see {self._layout.log(name)}")

    def ended(self) -> tuple[str, ...]:
        """Names of processes that should be running and are not. Empty when all of it was, or is being, stopped."""
        processes = read_state(self.directory).processes
        gone = tuple(name for name, process in processes.items() if not is_alive(process))
        # Asked last: an end in order is announced before the first process ends.
        return gone if read_state(self.directory).is_ready else ()

    @property
    def is_running(self) -> bool:
        return read_state(self.directory).is_running

    def install(self, manifests: Sequence[Manifest], *, wait_until: Callable[[], bool] | None = None) -> None:
        """`wait_until` tells when what was installed is in force: admission policies are only some moments later."""
        install(self.rest(), manifests)
        if wait_until:
            wait_for(wait_until, what="the admission policies")

    def kubeconfig(self, user: str, groups: Sequence[str] = ()) -> Path:
        """A kubeconfig for anybody: the API server takes the names for granted."""
        identity = Identity(user, tuple(groups))
        digest = hashlib.sha256(repr(identity).encode()).hexdigest()[:8]
        path = self._layout.kubeconfigs / f"{re.sub(r'[^A-Za-z0-9-]+', '-', user)}-{digest}.kubeconfig"
        write_private(path, self._keys().kubeconfig(identity, server=self.url))
        return path

    def rest(self) -> Rest:
        """Requests as the administrator."""
        return Rest(self.url, certificates=self._layout.certificates)

    def log(self, name: str) -> Path:
        return self._layout.log(name)

    @property
    def url(self) -> str:
        return self._fact("url")

    @property
    def etcd_url(self) -> str:
        return self._fact("etcd")

    @property
    def admin_kubeconfig(self) -> Path:
        return self._layout.person("admin")

    @property
    def _mine(self) -> Supervised:
        if self._supervised is None:
            raise LocalError(
                f"{self.directory} was not started by this process: only its starter may change what runs in it"
            )
        return self._supervised

    def _fact(self, name: str) -> str:
        state = read_state(self.directory)
        if not state.is_running or name not in state.facts:
            raise LocalError(f"No control plane is running in {self.directory}: start it with 'countersign up'")
        return str(state.facts[name])

    def _launch(self, earlier: State) -> None:
        keys = self._keys()
        binaries = find_binaries(self._options.programs(), environ=os.environ, progress=self._progress)
        supervised = Supervised(self.directory)
        try:
            supervised.note(ready=False, options=asdict(self._options))
            keys.ensure()
            launch = Launch(
                layout=self._layout, supervised=supervised, binaries=binaries, keys=keys, options=self._options
            )
            # The port of last time, if it is free: whoever still has the old URL finds the same server there.
            launch.run(preferred_port=urlsplit(earlier.facts.get("url", "")).port)
            supervised.note(ready=True)
        except BaseException:
            supervised.close()
            raise
        self._supervised = supervised

    def _keys(self) -> "Keys":
        from countersign.dev.pki import Keys  # noqa: PLC0415 - the package cryptography is an optional extra

        return Keys(self._layout.certificates)


def stop_running(directory: Path) -> bool:
    """Ends the processes of the control plane in `directory`, and no others. False when none was running."""
    state = read_state(directory)
    was_running = state.is_running
    if state.supervisor:
        end(state.supervisor, grace=_GRACE_OF_ALL)
    # Only where the supervisor was killed, and the system has no signal for that, is anything left to end here.
    for process in reversed(list(state.processes.values())):
        end(process, grace=_GRACE_OF_ONE)
    return was_running
