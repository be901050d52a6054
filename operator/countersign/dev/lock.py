"""One process at a time: two that start at once must not build, or start, the same thing twice.

The kernel frees the lock when its holder ends, however it ends. `binaries` holds one per cache folder, `plane` one per
control plane.
"""

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_PAUSE = 0.05


@contextmanager
def exclusive(path: Path, *, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Holds `path` alone. `waiting` is called again and again while another process has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        while not _try(file.fileno()):
            waiting()
            time.sleep(_PAUSE)
        yield


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
