"""`countersign up` and `countersign down`."""

import os
import signal
from pathlib import Path

import pytest
from click.testing import CliRunner

from countersign.dev import up as up_module
from countersign.dev.commands import down_command, up_command
from countersign.dev.failure import LocalError
from countersign.dev.processes import is_alive
from countersign.dev.state import read_state
from countersign.dev.up import Product, Wishes, up

CONFIG = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "installed", "namespace": "default"}}


class FakePlane:
    """Records what is done to it. `dying` names processes that end as soon as they run."""

    directory = Path("/plane")
    url = "https://127.0.0.1:6443"
    admin_kubeconfig = Path("/plane/admin.kubeconfig")

    def __init__(self, folder, *, shared=False, dying=()):
        self.done = []
        self._folder, self._shared, self._dying = folder, shared, dying

    def start(self, *, fresh):
        self.done.append("start fresh" if fresh else "start")
        return not self._shared

    def install(self, manifests, *, wait_until):
        self.done.append(f"install {len(manifests)}")
        assert wait_until()

    def run(self, name, command, *, grace):
        self.done.append(f"run {name}")

    def keep(self):
        self.done.append("keep")

    def stop(self):
        self.done.append("stop")

    def ended(self):
        return [name for name in self._dying if f"run {name}" in self.done]

    def log(self, name):
        log = self._folder / f"{name}.log"
        log.write_text("ImportError: no such thing\n")
        return log

    @property
    def is_running(self):
        raise KeyboardInterrupt


@pytest.fixture(autouse=True)
def without_waiting(monkeypatch):
    monkeypatch.setattr(up_module, "_PATIENCE", 0.05)
    monkeypatch.setattr(up_module, "_POLL", 0.01)


def a_product(*, manifests=lambda: [CONFIG], in_force=lambda plane: True, working=lambda address: True):
    return Product(manifests=manifests, in_force=in_force, working=working)


def run_up(plane, *, product=None, **wishes):
    given = {"shown": Path(".countersign"), "operator": True, "detach": False, "fresh": False} | wishes
    up(plane, Wishes(**given), product=product or a_product())


def test_up_stays_until_it_is_interrupted_and_then_stops_everything(tmp_path, capsys):
    """The summary says how to stop it."""
    plane = FakePlane(tmp_path)

    run_up(plane)

    assert plane.done == ["start", "install 1", "run operator", "stop"]
    assert "Stop:  Ctrl-C" in capsys.readouterr().out


def test_up_detached_returns_and_stops_nothing(tmp_path, capsys):
    """The summary says how to stop it from elsewhere."""
    plane = FakePlane(tmp_path)

    run_up(plane, detach=True)

    assert plane.done[-1] == "keep"
    assert "Stop:  countersign down --dir .countersign" in capsys.readouterr().out


def test_up_says_which_kubeconfig_is_for_whom(tmp_path, capsys):
    """The first thing a newcomer needs."""
    run_up(FakePlane(tmp_path))

    lines = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()]
    assert [".countersign/proposer.kubeconfig", "writes plans, in every namespace"] in lines
    assert [".countersign/approver2.kubeconfig", "a second approver"] in lines


def test_up_without_an_operator_says_how_to_run_one(tmp_path, capsys):
    """For whoever works on it."""
    plane = FakePlane(tmp_path)

    run_up(plane, operator=False)

    assert "run operator" not in plane.done
    assert "countersign run --kubeconfig .countersign/operator.kubeconfig" in capsys.readouterr().out


def test_an_operator_that_ends_at_once_is_shown_with_its_log(tmp_path):
    """And nothing is left running."""
    plane = FakePlane(tmp_path, dying=["operator"])

    with pytest.raises(LocalError, match=r"(?s)operator has ended.*operator\.log.*ImportError: no such thing"):
        run_up(plane, detach=True)

    assert plane.done[-1] == "stop"


def test_a_failed_installation_leaves_nothing_running(tmp_path):
    """Whatever the reason."""
    plane = FakePlane(tmp_path)

    with pytest.raises(ZeroDivisionError):
        run_up(plane, product=a_product(manifests=lambda: 1 / 0))

    assert plane.done == ["start", "stop"]


def test_readiness_is_asked_of_the_running_plane(tmp_path):
    """The probe needs rights that no one else has."""
    asked = []

    plane = FakePlane(tmp_path)
    run_up(plane, product=a_product(in_force=lambda plane: asked.append(plane) or True))

    assert asked == [plane]


def test_up_on_a_running_one_says_so_and_changes_nothing(tmp_path, capsys):
    """Twice up is up."""
    plane = FakePlane(tmp_path, shared=True)

    run_up(plane)

    assert plane.done == ["start"]
    assert "running already in .countersign" in capsys.readouterr().out


def test_a_running_one_is_not_thrown_away(tmp_path):
    """Somebody may be working with it."""
    plane = FakePlane(tmp_path, shared=True)

    with pytest.raises(LocalError, match=r"is running: stop it for a fresh start \(countersign down --dir"):
        run_up(plane, fresh=True)

    assert plane.done == ["start fresh"]


def test_a_request_to_terminate_is_like_an_interruption(tmp_path):
    """And afterwards signals mean again what they meant before."""
    before = signal.getsignal(signal.SIGTERM)

    with pytest.raises(KeyboardInterrupt):
        run_up(FakePlane(tmp_path), product=a_product(manifests=lambda: os.kill(os.getpid(), signal.SIGTERM)))

    assert signal.getsignal(signal.SIGTERM) is before


@pytest.fixture
def countersign(tmp_path, monkeypatch):
    """The commands, with an operator that does nothing."""
    monkeypatch.setattr(up_module, "_operator_command", lambda kubeconfig, *, address: ["sleep", "600"])
    by_name = {"up": up_command(a_product()), "down": down_command}

    def run(name, *arguments):
        return CliRunner().invoke(by_name[name], [*arguments, "--dir", str(tmp_path / "D")])

    yield run
    run("down")


@pytest.mark.cluster
def test_down_ends_what_up_left_running(countersign, tmp_path):
    """The whole story, with real servers."""
    started = countersign("up", "--detach", "--no-nodes")
    assert started.exit_code == 0, started.output
    state = read_state(tmp_path / "D")
    assert list(state.processes) == ["etcd", "kube-apiserver", "kube-controller-manager", "operator"]

    assert "running already" in countersign("up").output
    assert countersign("up", "--fresh").exit_code == 3

    stopped = countersign("down")
    assert "Stopped what ran in" in stopped.output
    assert not any(is_alive(process) for process in [state.supervisor, *state.processes.values()])
    assert "Nothing was running in" in countersign("down").output


def test_a_failure_is_a_sentence_not_a_stack(countersign, tmp_path, monkeypatch):
    """With the exit code of troubles with this machine."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "empty"))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("COUNTERSIGN_DOWNLOAD_URL", "")
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)

    failed = countersign("up")

    assert failed.exit_code == 3
    assert failed.output.startswith("Error: Go 1.26 or newer is needed to build etcd")
