"""A release of the chart on a control plane of its own, and the operator process as its Deployment would run it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from hack.render import CHART, ROOT
from tests.support.identities import Identity, identity, token_of
from tests.support.scene import Scene

from countersign.dev.install import wait_for
from countersign.dev.layout import Layout
from countersign.dev.plane import ControlPlane
from countersign.dev.ports import free_port
from countersign.dev.ready import operator_works

NAMESPACE = "countersign-system"
DEPLOYMENT = "countersign-operator"


@dataclass(frozen=True, kw_only=True)
class Release:
    """`folder` keeps what Helm would keep in the user's home."""

    plane: ControlPlane
    admin: Identity
    folder: Path
    program: Path
    namespace: str = NAMESPACE

    def helm(self, *arguments: str | Path) -> str:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("HELM_")}
        places = {f"HELM_{kind}_HOME": str(self.folder / kind) for kind in ("CACHE", "CONFIG", "DATA")}
        command = [self.program, "--kubeconfig", self.plane.admin_kubeconfig, "--namespace", self.namespace, *arguments]
        done = subprocess.run(command, env=environ | places, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def install(self, *arguments: str, chart: Path = CHART) -> str:
        """Returns when the pods are ready, as far as simulated ones are."""
        return self.helm("install", "countersign", chart, "--create-namespace", "--wait", *arguments)

    def make_namespace(self, name: str) -> None:
        """And the people of the story may propose and approve there."""
        made = self.admin.create("/api/v1/namespaces", {"metadata": {"name": name}})
        assert made.ok, made.message

    def scene(self, namespace: str, *, proposer: Identity, approver: Identity) -> Scene:
        for role, user in (("proposer", "paula"), ("approver", "anton")):
            path = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}/rolebindings"
            assert self.admin.create(path, _binding(role, user)).ok
        return Scene(namespace=namespace, admin=self.admin, proposer=proposer, approver=approver, second=approver)

    @contextmanager
    def operator(self, *, source: Path = ROOT) -> Iterator[str]:
        """The process of the Deployment's pod, with its arguments, environment and account, of this or another checkout; gives its address."""
        answer = self.admin.get(f"/apis/apps/v1/namespaces/{self.namespace}/deployments/{DEPLOYMENT}")
        assert answer.ok, answer.message
        pod = answer.body["spec"]["template"]["spec"]
        with operator_of(pod, self, source=source) as address:
            yield address


@contextmanager
def operator_of(pod: dict[str, Any], release: Release, *, source: Path = ROOT) -> Iterator[str]:
    (container,) = pod["containers"]
    settings = {variable["name"]: variable.get("value", "") for variable in container["env"]}
    environment = os.environ | settings | {"PYTHONPATH": str(source / "operator")}
    address = f"127.0.0.1:{free_port()}"
    kubeconfig = _kubeconfig(release, account=pod["serviceAccountName"])
    command = [sys.executable, "-m", "countersign", *container["args"], "--kubeconfig", str(kubeconfig)]
    with (release.folder / "operator.log").open("ab") as log:
        process = subprocess.Popen([*command, "--http-address", address], env=environment, stdout=log, stderr=log)
    try:
        wait_for(lambda: operator_works(address), what="the operator")
        yield address
    finally:
        process.terminate()
        process.wait(30)


def _kubeconfig(release: Release, *, account: str) -> Path:
    """With a token of the account, as the pod would have it."""
    certificates = Layout(release.plane.directory).certificates
    token = token_of(release.admin, account, namespace=release.namespace)
    cluster = {"server": release.plane.url, "certificate-authority": str(certificates / "ca.crt")}
    content = {
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [{"name": "u", "user": {"token": token}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    }
    path = release.folder / "operator.kubeconfig"
    path.write_text(json.dumps(content))
    path.chmod(0o600)
    return path


def _binding(role: str, user: str) -> dict[str, Any]:
    return {
        "metadata": {"name": role},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": f"countersign-{role}"},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}],
    }


def previous_chart(folder: Path) -> Path:
    """The same chart with an older version."""
    chart = folder / "previous"
    for path in CHART.rglob("*"):
        if path.is_file():
            copy = chart / path.relative_to(CHART)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    about = yaml.safe_load((chart / "Chart.yaml").read_text())
    (chart / "Chart.yaml").write_text(yaml.safe_dump({**about, "version": "0.0.9", "appVersion": "0.0.9"}))
    return chart


@contextmanager
def people(plane: ControlPlane) -> Iterator[dict[str, Identity]]:
    with (
        identity(plane.admin_kubeconfig) as admin,
        identity(plane.kubeconfig("paula")) as proposer,
        identity(plane.kubeconfig("anton")) as approver,
    ):
        yield {"admin": admin, "proposer": proposer, "approver": approver}
