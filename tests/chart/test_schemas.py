"""Every manifest that we hand out is accepted by the schemas of Kubernetes, with no field that it does not know.

Those of 1.36 come from a running API server; those of 1.37 from the sources of that release, because no such server is
built here: what it would say beyond its schemas is not tested. Those of ServiceMonitor and PrometheusRule come from the
definitions of the Prometheus operator.
"""

import subprocess
from pathlib import Path

import pytest
from hack.render import MONITORING, ROOT, TENANT, rendered
from tests.support.schemas import LOCATION, of_next_release, of_prometheus_operator, of_server, write, write_definitions

from countersign.packaging.text import documents

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


@pytest.fixture(scope="session")
def monitoring(tmp_path_factory):
    folder = tmp_path_factory.mktemp("monitoring")
    write_definitions(of_prometheus_operator(folder), folder)
    return folder


@pytest.fixture(params=["current", "coming"])
def check(request, kubeconform_program, monitoring):
    """Gives what kubeconform has to say about files."""
    schemas = request.getfixturevalue(request.param)

    def run(*files: Path) -> str:
        places = [f"-schema-location={folder}/{LOCATION}" for folder in (schemas, monitoring)]
        command = [kubeconform_program, "-strict", "-summary", *places, *files]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
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


OPERATOR = "base/operator.yaml"
MONITORS = "overlays/with-monitoring/monitoring.yaml"


@pytest.mark.parametrize(
    ("manifest", "spoil", "complaint"),
    [
        (OPERATOR, ("replicas: 2", "replica: 2"), "additional properties 'replica' not allowed"),
        (OPERATOR, ("replicas: 2", "replicas: two"), "got string, want integer"),
        (MONITORS, ("  - port: http", "  - prot: http"), "additional properties 'prot' not allowed"),
        (MONITORS, ("interval: 30s", "interval: soon"), "does not match pattern"),
        (MONITORS, ("for: 5m", "lasting: 5m"), "additional properties 'lasting' not allowed"),
        (MONITORS, ("kind: PrometheusRule", "kind: PrometheusRules"), "could not find schema for PrometheusRules"),
    ],
)
def test_a_fault_is_found(check, tmp_path, manifest, spoil, complaint):
    """So the tests above can fail, for kinds of Kubernetes and for those of the Prometheus operator."""
    path = tmp_path / "spoiled.yaml"
    text = (ROOT / "manifests" / manifest).read_text()
    assert spoil[0] in text
    path.write_text(text.replace(*spoil))

    assert complaint in check(path)
