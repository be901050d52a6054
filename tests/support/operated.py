"""A second control plane of the session, with everything installed and the real operator running, shared by all workers."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest
from tests.support.cluster import _SESSION
from tests.support.identities import Identity, identity
from tests.support.scene import Scene

from countersign.api.install import Install
from countersign.api.names import EPOCH_STORE
from countersign.dev.install import wait_for
from countersign.dev.launch import Options
from countersign.dev.lock import exclusive
from countersign.dev.plane import ControlPlane
from countersign.dev.processes import identify
from countersign.dev.ready import policies_bite
from countersign.dev.rest import Rest
from countersign.errors import NotFound
from countersign.generate import install_manifests

OPTIONS = Options(nodes=False, audit=True)
PEOPLE = {
    "proposer": ("countersign:proposers",),
    "approver": ("countersign:approvers",),
    "approver2": ("countersign:approvers",),
    "both": ("countersign:proposers", "countersign:approvers"),
}


OPERATOR = ("countersign", "run")


def operator_command(plane: ControlPlane, program: tuple[str, ...] = OPERATOR) -> list[str]:
    kubeconfig = plane.directory / "operator.kubeconfig"
    return [
        sys.executable,
        "-m",
        *program,
        "--kubeconfig",
        str(kubeconfig),
        "--http-address",
        "127.0.0.1:0",
    ]


def operator_trusts(rest: Rest) -> bool:
    """The operator has found the policies standing: plans submitted from now on are trusted."""
    try:
        rest.get(f"/api/v1/namespaces/{Install().namespace}/configmaps/{EPOCH_STORE}")
    except NotFound:
        return False
    return True


def install(plane: ControlPlane) -> None:
    plane.install(install_manifests(), wait_until=lambda: policies_bite(plane.rest()))


@pytest.fixture(scope="session")
def operated(pytestconfig, control_plane) -> ControlPlane:
    """Whoever asks first starts it; it ends with the pytest process."""
    session = pytestconfig.stash[_SESSION]
    plane = ControlPlane(session.directory / "operated", options=OPTIONS)
    with exclusive(session.directory / "operated.lock"):
        if plane.start(fresh=not plane.is_running):
            install(plane)
            plane.run("operator", operator_command(plane))
            wait_for(lambda: operator_trusts(plane.rest()), what="the operator")
            plane.keep(identify(session.pid))
    return plane


@pytest.fixture(scope="session")
def people(operated: ControlPlane) -> Iterator[dict[str, Identity]]:
    with ExitStack() as stack:
        found = {
            name: stack.enter_context(identity(operated.kubeconfig(name, groups))) for name, groups in PEOPLE.items()
        }
        found["admin"] = stack.enter_context(identity(operated.admin_kubeconfig))
        operator = operated.directory / "operator.kubeconfig"
        found["operator"] = stack.enter_context(identity(operator))
        yield found


@pytest.fixture
def scene(people: dict[str, Identity]) -> Iterator[Scene]:
    """A fresh namespace in which plans may run."""
    yield from make_scene(people)


@pytest.fixture
def both(people: dict[str, Identity]) -> Identity:
    """Somebody who may propose and approve."""
    return people["both"]


@pytest.fixture
def operator_identity(people: dict[str, Identity]) -> Identity:
    """Whoever has stolen the operator's credentials."""
    return people["operator"]


def make_scene(people: dict[str, Identity]) -> Iterator[Scene]:
    admin, namespace = people["admin"], f"test-{uuid4().hex[:10]}"
    made = admin.create(
        "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
    )
    assert made.ok, made.message
    initialise(admin, namespace)
    yield Scene(
        namespace=namespace,
        admin=admin,
        proposer=people["proposer"],
        approver=people["approver"],
        second=people["approver2"],
    )
    admin.delete(f"/api/v1/namespaces/{namespace}")


def initialise(admin: Identity, namespace: str) -> None:
    """What `countersign init` does."""
    name = Install().executors[0]
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}}
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": name},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "countersign-executor"},
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": namespace}],
    }
    assert admin.create(f"/api/v1/namespaces/{namespace}/serviceaccounts", account).ok
    assert admin.create(f"/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}/rolebindings", binding).ok


def kubeconfigs(plane: ControlPlane) -> dict[str, Path]:
    return {name: plane.kubeconfig(name, groups) for name, groups in PEOPLE.items()}
