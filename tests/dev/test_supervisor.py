"""Nothing outlives its purpose: processes under a supervisor, and every way in which their starter can end."""

import os
import signal
import subprocess
import sys

import pytest
from tests.support.starter import running_starter, start_sleepers
from tests.support.waiting import eventually

from countersign.dev.failure import LocalError
from countersign.dev.processes import identify, is_alive
from countersign.dev.state import read_state

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")


@pytest.fixture
def supervised(tmp_path):
    supervised = start_sleepers(tmp_path)
    yield supervised
    supervised.close()


def everything(folder):
    """The supervisor and its processes."""
    state = read_state(folder)
    return [state.supervisor, *state.processes.values()]


def all_gone(processes):
    return eventually(lambda: not any(is_alive(process) for process in processes))


def test_the_state_names_every_process(supervised, tmp_path):
    """So that another process can stop them."""
    assert list(read_state(tmp_path).processes) == ["one", "two"]
    assert all(is_alive(process) for process in everything(tmp_path))


def test_all_ends_when_the_starter_lets_go(supervised, tmp_path):
    """And the state says that nothing runs."""
    processes = everything(tmp_path)

    supervised.close()

    assert all_gone(processes)
    assert not read_state(tmp_path).is_running
    assert read_state(tmp_path).processes == {}


def test_all_ends_when_the_starter_is_killed(tmp_path):
    """Nobody could tell the supervisor: it sees the pipe close."""
    with running_starter(tmp_path, what="sleepers") as process:
        processes = everything(tmp_path)
        process.kill()

        assert all_gone(processes)


@on_linux
def test_all_ends_when_the_supervisor_is_killed(supervised, tmp_path):
    """The kernel tells the children."""
    processes = everything(tmp_path)

    os.kill(processes[0].pid, signal.SIGKILL)

    assert all_gone(processes)


def test_all_ends_when_the_supervisor_is_asked_to(supervised, tmp_path):
    """`down` does it so."""
    processes = everything(tmp_path)
    supervised.keep()

    os.kill(processes[0].pid, signal.SIGTERM)

    assert all_gone(processes)


def test_what_is_kept_outlives_its_starter(tmp_path):
    """As `up --detach` wants it."""
    supervised = start_sleepers(tmp_path)
    supervised.keep()

    assert not eventually(lambda: not all(is_alive(process) for process in everything(tmp_path)), within=0.6)
    os.kill(read_state(tmp_path).supervisor.pid, signal.SIGTERM)
    supervised.close()


def test_what_is_kept_for_an_owner_ends_with_it(supervised, tmp_path):
    """As a test session with several workers wants it."""
    owner = subprocess.Popen(["sleep", "600"])
    processes = everything(tmp_path)
    supervised.keep(identify(owner.pid))
    assert is_alive(processes[0])

    owner.kill()
    owner.wait()

    assert all_gone(processes)


def test_a_process_that_does_not_listen_is_killed_after_its_grace(supervised, tmp_path):
    """Ending must end."""
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(600)"
    log = tmp_path / "deaf.log"
    supervised.start("deaf", [sys.executable, "-c", deaf], log=log, grace=0.2)
    assert eventually(lambda: log.read_text() == "1\n")
    processes = everything(tmp_path)

    supervised.close()

    assert all_gone(processes)


def test_processes_end_in_the_opposite_order(supervised, tmp_path):
    """Nobody loses the server it talks to."""
    ending = "trap 'echo $0 >> {log}; exit' TERM; echo ready; while :; do sleep 0.01; done"
    order = tmp_path / "order"
    for name in ("server", "client"):
        log = tmp_path / f"{name}.log"
        supervised.start(name, ["sh", "-c", ending.format(log=order), name], log=log)
        assert eventually(lambda log=log: log.read_text() == "ready\n")

    supervised.close()

    assert order.read_text().split() == ["client", "server"]


def test_a_program_that_does_not_exist_is_named(supervised, tmp_path):
    """The system's own words say what is wrong with it."""
    with pytest.raises(LocalError, match=r"etcd could not be started: .*No such file"):
        supervised.start("etcd", [str(tmp_path / "nowhere")], log=tmp_path / "etcd.log")


def test_a_supervisor_of_its_own_takes_no_orders(supervised):
    """Its starter gave it away."""
    supervised.keep()

    with pytest.raises(LocalError, match="runs on its own"):
        supervised.note(ready=True)


def test_a_supervisor_that_ended_is_reported(supervised, tmp_path):
    """Instead of an answer that never comes."""
    supervisor = read_state(tmp_path).supervisor
    os.kill(supervisor.pid, signal.SIGTERM)
    assert all_gone([supervisor])

    with pytest.raises(LocalError, match=r"supervisor of the control plane has ended: see .*supervisor.log"):
        supervised.note(ready=True)
