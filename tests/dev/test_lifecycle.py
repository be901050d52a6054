"""Control planes of their own: they live side by side, and start again after any end."""

import os
import signal
import socket

import pytest
from tests.support.starter import running_starter
from tests.support.waiting import eventually

from countersign.dev import launch
from countersign.dev.failure import LocalError
from countersign.dev.launch import Options
from countersign.dev.plane import ControlPlane, stop_running
from countersign.dev.processes import is_alive
from countersign.dev.rest import Rest
from countersign.dev.state import State, read_state
from countersign.errors import Unavailable

pytestmark = pytest.mark.cluster

BARE = Options(controllers=False, nodes=False)
MAP = "/api/v1/namespaces/default/configmaps"


def a_plane(directory, **options):
    return ControlPlane(directory, options=BARE, **options)


def remember(plane):
    plane.rest().create(MAP, {"metadata": {"name": "memory"}})


def remembers(plane):
    return "memory" in [found["metadata"]["name"] for found in plane.rest().get(MAP)["items"]]


def processes(directory):
    state = read_state(directory)
    return [state.supervisor, *state.processes.values()]


def test_two_live_side_by_side_and_end_apart(cluster, tmp_path):
    """Each has its own ports, data and authority."""
    with a_plane(tmp_path) as plane:
        remember(plane)
        assert plane.url != cluster.url
        assert not remembers(cluster)
        with pytest.raises(Unavailable, match="certificate verify failed"):
            Rest(plane.url, certificates=cluster.directory / "certs").get(MAP)

    assert cluster.rest().is_ok("/readyz")


def test_after_a_crash_it_starts_again_with_the_same_data(tmp_path):
    """What is left of the last run is ended first; kubeconfigs and the address stay valid."""
    crashed = a_plane(tmp_path)
    crashed.start()
    remember(crashed)
    url, left_over = crashed.url, processes(tmp_path)
    os.kill(left_over[0].pid, signal.SIGKILL)
    assert eventually(lambda: not is_alive(left_over[0]))

    with a_plane(tmp_path) as plane:
        assert not any(is_alive(process) for process in left_over)
        assert remembers(plane)
        assert plane.url == url
        assert plane.start() is False

    assert read_state(tmp_path).processes == {}
    crashed.stop()


def test_nothing_is_left_when_its_starter_is_killed(tmp_path):
    """However suddenly, with real servers."""
    with running_starter(tmp_path, what="plane") as starter:
        all_of_it = processes(tmp_path)
        assert len(all_of_it) == 3
        starter.kill()

        assert eventually(lambda: not any(is_alive(process) for process in all_of_it), within=10)


def test_a_port_that_somebody_else_took_is_replaced(tmp_path, monkeypatch):
    """Between the choice and the use there is always a moment."""
    free_port = launch.free_port
    with socket.socket() as taken, socket.socket() as also_taken:
        taken.bind(("127.0.0.1", 0))
        also_taken.bind(("127.0.0.1", 0))
        ports = iter([taken.getsockname()[1], free_port(), free_port(), free_port(), also_taken.getsockname()[1]])
        monkeypatch.setattr(launch, "free_port", lambda **_: next(ports, None) or free_port())

        with a_plane(tmp_path) as plane:
            assert plane.rest().is_ok("/readyz")
            assert next(ports, None) is None


def test_a_process_that_does_not_start_is_shown_with_its_log(tmp_path, monkeypatch):
    """The reason is in its last words."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in BARE.programs():
        (programs / name).write_text("#!/bin/sh\necho 'data directory is corrupt'\nexit 1\n")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(programs))

    with pytest.raises(LocalError, match=r"(?s)etcd ended while it started.*etcd\.log.*data directory is corrupt"):
        a_plane(tmp_path / "plane").start()

    assert not read_state(tmp_path / "plane").is_running


def test_stopping_what_does_not_run_says_so(tmp_path):
    """Twice down is down."""
    assert stop_running(tmp_path) is False


def test_a_state_file_that_makes_no_sense_is_no_state(tmp_path):
    """A start must be possible again without a cleaning by hand."""
    (tmp_path / "state.json").write_text('{"supervisor": 5')

    assert read_state(tmp_path) == State()


def test_a_plane_that_does_not_run_says_how_to_start_it(tmp_path):
    """Instead of a refused connection."""
    with pytest.raises(LocalError, match="start it with 'countersign up'"):
        a_plane(tmp_path).rest()


def test_only_its_starter_may_change_what_runs(cluster):
    """Others share it."""
    with pytest.raises(LocalError, match="only its starter may change what runs in it"):
        ControlPlane(cluster.directory).run("more", ["sleep", "1"])
