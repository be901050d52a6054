"""Where the programs of the control plane are looked for, and in which order."""

import io
import os
import subprocess
import sys

import pytest
from tests.support.release_server import release_server
from tests.support.toolchain import Toolchain

from countersign.dev.binaries import find_binaries
from countersign.dev.failure import LocalError
from countersign.dev.programs import cache_directory
from countersign.dev.progress import Progress


@pytest.fixture
def go(tmp_path):
    return Toolchain(tmp_path)


@pytest.fixture
def environ(tmp_path, go):
    return {"PATH": go.path, "XDG_CACHE_HOME": str(tmp_path / "cache"), "COUNTERSIGN_DOWNLOAD_URL": ""}


def find(names, environ):
    screen = io.StringIO()
    return find_binaries(names, environ=environ, progress=Progress(screen)), screen.getvalue()


def put(folder, name):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("#!/bin/sh\n")
    (folder / name).chmod(0o755)
    return folder / name


def test_the_assets_folder_comes_before_the_cache(environ, tmp_path, go):
    """Whoever sets KUBEBUILDER_ASSETS wants these programs and no others."""
    environ["KUBEBUILDER_ASSETS"] = str(tmp_path / "assets")
    put(cache_directory(environ), "etcd")
    mine = put(tmp_path / "assets", "etcd")

    found, _ = find(["etcd"], environ)

    assert found == {"etcd": mine}
    assert go.built() == []


def test_what_the_assets_folder_lacks_comes_from_the_cache(environ, tmp_path):
    """The usual assets hold etcd and kube-apiserver only."""
    environ["KUBEBUILDER_ASSETS"] = str(tmp_path / "assets")
    mine = put(tmp_path / "assets", "etcd")
    cached = put(cache_directory(environ), "kwok")

    assert find(["kwok", "etcd"], environ)[0] == {"etcd": mine, "kwok": cached}


def test_an_assets_folder_that_does_not_exist_is_mentioned(environ, tmp_path):
    """A typing error would otherwise cost a build without a reason."""
    environ["KUBEBUILDER_ASSETS"] = str(tmp_path / "nowhere")
    put(cache_directory(environ), "etcd")

    assert "nowhere is no folder" in find(["etcd"], environ)[1]


def test_a_file_that_cannot_be_executed_is_not_taken(environ, go):
    """A half copied program is none."""
    put(cache_directory(environ), "etcd").chmod(0o644)

    find(["etcd"], environ)

    assert go.built() == ["go.etcd.io/etcd/server/v3"]


def test_a_download_comes_before_a_build(environ, go):
    """Seconds instead of minutes."""
    with release_server() as server:
        server.publish("/v1.36.3/bin/linux/amd64/kubectl", b"downloaded")
        server.publish("/v1.36.3/bin/linux/arm64/kubectl", b"downloaded")
        environ["COUNTERSIGN_DOWNLOAD_URL"] = server.url
        found, _ = find(["kubectl"], environ)

    assert found["kubectl"].read_bytes() == b"downloaded"
    assert os.access(found["kubectl"], os.X_OK)
    assert go.built() == []


def test_missing_programs_are_built_in_the_order_of_need(environ, go):
    """Asked for in any order."""
    found, _ = find(["kwok", "kube-apiserver", "etcd"], environ)

    assert [package.rsplit("/", 1)[-1] for package in go.built()] == ["v3", "kube-apiserver", "kwok"]
    assert all("# built" in path.read_text() for path in found.values())


def test_tools_and_the_control_plane_can_be_asked_for_at_once(environ, go):
    """Each ends in the cache of its own kind."""
    found, _ = find(["helm", "etcd"], environ)

    assert [package.rsplit("/", 1)[-1] for package in go.built()] == ["v3", "helm"]
    assert found["helm"].parent == cache_directory(environ, shelf="tools")


def test_what_was_built_is_found_the_next_time(environ, go):
    """The cache is what makes the second start take seconds."""
    find(["etcd"], environ)
    find(["etcd"], environ)

    assert len(go.built()) == 1


def test_a_failed_build_leaves_nothing_in_the_cache(environ, tmp_path):
    """A program is there whole or not at all."""
    environ["PATH"] = Toolchain(tmp_path / "broken", output="undefined: x").path

    with pytest.raises(LocalError):
        find(["etcd"], environ)

    assert [file.name for file in cache_directory(environ).iterdir()] == [".lock"]


def test_left_overs_of_a_killed_build_are_removed(environ):
    """They are as large as a program."""
    left_over = cache_directory(environ) / ".new-abc"
    put(left_over, "etcd")

    find(["etcd"], environ)

    assert not left_over.exists()


def test_two_processes_at_once_build_once(environ, tmp_path):
    """The second waits for the first, and takes what that one built."""
    slow = Toolchain(tmp_path / "slow", seconds=0.5)
    environ |= {"PATH": slow.path, "PYTHONPATH": os.pathsep.join(sys.path)}
    program = (
        "import os, sys; from countersign.dev.binaries import find_binaries; from countersign.dev.progress import Progress;"
        "find_binaries(['etcd'], environ=os.environ, progress=Progress(sys.stdout))"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", program], env=environ, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    shown = [process.communicate()[0] for process in both]

    assert len(slow.built()) == 1
    assert sum("waiting for another process" in text for text in shown) == 1
