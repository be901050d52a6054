"""One local control plane for a whole pytest session, shared by all xdist workers.

Whoever asks for it first starts it; it belongs to the pytest process itself, so it ends with the session, also when that is
killed. Programs that are not there yet are fetched or built right after collection, where no test's time limit applies.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from countersign.dev.binaries import find_binaries
from countersign.dev.failure import LocalError
from countersign.dev.launch import Options
from countersign.dev.plane import ControlPlane
from countersign.dev.processes import identify
from countersign.dev.progress import Progress
from countersign.errors import NotFound

CHOSEN_DIRECTORY = "COUNTERSIGN_TEST_DIR"
_OPTIONS = Options(audit=True)


@dataclass(frozen=True, slots=True)
class Session:
    """What the pytest process tells its workers. A directory of nobody's choice is removed in the end."""

    directory: Path
    pid: int
    temporary: bool


_SESSION = pytest.StashKey[Session]()
_PLANE = pytest.StashKey[ControlPlane]()


def pytest_configure(config):
    session = _told_by_controller(config) or _new_session()
    config.stash[_SESSION] = session
    config.stash[_PLANE] = ControlPlane(session.directory, options=_OPTIONS)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    session = node.config.stash[_SESSION]
    node.workerinput |= {"cluster_directory": str(session.directory), "controller": session.pid}


def pytest_unconfigure(config):
    session = config.stash.get(_SESSION, None)
    if session is None or _is_worker(config):
        return
    config.stash[_PLANE].stop()
    if session.temporary:
        shutil.rmtree(session.directory, ignore_errors=True)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        if "control_plane" in getattr(item, "fixturenames", ()):
            item.add_marker("cluster")


def pytest_collection_finish(session):
    if any(item.get_closest_marker("cluster") for item in session.items):
        try:
            find_binaries(_OPTIONS.programs(), environ=os.environ, progress=Progress(sys.stderr))
        except LocalError as error:
            # The tests that need the programs fail with this message; the others still run.
            sys.stderr.write(f"{error}\n")


@pytest.fixture(scope="session")
def control_plane(pytestconfig) -> ControlPlane:
    """A bare Kubernetes: nothing of ours is installed."""
    plane = pytestconfig.stash[_PLANE]
    if plane.start(fresh=True):
        plane.keep(identify(pytestconfig.stash[_SESSION].pid))
    return plane


@pytest.fixture(scope="session")
def cluster(control_plane) -> ControlPlane:
    """What tests of ours talk to: `.kubeconfig(user, groups)`, `.admin_kubeconfig`, `.url`, `.directory`."""
    return control_plane


@pytest.fixture
def namespace(cluster) -> Iterator[str]:
    """A new one for each test. Its deletion goes on while the next test runs."""
    name = f"test-{uuid4().hex[:10]}"
    rest = cluster.rest()
    rest.create("/api/v1/namespaces", {"metadata": {"name": name}})
    yield name
    with suppress(NotFound):
        rest.delete(f"/api/v1/namespaces/{name}")


def _new_session() -> Session:
    chosen = os.environ.get(CHOSEN_DIRECTORY)
    directory = Path(chosen or tempfile.mkdtemp(prefix="countersign-tests-"))
    if ControlPlane(directory).is_running:
        raise pytest.UsageError(
            f"{CHOSEN_DIRECTORY}={chosen} is in use: choose another folder, or stop what runs there"
        )
    return Session(directory, os.getpid(), temporary=not chosen)


def _told_by_controller(config) -> Session | None:
    if not _is_worker(config):
        return None
    return Session(Path(config.workerinput["cluster_directory"]), config.workerinput["controller"], temporary=False)


def _is_worker(config) -> bool:
    return hasattr(config, "workerinput")
