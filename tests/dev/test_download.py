"""Programs from a release server: verified, or not taken."""

import hashlib
import io
import json

import pytest
from tests.support.release_server import archive, release_server

from countersign.dev import download as download_module
from countersign.dev.download import Downloads
from countersign.dev.ports import free_port
from countersign.dev.programs import PROGRAMS, Platform
from countersign.dev.progress import Progress

PROGRAM = {program.name: program for program in PROGRAMS}
APISERVER = "/v1.36.3/bin/linux/amd64/kube-apiserver"


@pytest.fixture(autouse=True)
def on_linux(monkeypatch):
    monkeypatch.setattr(download_module, "this_platform", lambda: Platform("linux", "amd64"))


@pytest.fixture
def server():
    with release_server() as server:
        yield server


class Fetch:
    """Several programs by one `Downloads`, as in one search."""

    def __init__(self, folder, *, url, patience=2.0, stall=1.0):
        self._folder = folder
        self._screen = io.StringIO()
        environ = {"COUNTERSIGN_DOWNLOAD_URL": url}
        self._downloads = Downloads(environ=environ, progress=Progress(self._screen), patience=patience, stall=stall)

    def __call__(self, name):
        return self._downloads.fetch(PROGRAM[name], into=self._folder / name)

    @property
    def shown(self):
        return self._screen.getvalue()


def test_a_program_with_the_published_checksum_is_taken(server, tmp_path):
    """And can be run."""
    server.publish(APISERVER, b"program")

    assert Fetch(tmp_path, url=server.url)("kube-apiserver")
    assert (tmp_path / "kube-apiserver").read_bytes() == b"program"
    assert (tmp_path / "kube-apiserver").stat().st_mode & 0o111


def test_a_program_with_another_checksum_is_refused(server, tmp_path):
    """The line names both sums; a build follows."""
    server.publish(APISERVER, b"program", checksum="00" * 32)
    fetch = Fetch(tmp_path, url=server.url)

    assert not fetch("kube-apiserver")
    assert not (tmp_path / "kube-apiserver").exists()
    assert f"its sha256 is {hashlib.sha256(b'program').hexdigest()}, but {'00' * 32} is published" in fetch.shown


def test_a_program_is_taken_out_of_its_archive(server, tmp_path):
    """The archive is what the checksum is of."""
    folder = "/etcd-io/etcd/releases/download/v3.6.14"
    content = archive("etcd-v3.6.14-linux-amd64/etcd", b"program")
    server.publish(f"{folder}/etcd-v3.6.14-linux-amd64.tar.gz", content)
    line = f"{hashlib.sha256(content).hexdigest()}  etcd-v3.6.14-linux-amd64.tar.gz\n"
    server.files[f"{folder}/SHA256SUMS"] = line.encode()

    assert Fetch(tmp_path, url=server.url)("etcd")
    assert (tmp_path / "etcd").read_bytes() == b"program"
    assert [file.name for file in tmp_path.iterdir()] == ["etcd"]


def test_an_archive_without_the_program_is_refused(server, tmp_path):
    """A layout that changed is no reason to stop: a build follows."""
    folder = "/etcd-io/etcd/releases/download/v3.6.14"
    content = archive("elsewhere/etcd", b"program")
    server.publish(f"{folder}/etcd-v3.6.14-linux-amd64.tar.gz", content)
    server.files[f"{folder}/SHA256SUMS"] = hashlib.sha256(content).hexdigest().encode()
    fetch = Fetch(tmp_path, url=server.url)

    assert not fetch("etcd")
    assert "etcd cannot be had from" in fetch.shown


def test_kwok_is_verified_too(server, tmp_path):
    """By the digest in the description of its release."""
    server.publish("/kubernetes-sigs/kwok/releases/download/v0.8.0/kwok-linux-amd64", b"program")
    asset = {"name": "kwok-linux-amd64", "digest": f"sha256:{hashlib.sha256(b'program').hexdigest()}"}
    server.files["/repos/kubernetes-sigs/kwok/releases/tags/v0.8.0"] = json.dumps({"assets": [asset]}).encode()

    assert Fetch(tmp_path, url=server.url)("kwok")


def test_a_program_without_a_checksum_is_not_even_fetched(server, tmp_path):
    """There would be nothing to compare it with."""
    server.files[APISERVER] = b"program"
    fetch = Fetch(tmp_path, url=server.url)

    assert not fetch("kube-apiserver")
    assert "no checksum of kube-apiserver is published there (404)" in fetch.shown
    assert server.asked == [f"{APISERVER}.sha256"]


def test_a_server_that_does_not_exist_is_tried_once(tmp_path):
    """Finding out may cost two seconds; for six programs that would be twelve."""
    fetch = Fetch(tmp_path, url=f"http://127.0.0.1:{free_port()}")

    assert not fetch("kube-apiserver")
    assert not fetch("kube-scheduler")
    assert fetch.shown.count("cannot be had from") == 1


def test_a_server_that_does_not_answer_in_time_is_left_alone(tmp_path):
    """A build may be slow, waiting for nothing is slower."""
    with release_server(silence=0.3) as server:
        server.publish(APISERVER, b"program")
        fetch = Fetch(tmp_path, url=server.url, patience=0.1)

        assert not fetch("kube-apiserver")
        assert not fetch("kube-scheduler")
    assert len(server.asked) == 1
    assert fetch.shown.count("cannot be had from") == 1


def test_a_download_that_stalls_is_given_up(server, tmp_path):
    """The checksum came at once, the program does not."""
    server.publish(APISERVER, b"program")
    fetch = Fetch(tmp_path, url=server.url, stall=0.1)
    server.redirects[APISERVER] = f"http://127.0.0.1:{server.server_port}/slow"
    with release_server(silence=0.3) as slow:
        server.redirects[APISERVER] = f"{slow.url}/slow"

        assert not fetch("kube-apiserver")
    assert "timed out" in fetch.shown


def test_a_server_may_lead_to_another(server, tmp_path):
    """Official hosts are front doors of delivery networks."""
    server.publish("/elsewhere", b"program")
    server.publish(APISERVER, b"program")
    server.redirects[APISERVER] = f"{server.url}/elsewhere"

    assert Fetch(tmp_path, url=server.url)("kube-apiserver")


def test_nobody_leads_us_out_of_tls(server, tmp_path):
    """Else whoever owns the next hop chooses the file and its checksum."""
    server.redirects[f"{APISERVER}.sha256"] = "http://mirror.example.com/kube-apiserver.sha256"
    fetch = Fetch(tmp_path, url=server.url)

    assert not fetch("kube-apiserver")
    assert "http://mirror.example.com/kube-apiserver.sha256, which is not encrypted" in fetch.shown


def test_a_proxy_of_the_environment_does_not_stand_before_this_machine(server, tmp_path, monkeypatch):
    """It could not reach our loopback."""
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    server.publish(APISERVER, b"program")

    assert Fetch(tmp_path, url=server.url)("kube-apiserver")


def test_an_empty_address_means_never_download(tmp_path):
    """For machines where outgoing connections raise alarms."""
    fetch = Fetch(tmp_path, url="")

    assert not fetch("kube-apiserver")
    assert fetch.shown == ""
