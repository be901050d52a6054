"""Every manifest that we hand out is accepted by the schemas of Kubernetes, with no field that it does not know.

Those of 1.36 come from a running API server; those of 1.37 from the sources of that release, because no such server is
built here: what it would say beyond its schemas is not tested.
"""

import subprocess
from pathlib import Path

import pytest
from hack.render import MONITORING, ROOT, TENANT, rendered
from tests.support.schemas import LOCATION, of_next_release, of_server, write

from countersign.packaging.text import documents

OF_PROMETHEUS = "ServiceMonitor,PrometheusRule"
"""Kinds of the Prometheus operator, whose definitions are not here."""
FOLDERS = ("crds", "manifests/base", "manifests/samples")


@pytest.fixture(scope="session")
def current(cluster, tmp_path_factory):
    folder = tmp_path_factory.mktemp("current")
    write(of_server(cluster.rest()), folder)
    return folder


@pytest.fixture(scope="session")
def coming(tmp_path_factory):
    folder = tmp_path_factory.mktemp("coming")
    write(of_next_release(folder), folder)
    return folder


@pytest.fixture(params=["current", "coming"])
def check(request, kubeconform_program):
    """Gives what kubeconform has to say about files."""
    schemas = request.getfixturevalue(request.param)

    def run(*files: Path) -> str:
        command = [kubeconform_program, "-strict", "-summary", "-schema-location", f"{schemas}/{LOCATION}"]
        done = subprocess.run([*command, "-skip", OF_PROMETHEUS, *files], capture_output=True, text=True, check=False)
        return done.stdout if done.returncode else ""

    return run


def manifests():
    found = [path for folder in FOLDERS for path in (ROOT / folder).glob("*.yaml")]
    overlays = (ROOT / "manifests" / "overlays").glob("*/*.yaml")
    files = [*found, *overlays, ROOT / "manifests" / "install.yaml"]
    return sorted(path for path in files if path.name != "kustomization.yaml")


def test_manifests(check):
    """Definitions, base, overlays, samples, install.yaml."""
    assert check(*manifests()) == ""


@pytest.mark.parametrize("arguments", [(), (*TENANT, *MONITORING)], ids=["defaults", "everything"])
@pytest.mark.usefixtures("helm_program")
def test_chart(check, tmp_path, arguments):
    """As Helm renders it."""
    path = tmp_path / "rendered.yaml"
    path.write_text(documents(rendered(*arguments)))

    assert check(path) == ""


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (("replicas: 2", "replica: 2"), "additional properties 'replica' not allowed"),
        (("replicas: 2", "replicas: two"), "got string, want integer"),
    ],
)
def test_a_fault_is_found(check, tmp_path, spoil, complaint):
    """So the tests above can fail."""
    path = tmp_path / "spoiled.yaml"
    path.write_text((ROOT / "manifests" / "base" / "operator.yaml").read_text().replace(*spoil))

    assert complaint in check(path)
