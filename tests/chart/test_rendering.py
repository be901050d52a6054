"""What Helm makes of the chart: exactly what the operator generates for the same settings, and nothing it was not asked for."""

import json
import subprocess
from pathlib import Path

import pytest
import yaml
from hack.render import CHART, MONITORING, ROOT, TENANT, files, identity, rendered

from countersign.api.install import Install
from countersign.generate import install_manifests
from countersign.settings import read

pytestmark = pytest.mark.usefixtures("helm_program")

INSTALLS = [
    Install(),
    Install(namespace="elsewhere", account="op", canary="bird", executors=("zoe", "adam")),
    Install(namespace="123", account="456", canary="789", executors=("0",)),
]
OURS = ("app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/version")


@pytest.fixture
def values(tmp_path):
    """Writes values as a file; on the command line 123 would be a number."""

    def write(content):
        path = tmp_path / "values.json"
        path.write_text(json.dumps(content))
        return ("--values", str(path))

    return write


def values_of(install):
    account = {"name": install.account, "canary": install.canary}
    return {"serviceAccount": account, "executors": list(install.executors)}


def bare(contents):
    """By identity, without the labels that say which release it is."""
    found = {}
    for content in contents:
        labels = {key: value for key, value in content["metadata"]["labels"].items() if key not in OURS}
        found[identity(content)] = {**content, "metadata": {**content["metadata"], "labels": labels}}
    return found


def of_kind(contents, kind):
    return [content for content in contents if content["kind"] == kind]


@pytest.mark.parametrize("install", INSTALLS, ids=lambda install: install.namespace)
def test_generated_objects_are_those_of_the_operator(install, values):
    """So the guard of the installed operator finds what it would have generated itself. Helm makes the namespace."""
    generated = bare(each for each in install_manifests(install) if each["kind"] != "Namespace")

    found = bare(rendered(*values(values_of(install)), namespace=install.namespace))

    assert {key: found.get(key) for key in generated} == generated


@pytest.mark.parametrize("install", INSTALLS, ids=lambda install: install.namespace)
def test_the_operator_is_told_what_was_installed(install, values):
    """From the environment of its pod."""
    pod = pod_of(rendered(*values(values_of(install)), namespace=install.namespace))
    environ = {variable["name"]: variable["value"] for variable in pod["containers"][0]["env"]}

    assert read(environ).install == install
    assert pod["serviceAccountName"] == install.account


def test_settings_reach_the_operator(values):
    """Numbers too, which Helm would like to write as 1e+06, and lists."""
    settings = {"maxInFlight": 1000000, "drillEvery": "90s", "trustedMutators": ["a", "b.c"], "leaderElection": False}
    pod = pod_of(rendered(*values({"operator": settings})))
    environ = {variable["name"]: variable["value"] for variable in pod["containers"][0]["env"]}

    found = read(environ)
    assert (found.max_in_flight, found.drill_every.total_seconds()) == (1_000_000, 90)
    assert (found.trusted_mutators, found.leader_election) == (("a", "b.c"), False)


def pod_of(contents):
    (deployment,) = of_kind(contents, "Deployment")
    return deployment["spec"]["template"]["spec"]


@pytest.mark.parametrize(
    ("image", "named"),
    [
        ({}, "countersign:0.1.0"),
        ({"repository": "ghcr.io/acme/countersign", "tag": "1.2"}, "ghcr.io/acme/countersign:1.2"),
        ({"digest": "sha256:" + "a" * 64}, "countersign:0.1.0@sha256:" + "a" * 64),
    ],
)
def test_the_image(values, image, named):
    """By the version of the chart unless told otherwise; a digest pins it."""
    assert pod_of(rendered(*values({"image": image})))["containers"][0]["image"] == named


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ({"replica": 3}, "'replica' not allowed"),
        ({"operator": {"worker": 3}}, "'worker' not allowed"),
        ({"operator": {"drillEvery": "soon"}}, "does not match pattern"),
        ({"executors": []}, "minItems: got 0, want 1"),
        ({"executors": ["a", "a"]}, "are equal"),
        ({"executors": ["it's"]}, "does not match pattern"),
        ({"image": {"digest": "latest"}}, "does not match pattern"),
        ({"tenants": [{"executor": "a"}]}, "missing property 'namespace'"),
        ({"tenants": [{"namespace": "a", "executor": "b"}]}, "executor b of namespace a is none that plans may run as"),
    ],
)
def test_wrong_values_are_refused(values, content, complaint):
    """Before anything is installed."""
    with pytest.raises(subprocess.CalledProcessError) as refused:
        rendered(*values(content))

    assert complaint in refused.value.stderr


def test_definitions_can_be_left_out_and_given_up(helm_program):
    """Somebody else may install them; kept they are unless one says otherwise."""

    def definitions(*arguments):
        command = [helm_program, "template", "x", CHART, *arguments]
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return of_kind([content for content in yaml.safe_load_all(text) if content], "CustomResourceDefinition")

    assert definitions("--set", "crds.enabled=false") == []
    assert {crd["metadata"]["annotations"]["helm.sh/resource-policy"] for crd in definitions()} == {"keep"}
    assert not any("annotations" in crd["metadata"] for crd in definitions("--set", "crds.keep=false"))


def test_the_chart_has_no_fault_for_helm(helm_program):
    """Warnings count, with everything switched on."""
    for arguments in ((), (*TENANT, *MONITORING)):
        command = [helm_program, "lint", "--strict", CHART, *arguments]
        linted = subprocess.run(command, capture_output=True, text=True, check=False)
        assert linted.returncode == 0, linted.stdout


def test_the_manifests_are_as_rendered():
    """If this fails: make generate."""
    assert {path: (ROOT / path).read_text() for path in files()} == files()


@pytest.mark.parametrize(
    ("overlay", "arguments"),
    [("cluster-wide", ()), ("one-namespace", TENANT), ("with-monitoring", MONITORING)],
)
def test_overlays_are_the_chart_with_other_values(kubectl_program, overlay, arguments):
    """Kustomize, Helm and install.yaml say the same where they mean the same."""
    built = kustomized(kubectl_program, ROOT / "manifests" / "overlays" / overlay)

    assert bare(each for each in built if each["kind"] != "Namespace") == bare(rendered(*arguments))


def test_install_yaml_is_the_cluster_wide_overlay(kubectl_program):
    """One file for those who have only kubectl."""
    built = kustomized(kubectl_program, ROOT / "manifests" / "overlays" / "cluster-wide")

    assert bare(built) == bare(yaml.safe_load_all((ROOT / "manifests" / "install.yaml").read_text()))


def kustomized(kubectl: Path, folder: Path):
    text = subprocess.run([kubectl, "kustomize", folder], check=True, capture_output=True, text=True).stdout
    return list(yaml.safe_load_all(text))
