"""Assembling the image behind a proxy: which index, and whose certificate, are files that the build is lent.

The index here has no package, so that each build ends with the first one that it asks for.
"""

import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.release_server import ReleaseServer, release_server

from countersign.dev.pki import Keys

ASSEMBLE = Path(__file__).resolve().parents[2] / "hack" / "image" / "assemble"


@pytest.fixture
def certificates(tmp_path) -> Path:
    folder = tmp_path / "certificates"
    Keys(folder).ensure()
    return folder


@pytest.fixture
def index(certificates) -> Iterator[ReleaseServer]:
    """Whom nobody trusts who was not told to."""
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trust.load_cert_chain(certificates / "serving.crt", certificates / "serving.key")
    with release_server(trust=trust) as server:
        yield server


@pytest.fixture
def secrets(tmp_path, index) -> Path:
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "pip.conf").write_text(f"[global]\nindex-url = {index.url}/simple/\nretries = 1\n")
    return folder


def assembled(folder: Path, *, secrets: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "PYTHON": sys.executable, "HOME": str(folder), "SECRETS": str(secrets)}
    command = [ASSEMBLE, folder / "image"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_index_and_certificate(tmp_path, index, secrets, certificates):
    """Packages are asked for where the file says, and the certificate that came along is trusted there."""
    (secrets / "ca.crt").write_bytes((certificates / "ca.crt").read_bytes())
    ended = assembled(tmp_path, secrets=secrets)

    assert index.asked[0].startswith("/simple/")
    assert "No matching distribution found" in ended.stderr


def test_certificate_is_not_trusted_by_itself(tmp_path, index, secrets):
    """An index that cannot show who it is gets no question, and the build ends."""
    ended = assembled(tmp_path, secrets=secrets)

    assert index.asked == []
    assert ended.returncode != 0
    assert "CERTIFICATE_VERIFY_FAILED" in ended.stderr
