"""Building from Go modules: what is pinned, and what is said when it cannot be done."""

import io
import stat

import pytest
from tests.support.toolchain import Toolchain

from countersign.dev import build as build_module
from countersign.dev.build import build
from countersign.dev.failure import LocalError
from countersign.dev.programs import PROGRAMS, modules_directory
from countersign.dev.progress import Progress

PROGRAM = {program.name: program for program in PROGRAMS}


def build_with(path, tmp_path, *, name="kube-apiserver", **environ):
    (tmp_path / "work").mkdir()
    screen = io.StringIO()
    build(PROGRAM[name], into=tmp_path / "work" / name, environ={"PATH": path, **environ}, progress=Progress(screen))
    return screen.getvalue()


def test_nothing_but_the_pinned_sources_is_built(tmp_path):
    """Neither the user's flags nor a newer tool chain may change what comes out."""
    go = Toolchain(tmp_path)

    build_with(go.path, tmp_path, GOFLAGS="-tags=mine", GOTOOLCHAIN="auto", CGO_ENABLED="1")

    assert go.environment() == "GOFLAGS=-mod=readonly GOTOOLCHAIN=local CGO_ENABLED=0"
    assert go.module() == "module countersign.dev/hack/controlplane"


def test_a_build_says_how_long_it_may_take(tmp_path):
    """Six silent minutes look like a hang."""
    shown = build_with(Toolchain(tmp_path).path, tmp_path)

    assert "building kube-apiserver from Go modules: about 6 minutes the first time on 2 cores" in shown


def test_read_only_sources_can_be_built(tmp_path, monkeypatch):
    """An installed package may belong to root."""
    sources = tmp_path / "sources"
    (sources / "etcd").mkdir(parents=True)
    for file in ("go.mod", "go.sum"):
        copy = sources / "etcd" / file
        copy.write_bytes((modules_directory() / "etcd" / file).read_bytes())
        copy.chmod(stat.S_IRUSR)
    (sources / "etcd").chmod(stat.S_IRUSR | stat.S_IXUSR)
    monkeypatch.setattr(build_module, "modules_directory", lambda _shelf: sources)

    build_with(Toolchain(tmp_path).path, tmp_path, name="etcd")

    (sources / "etcd").chmod(stat.S_IRWXU)
    assert (tmp_path / "work" / "etcd").exists()


def test_without_go_the_message_says_what_to_install(tmp_path):
    """And that there is another way."""
    with pytest.raises(LocalError) as failure:
        build_with(str(tmp_path), tmp_path)

    assert str(failure.value) == (
        "Go 1.26 or newer is needed to build kube-apiserver: install it from your package manager, "
        "or set KUBEBUILDER_ASSETS to a folder that holds the program"
    )


def test_an_old_go_is_named(tmp_path):
    """Distributions carry old versions for years."""
    with pytest.raises(LocalError, match=r"Go 1\.26 or newer is needed .*, and the one on PATH is 1\.19\.8: install"):
        build_with(Toolchain(tmp_path, version="1.19.8").path, tmp_path)


def test_a_program_of_the_simulated_node_can_be_done_without(tmp_path):
    """It is the one part that is not needed to try the operator."""
    with pytest.raises(LocalError, match="do without a simulated node \\(--no-nodes\\)"):
        build_with(str(tmp_path), tmp_path, name="kwok")


def test_a_build_error_is_shown(tmp_path):
    """The last lines hold the reason."""
    with pytest.raises(LocalError, match=r"(?s)kube-apiserver could not be built .*undefined: something"):
        build_with(Toolchain(tmp_path, output="undefined: something").path, tmp_path)


def test_a_full_disk_is_called_a_full_disk(tmp_path):
    """The compiler's own words do not say which disk."""
    with pytest.raises(LocalError, match=r"The disk is full, .* free 6 GB"):
        build_with(Toolchain(tmp_path, output="write /x: no space left on device").path, tmp_path)
