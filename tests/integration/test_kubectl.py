"""kubectl alone, no plugin: a sample goes through its whole life as a person types it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.scene import Scene

from countersign.dev.binaries import find_binaries
from countersign.dev.plane import ControlPlane
from countersign.dev.progress import Progress

pytestmark = pytest.mark.cluster

SAMPLES = sorted((Path(__file__).parents[2] / "manifests" / "samples").glob("*.yaml"))


@pytest.fixture(scope="session")
def kubectl() -> Path:
    return find_binaries(["kubectl"], environ=os.environ, progress=Progress(sys.stderr))["kubectl"]


@pytest.mark.parametrize("sample", SAMPLES, ids=[path.stem for path in SAMPLES])
def test_whole_life(scene: Scene, operated: ControlPlane, kubectl: Path, sample: Path):
    """Kubectl apply, get, annotate and wait are enough."""

    def typed(who: str, *words: str) -> str:
        groups = ("countersign:proposers",) if who == "proposer" else ("countersign:approvers",)
        command = [str(kubectl), "--kubeconfig", str(operated.kubeconfig(who, groups)), "-n", scene.namespace, *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    name = typed("proposer", "apply", "-f", str(sample), "-o", "jsonpath={.metadata.name}")
    typed("proposer", "wait", f"plan/{name}", "--for=condition=Validated", "--timeout=20s")
    digest = typed("approver", "get", "cplan", name, "-o", "jsonpath={.status.digest}")
    preview = typed("approver", "get", "plan", name, "-o", "jsonpath={.status.preview}")
    assert digest in typed("approver", "get", "planpreview", preview, "-o", "yaml")
    row = typed("approver", "get", "plans", "--field-selector=status.reason=AwaitingApproval", "--no-headers")
    assert row.split()[:3] == [name, "Draft", "AwaitingApproval"]
    typed("approver", "annotate", "plan", name, f"countersign.dev/approve={digest} looks good")
    typed("proposer", "wait", f"plan/{name}", "--for=condition=Succeeded", "--timeout=20s")
    assert typed("proposer", "get", "plan", name, "-o", "jsonpath={.status.phase}") == "Executed"
    assert typed("proposer", "get", "tools", "-o", "name")
    again = typed("proposer", "apply", "-f", str(sample))
    assert again.endswith("unchanged")
    assert "What is to be done, in this order" in typed("proposer", "explain", "plan.spec.actions")
