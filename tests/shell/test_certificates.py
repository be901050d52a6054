"""Certificates that are renewed while the operator runs, on a real API server that asks for them."""

import base64
import os
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support.api_stub import client_of
from tests.support.clock import Clock

from countersign.model.effect import ResourceKind
from countersign.shell.client import ApiClient
from countersign.shell.connection import Connection
from countersign.shell.kubeconfig import from_files

pytestmark = pytest.mark.cluster

WHO_AM_I = ResourceKind("authentication.k8s.io", "v1", "SelfSubjectReview", "selfsubjectreviews", namespaced=False)


def decoded(source: dict[str, Any], key: str) -> bytes:
    return base64.b64decode(source[f"{key}-data"])


@pytest.fixture
def clock() -> Clock:
    return Clock(0.0)


class Folder:
    """A kubeconfig that names files, and the files."""

    def __init__(self, path: Path, cluster) -> None:
        self.path, self.cluster, self.written = path, cluster, 0.0
        self._issued: dict[str, dict[str, Any]] = {}
        content = deepcopy(self._of("ann"))
        entry = content["clusters"][0]["cluster"]
        (path / "ca").write_bytes(decoded(entry, "certificate-authority"))
        content["clusters"][0]["cluster"] = {"server": entry["server"], "certificate-authority": "ca"}
        content["users"][0]["user"] = {"client-certificate": "cert", "client-key": "key"}
        (path / "config").write_text(yaml.safe_dump(content))
        self.become("ann")

    def become(self, user: str, *parts: str) -> None:
        """Somebody renews the files, or only some of them."""
        source = self._of(user)["users"][0]["user"]
        self.written += 10.0
        for part in parts or ("cert", "key"):
            file = self.path / part
            file.write_bytes(decoded(source, {"cert": "client-certificate", "key": "client-key"}[part]))
            os.utime(file, (self.written, self.written))

    def connection(self, clock: Clock) -> Connection:
        return from_files(str(self.path / "config"), context=None, clock=clock)

    def _of(self, user: str) -> dict[str, Any]:
        """Issued once: another time it would be another key."""
        if user not in self._issued:
            self._issued[user] = yaml.safe_load(self.cluster.kubeconfig(user).read_text())
        return self._issued[user]


@pytest.fixture
def folder(tmp_path, cluster) -> Folder:
    return Folder(tmp_path, cluster)


async def who(client: ApiClient) -> str:
    found = await client.review(WHO_AM_I, body={})
    return found["status"]["userInfo"]["username"]


async def name_of(connection: Connection) -> str:
    """By a new connection."""
    async with client_of(connection) as client:
        return await who(client)


async def test_renewed(folder, clock):
    """New files are noticed within a minute; a connection keeps the certificate it began with."""
    connection = folder.connection(clock)
    async with client_of(connection) as client:
        assert await who(client) == "ann"
        folder.become("bob")
        assert await name_of(connection) == "ann"
        clock.now = 60.0
        assert await who(client) == "ann"
        assert await name_of(connection) == "bob"


async def test_half_renewed(folder, clock):
    """A certificate without its key is not taken over, and as soon as both are there they are."""
    connection = folder.connection(clock)
    folder.become("bob", "cert")
    clock.now = 60.0
    assert await name_of(connection) == "ann"
    folder.become("bob", "key")
    clock.now = 120.0
    assert await name_of(connection) == "bob"


async def test_files_that_are_gone(folder, clock):
    """What was read before goes on."""
    connection = folder.connection(clock)
    (folder.path / "cert").unlink()
    clock.now = 60.0
    assert await name_of(connection) == "ann"
