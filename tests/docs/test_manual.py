"""Whoever does what the documents say gets what they promise: every command and every file in them, on a real Kubernetes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.manual import Reader, blocks, steps

from countersign.dev.binaries import find_binaries
from countersign.dev.progress import Progress

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(300)]

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
START = DOCS / "getting-started.md"
WRITTEN = sorted({*DOCS.glob("*.md"), *DOCS.glob("runbooks/*.md")})
FOLLOWED = [page for page in WRITTEN if list(steps(page)) and page != START]


def reader(folder: Path) -> Reader:
    """With `countersign` and `kubectl` in the PATH, as the documents ask for."""
    kubectl = find_binaries(["kubectl"], environ=os.environ, progress=Progress(sys.stderr))["kubectl"]
    programs = (Path(sys.executable).parent, kubectl.parent)
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


def test_getting_started(tmp_path):
    """From nothing to an approved plan and back to nothing."""
    try:
        reader(tmp_path).follow(START)
    finally:
        countersign(tmp_path, "down")


@pytest.mark.parametrize("page", FOLLOWED, ids=lambda page: page.stem)
def test_page(local, page):
    """Every other page, for somebody who has got started. Runbooks are for administrators."""
    (local / ".shell").unlink(missing_ok=True)
    if page.parent.name == "runbooks":
        (local / ".shell").write_text("export KUBECONFIG=.countersign/admin.kubeconfig\n")
    reader(local).follow(page)


@pytest.mark.parametrize("page", [START, *FOLLOWED], ids=lambda page: page.stem)
def test_nothing_is_only_shown(page):
    """Every YAML block is a file that a command uses, and every block of the shell is followed."""
    typed = " ".join(step.command for step in steps(page) if hasattr(step, "command"))
    for language, content in blocks(page):
        assert language in {"yaml", "console"}, content
        assert language != "yaml" or content.splitlines()[0].removeprefix("# ") in typed, content
