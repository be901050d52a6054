"""promtool and prometheus, built from the Go module in hack/prometheus, and a server that scrapes.

Built right after collection, where no test's time limit applies, and kept in the user's cache.
"""

import hashlib
import json
import os
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support.waiting import eventually

from countersign.dev.lock import exclusive
from countersign.dev.ports import free_port
from countersign.dev.programs import cache_directory

MODULE = Path(__file__).resolve().parents[2] / "hack" / "prometheus"
PROGRAMS = ("promtool", "prometheus")
_PACKAGES = [f"github.com/prometheus/prometheus/cmd/{name}" for name in PROGRAMS]
_BUILD = ["go", "build", "-trimpath", "-buildvcs=false", "-tags", "remove_all_sd", "-ldflags", "-s -w"]
_PINNED = {"CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly", "GOWORK": "off"}


def pytest_collection_finish(session):
    if any(set(PROGRAMS) & set(getattr(item, "fixturenames", ())) for item in session.items):
        build()


@pytest.fixture(scope="session")
def promtool() -> Path:
    return folder() / "promtool"


@pytest.fixture(scope="session")
def prometheus() -> Path:
    return folder() / "prometheus"


def folder() -> Path:
    """Another pinned source is another folder."""
    pinned = hashlib.sha256(b"".join(file.read_bytes() for file in sorted(MODULE.glob("go.*"))))
    return cache_directory(os.environ).parents[1] / "prometheus" / pinned.hexdigest()[:12]


def build() -> None:
    """A build that fails says why on standard error; the tests that need it fail, the others still run."""
    target = folder()
    with exclusive(target.parent / ".lock"):
        if not all((target / name).is_file() for name in PROGRAMS):
            command = [*_BUILD, "-o", f"{target}/", *_PACKAGES]
            target.mkdir(parents=True, exist_ok=True)
            subprocess.run(command, cwd=MODULE, env=os.environ | _PINNED, check=False)


@dataclass(frozen=True)
class Server:
    """A running Prometheus."""

    url: str

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The samples of this moment."""
        return self._get("query", query=expression)["result"]

    def history(self, expression: str, *, start: float, end: float, step: float) -> list[dict[str, Any]]:
        """One series of [time, value] per line that a panel would have."""
        return self._get("query_range", query=expression, start=str(start), end=str(end), step=str(step))["result"]

    def health(self) -> dict[str, str]:
        """Health of each rule: a rule that cannot be evaluated is not ok."""
        groups = self._get("rules")["groups"]
        return {rule["name"]: rule["health"] for group in groups for rule in group["rules"]}

    def _get(self, path: str, **parameters: str) -> Any:
        with urllib.request.urlopen(f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(parameters)}") as answer:
            return json.load(answer)["data"]

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready"):
                return True
        except OSError:
            return False


@contextmanager
def scraping(program: Path, *addresses: str, rules: Path, directory: Path) -> Iterator[Server]:
    """Once a second, as job countersign."""
    port = free_port()
    job = {"job_name": "countersign", "static_configs": [{"targets": list(addresses)}]}
    every = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    configuration = directory / "prometheus.yaml"
    configuration.write_text(yaml.safe_dump({"global": every, "rule_files": [str(rules)], "scrape_configs": [job]}))
    command = [program, f"--config.file={configuration}", f"--storage.tsdb.path={directory / 'data'}"]
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen([*command, f"--web.listen-address=127.0.0.1:{port}"], stdout=log, stderr=log)
    server = Server(f"http://127.0.0.1:{port}")
    try:
        assert eventually(server.is_ready, within=20), (directory / "log").read_text()
        yield server
    finally:
        process.terminate()
        process.wait(20)
