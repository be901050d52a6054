"""Whoever does what the documents say gets what they promise: every command and every file in them, on a real Kubernetes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.manual import Reader, blocks, steps

from countersign.dev.binaries import find_binaries
from countersign.dev.launch import Options
from countersign.dev.plane import ControlPlane
from countersign.dev.progress import Progress

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(300)]

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
README = ROOT / "README.md"
START = DOCS / "getting-started.md"
INSTALLING = DOCS / "installing.md"
WRITTEN = sorted({*DOCS.glob("*.md"), *DOCS.glob("runbooks/*.md")})
FOLLOWED = [page for page in WRITTEN if list(steps(page)) and page not in (START, INSTALLING)]


def reader(folder: Path, *tools: str) -> Reader:
    """In a checkout, with `countersign` and `kubectl` in the PATH, as the documents ask for."""
    for name in ("charts", "manifests"):
        if not (folder / name).is_symlink():
            (folder / name).symlink_to(ROOT / name)
    found = find_binaries(["kubectl", *tools], environ=os.environ, progress=Progress(sys.stderr))
    programs = (Path(sys.executable).parent, *(program.parent for program in found.values()))
    return Reader(folder, ":".join([*map(str, programs), os.environ["PATH"]]))


def countersign(folder: Path, *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "countersign", *arguments], cwd=folder, check=True)


@pytest.fixture(scope="module")
def local(tmp_path_factory) -> Path:
    """A folder in which somebody has got started."""
    folder = tmp_path_factory.mktemp("manual")
    try:
        countersign(folder, "up", "--detach", "--no-nodes")
        countersign(folder, "init", "--kubeconfig", ".countersign/admin.kubeconfig", "-n", "default")
        yield folder
    finally:
        countersign(folder, "down")


@pytest.mark.parametrize("page", [README, START], ids=lambda page: page.stem)
def test_from_nothing(tmp_path, page):
    """From nothing to an approved plan and back to nothing."""
    try:
        reader(tmp_path).follow(page)
    finally:
        countersign(tmp_path, "down")


def test_installing(tmp_path, helm_program):
    """On a Kubernetes without Countersign, for an administrator; its nodes are simulated, so no operator runs."""
    with ControlPlane(tmp_path / "plane", options=Options()) as plane:
        homes = [f'export HELM_{kind}_HOME="{tmp_path / kind}"' for kind in ("CACHE", "CONFIG", "DATA")]
        lines = [*homes, f'export KUBECONFIG="{plane.admin_kubeconfig}"']
        (tmp_path / ".shell").write_text("\n".join(lines) + "\n")
        reader(tmp_path, "helm").follow(INSTALLING)


@pytest.mark.parametrize("page", FOLLOWED, ids=lambda page: page.stem)
def test_page(local, page):
    """Every other page, for somebody who has got started. Runbooks are for administrators."""
    (local / ".shell").unlink(missing_ok=True)
    if page.parent.name == "runbooks":
        (local / ".shell").write_text("export KUBECONFIG=.countersign/admin.kubeconfig\n")
    reader(local).follow(page)


@pytest.mark.parametrize("page", [START, INSTALLING, *FOLLOWED], ids=lambda page: page.stem)
def test_nothing_is_only_shown(page):
    """Every YAML block is a file that a command uses, and every block of the shell is followed."""
    typed = " ".join(step.command for step in steps(page) if hasattr(step, "command"))
    for language, content in blocks(page):
        assert language in {"yaml", "console"}, content
        assert language != "yaml" or content.splitlines()[0].removeprefix("# ") in typed, content
