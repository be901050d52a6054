"""The generated manifests on the real API server, and a plan that was there before them."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.support.identities import Answer, Identity, identity, path_of
from tests.support.world import INSTALL, World, a_plan, a_preview, a_tool, account

from countersign.api.crd import crds
from countersign.generate import install_manifests

OLDER = "countersign-older"
"""Namespace of a plan that is older than the policies."""


@pytest.fixture(scope="session")
def admin(cluster) -> Iterator[Identity]:
    with identity(cluster.admin_kubeconfig) as opened:
        yield opened


@pytest.fixture(scope="session")
def installed(admin) -> Identity:
    """Everything is installed and in force; the groups proposers and approvers exist."""
    for crd in crds():
        _apply(admin, crd)
    _older_plan(admin)
    for manifest in install_manifests(INSTALL):
        _apply(admin, manifest)
    for group in ("proposer", "approver", "viewer"):
        _apply(admin, _cluster_wide(f"countersign-{group}", f"{group}s"))
    for drill in _drills(admin):
        _until(drill)
    return admin


@pytest.fixture
def world(installed, namespace) -> World:
    return World(installed, str(namespace))


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], None]:
    """Waits for what is only eventually so."""
    return _until


@pytest.fixture
def older(installed) -> World:
    return World(installed, OLDER)


def _older_plan(admin: Identity) -> None:
    """With annotations that nobody could set today."""
    _apply(admin, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": OLDER}})
    world = World(admin, OLDER)
    planted = {"annotations": {"countersign.dev/approve": "sha256:planted"}}
    _until(lambda: admin.create(world.plans, a_plan(metadata=planted)).code in (201, 409))


def _drills(admin: Identity) -> list[Callable[[], bool]]:
    """One for each policy; also the roles of the groups have to be in force."""
    world = World(admin, INSTALL.namespace)
    drill = {"annotations": {"countersign.dev/drill": "decisions", "countersign.dev/approve": "x"}}
    drill_delete = {"annotations": {"countersign.dev/drill": "delete"}}
    executor = admin.acting_as(account(INSTALL.namespace, "countersign-executor"), "system:masters")

    def stamped() -> bool:
        answer = admin.create(world.plans, a_plan(metadata={"generateName": "d-", "name": ""}), dryRun="All")
        return "countersign.dev/authors" in answer.annotations

    def refused(answer: Answer, by: str) -> bool:
        return f"'countersign-{by}'" in answer.message

    return [
        lambda: refused(admin.create(world.plans, a_plan(metadata=drill), dryRun="All"), "decisions"),
        lambda: refused(admin.create(world.plans, a_plan(metadata=drill_delete), dryRun="All"), "delete"),
        lambda: refused(admin.create(world.all_of("planpreviews"), a_preview(), dryRun="All"), "status"),
        lambda: refused(executor.create(world.all_of("tools"), a_tool(), dryRun="All"), "executor"),
        stamped,
        lambda: world.proposer.get(world.plans).ok,
        lambda: world.approver.get(world.plans).ok,
        lambda: world.operator.get(world.plans).ok,
    ]


def _until(holds: Callable[[], bool], *, patience: float = 20) -> None:
    """Policies are in force only a moment after they are stored, and not for every request at once."""
    end, streak = time.monotonic() + patience, 0
    while streak < 3:
        streak = streak + 1 if holds() else 0
        assert time.monotonic() < end
        if not streak:
            time.sleep(0.1)


def _apply(admin: Identity, manifest: dict[str, Any]) -> None:
    answer = admin.apply(path_of(manifest), manifest)
    assert answer.ok, answer.message


def _cluster_wide(role: str, group: str) -> dict[str, Any]:
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": f"tests-{group}"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
        "subjects": [{"kind": "Group", "apiGroup": "rbac.authorization.k8s.io", "name": group}],
    }
