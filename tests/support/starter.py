"""A process of its own that starts something and is then killed by a test, as a terminal or a CI job would be.

python -m tests.support.starter FOLDER sleepers   two `sleep` under a supervisor
python -m tests.support.starter FOLDER plane      a control plane
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from countersign.dev.launch import Options
from countersign.dev.plane import ControlPlane
from countersign.dev.supervised import Supervised


def start_sleepers(folder: Path) -> Supervised:
    (folder / "logs").mkdir()
    supervised = Supervised(folder)
    for name in ("one", "two"):
        supervised.start(name, ["sleep", "600"], log=folder / f"{name}.log")
    return supervised


def start_plane(folder: Path) -> ControlPlane:
    plane = ControlPlane(folder, options=Options(controllers=False, nodes=False))
    plane.start()
    return plane


@contextmanager
def running_starter(folder: Path, *, what: str) -> Iterator[subprocess.Popen[str]]:
    """Yields when it has started what it was asked for."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.starter", str(folder), what],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout.readline() == "started\n"
        yield process
    finally:
        process.kill()
        process.communicate()


if __name__ == "__main__":
    started = {"sleepers": start_sleepers, "plane": start_plane}[sys.argv[2]](Path(sys.argv[1]))
    print("started", flush=True)  # noqa: T201 - the test waits for it
    time.sleep(600)
