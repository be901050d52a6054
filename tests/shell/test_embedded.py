"""Certificates that stand in the kubeconfig itself: nothing of them is left in files, however the operator ends."""

import base64
import datetime as dt
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import yaml
from tests.support.waiting import eventually

from countersign.dev.certificates import Authority, new_authority
from countersign.errors import ConfigurationError
from countersign.shell.kubeconfig import from_files

NOWHERE = "https://127.0.0.1:1"
NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def _written(folder: Path, **changed: bytes) -> Path:
    authority = new_authority("tests", now=NOW)
    own = Authority(authority).issue_client("ann", (), now=NOW)
    parts = {"certificate-authority": authority.public, "client-certificate": own.public, "client-key": own.private}
    text = {f"{name}-data": base64.b64encode(pem).decode() for name, pem in {**parts, **changed}.items()}
    cluster = {"server": NOWHERE, "certificate-authority-data": text.pop("certificate-authority-data")}
    content = {
        "current-context": "c",
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [{"name": "u", "user": text}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
    }
    path = folder / "kubeconfig"
    path.write_text(yaml.safe_dump(content))
    return path


@pytest.fixture
def temporary(tmp_path, monkeypatch) -> Path:
    """The folder that temporary files go into."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_loaded(tmp_path, temporary):
    """The authority is trusted, our own pair was taken, and both are nowhere but in memory."""
    connection = from_files(str(_written(tmp_path)), context=None, clock=lambda: 0.0)
    assert [entry["subject"] for entry in connection.tls.context.get_ca_certs()] == [((("commonName", "tests"),),)]
    assert list(temporary.iterdir()) == []


def test_looked_at_again(tmp_path, temporary):
    """There is no file that somebody could renew."""
    seconds = [0.0]
    connection = from_files(str(_written(tmp_path)), context=None, clock=lambda: seconds[0])
    context, seconds[0] = connection.tls.context, 120.0
    connection.tls.refresh()
    assert connection.tls.context is context
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("part", ["certificate-authority", "client-certificate", "client-key"])
def test_no_certificate(tmp_path, temporary, part):
    """What is none is said to be unusable, is not quoted, and stays nowhere."""
    path = _written(tmp_path, **{part: b"hunter2"})
    with pytest.raises(ConfigurationError, match=r"context c of kubeconfig .* is not usable") as raised:
        from_files(str(path), context=None, clock=lambda: 0.0)
    assert "hunter2" not in str(raised.value)
    assert list(temporary.iterdir()) == []


def test_key_of_somebody_else(tmp_path):
    """A pair that is none is refused at once."""
    other = Authority(new_authority("other", now=NOW)).issue_client("bob", (), now=NOW)
    with pytest.raises(ConfigurationError, match="is not usable"):
        from_files(str(_written(tmp_path, **{"client-key": other.private})), context=None, clock=lambda: 0.0)


@pytest.mark.parametrize("ended_by", [signal.SIGKILL, signal.SIGTERM])
def test_ended(tmp_path, temporary, ended_by):
    """An operator leaves no file behind, also if it is killed."""
    command = [sys.executable, "-m", "countersign", "run", "--kubeconfig", str(_written(tmp_path))]
    log = tmp_path / "log"
    with log.open("w") as written:
        process = subprocess.Popen(command, stderr=written, env={**os.environ, "TMPDIR": str(temporary)})
        try:
            assert eventually(lambda: "waiting for the API server" in log.read_text(), within=60)
        finally:
            process.send_signal(ended_by)
            process.wait(30)
    assert list(temporary.iterdir()) == []
