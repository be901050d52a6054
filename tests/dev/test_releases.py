"""Where official releases are, and how their checksums are read."""

import json

import pytest

from countersign.dev.programs import PROGRAMS, Platform
from countersign.dev.releases import mirror, published_checksum, release
from countersign.errors import ConfigurationError

SUM = "ab" * 32
PROGRAM = {program.name: program for program in PROGRAMS}
LINUX = Platform("linux", "arm64")


def release_of(name, *, platform=LINUX, mirror=None):
    return release(PROGRAM[name], platform=platform, mirror=mirror)


def test_kubernetes_publishes_a_checksum_beside_each_program():
    """One file each."""
    found = release_of("kube-apiserver")

    assert found.url == "https://dl.k8s.io/v1.36.3/bin/linux/arm64/kube-apiserver"
    assert found.checksums == f"{found.url}.sha256"


def test_etcd_is_inside_an_archive():
    """Its release has one list of checksums."""
    found = release_of("etcd")

    assert found.url.endswith("/v3.6.14/etcd-v3.6.14-linux-arm64.tar.gz")
    assert found.checksums.endswith("/v3.6.14/SHA256SUMS")
    assert found.member == "etcd-v3.6.14-linux-arm64/etcd"


def test_kwok_is_verified_by_the_digest_that_its_host_publishes():
    """Its project publishes no checksums."""
    assert release_of("kwok").checksums == "https://api.github.com/repos/kubernetes-sigs/kwok/releases/tags/v0.8.0"


@pytest.mark.parametrize(
    ("name", "url", "checksums", "member"),
    [
        ("helm", "get.helm.sh/helm-v4.3.1-linux-arm64.tar.gz", "arm64.tar.gz.sha256sum", "linux-arm64/helm"),
        ("kubeconform", "/download/v0.7.0/kubeconform-linux-arm64.tar.gz", "/v0.7.0/CHECKSUMS", "kubeconform"),
    ],
)
def test_tools_are_inside_archives(name, url, checksums, member):
    """Each beside a list of checksums."""
    found = release_of(name)

    assert found.url.endswith(url)
    assert found.checksums.endswith(checksums)
    assert found.member == member


def test_a_mirror_replaces_every_host():
    """Paths stay, so a mirror is a plain copy."""
    assert release_of("kwok", mirror="https://mirror.example.com").checksums.startswith(
        "https://mirror.example.com/repos/"
    )
    assert release_of("etcd", mirror="https://mirror.example.com").host == "mirror.example.com"


def test_nothing_is_downloaded_where_nothing_is_published():
    """The servers of Kubernetes exist for Linux only."""
    assert release_of("kube-apiserver", platform=Platform("darwin", "arm64")) is None


def test_a_mirror_without_tls_is_refused():
    """File and checksum come from the same place, so only TLS proves anything."""
    with pytest.raises(
        ConfigurationError, match=r"COUNTERSIGN_DOWNLOAD_URL=http://mirror.example.com is not encrypted"
    ):
        mirror({"COUNTERSIGN_DOWNLOAD_URL": "http://mirror.example.com"})


@pytest.mark.parametrize(
    "document",
    [
        SUM,
        f"{SUM}\n",
        f"{'cd' * 32}  other\n{SUM}  kwok-linux-amd64\n",
        f"{SUM} *kwok-linux-amd64",
        json.dumps({"assets": [{"name": "kwok-linux-amd64", "digest": f"sha256:{SUM}"}]}),
    ],
)
def test_a_checksum_is_read_from_each_form(document):
    """A bare one, a list, or GitHub's description of a release."""
    assert published_checksum(document, file="kwok-linux-amd64") == SUM


@pytest.mark.parametrize(
    "document",
    [
        "",
        "not found",
        f"{SUM}  other",
        "abc  kwok-linux-amd64",
        json.dumps({"assets": [{"name": "kwok-linux-amd64", "digest": None}]}),
        json.dumps({"message": "Not Found"}),
    ],
)
def test_what_is_no_checksum_of_the_file_is_none(document):
    """Then the file is not taken."""
    assert published_checksum(document, file="kwok-linux-amd64") is None
