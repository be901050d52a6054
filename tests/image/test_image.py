"""The image's own steps without a container engine: assembled by the same script, started with the same command."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from tests.support.dockerfile import stages

from countersign import __version__
from countersign.dev.ports import free_port

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(300)]

ROOT = Path(__file__).resolve().parents[2]
FINAL = stages(ROOT / "Dockerfile")[-1]
PREFIX = "/opt/countersign"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """What the image would hold in /opt/countersign."""
    target = tmp_path_factory.mktemp("image") / "countersign"
    environment = {"PATH": os.environ["PATH"], "PYTHON": sys.executable, "HOME": os.environ["HOME"]}
    subprocess.run([str(ROOT / "hack/image/assemble"), str(target)], env=environment, check=True)
    return target


class Container:
    """One process with the environment and the command of the Dockerfile, and nothing of ours but the kubeconfig."""

    def __init__(self, folder: Path, kubeconfig: Path, log: Path):
        self.url = f"http://127.0.0.1:{free_port()}"
        environment = {name: value.replace(PREFIX, str(folder)) for name, value in FINAL.environment().items()}
        environment |= {"KUBECONFIG": str(kubeconfig), "COUNTERSIGN_HTTP_ADDRESS": self.url.removeprefix("http://")}
        command = [part.replace(PREFIX, str(folder)) for part in FINAL.command()]
        self.log = log
        with log.open("wb") as file:
            self.process = subprocess.Popen(command, cwd="/", env=environment, stdout=file, stderr=file)

    def ask(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(self.url + path, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read().decode()
        except OSError as error:
            return 0, str(error)

    def until_ready(self) -> None:
        end = time.monotonic() + 20
        while (answer := self.ask("/readyz"))[0] != 200:
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < end, (answer, self.log.read_text())
            time.sleep(0.05)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


def files(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if not path.is_symlink()}


def test_life_of_a_container(folder, operated, tmp_path):
    """It starts, answers its probes, serves metrics, ends in order when told to, and has written nothing."""
    before = files(folder)
    container = Container(folder, operated.directory / "operator.kubeconfig", tmp_path / "log")
    try:
        container.until_ready()
        assert container.ask("/healthz") == (200, "ok")
        assert f'countersign_build_info{{version="{__version__}"}} 1.0' in container.ask("/metrics")[1]
    finally:
        code = container.stop()
    assert code == 0, container.log.read_text()
    assert "stopping" in [json.loads(line)["msg"] for line in container.log.read_text().splitlines()]
    assert files(folder) == before


def test_everything_is_compiled(folder):
    """A read-only root file system costs no start-up time."""
    sources = {path for path in folder.rglob("*.py") if "__pycache__" not in path.parts}
    compiled = {path.parent.parent / f"{path.name.split('.')[0]}.py" for path in folder.rglob("*.pyc")}
    assert len(sources) > 1000
    assert sources - compiled == set()


def test_exactly_what_is_locked(folder):
    """No installer and no package that the lock does not name."""
    listed = "import importlib.metadata as m; print(*{d.name.lower() for d in m.distributions()})"
    command = [folder / "bin" / "python", "-I", "-c", listed]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    lines = (ROOT / "requirements" / "runtime.lock").read_text().splitlines()
    locked = [line.partition("==")[0] for line in lines if "==" in line]
    assert {name.replace("_", "-") for name in found} == {*locked, "countersign-operator"}
