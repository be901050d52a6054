"""Installing, upgrading and removing on a real API server; the operator then runs as its Deployment says, with the rights it was given."""

import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
import yaml
from hack.render import CHART, ROOT
from tests.support.operated import initialise
from tests.support.release import NAMESPACE, Release, people, previous_chart
from tests.support.scene import Scene, a_plan, tool_action
from tests.support.waiting import eventually

from countersign.dev.launch import Options
from countersign.dev.plane import ControlPlane

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(180)]

MAY_NOT_ACT = (
    "the operator may not act as service account countersign-executor of namespace other, so it cannot serve plans there: "
    "have the platform team bind the cluster role countersign-acting to the operator in namespace other"
)
TENANT = ("--set", "tenants[0].namespace=payments")
BINDINGS = "/apis/rbac.authorization.k8s.io/v1/namespaces"
POLICIES = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies"


@pytest.fixture
def callers(control_plane, tmp_path):
    """A control plane of the test's own, because the chart installs what exists once per cluster."""
    with ControlPlane(tmp_path / "plane", options=Options()) as plane, people(plane) as found:
        yield plane, found


@pytest.fixture
def release(callers, tmp_path, helm_program) -> Release:
    plane, found = callers
    release = Release(plane=plane, admin=found["admin"], folder=tmp_path, program=helm_program)
    release.make_namespace("payments")
    return release


@pytest.fixture
def scene(release, callers) -> Scene:
    """The namespace payments. Its people get their roles when the chart is installed already, or before."""
    _, found = callers
    return release.scene("payments", proposer=found["proposer"], approver=found["approver"])


def test_install(release, scene):
    """A plan goes through its whole life with nothing but what the chart made."""
    told = release.install(*TENANT)

    assert "Plans may run in: payments" in told
    with release.operator():
        assert scene.approved(a_plan("p"))["status"]["reason"] == "Succeeded"


def test_a_second_release_is_refused(release):
    """Policies, definitions and roles exist once per cluster; nothing of the first release is taken over."""
    release.install()

    with pytest.raises(AssertionError, match="invalid ownership metadata"):
        replace(release, namespace="elsewhere").helm("install", "other", CHART, "--create-namespace")


def test_helm_test(release):
    """What `helm test` runs in a pod says yes to the operator that works, and no to one that does not."""
    release.install()
    pod = yaml.safe_load(release.helm("get", "hooks", "countersign"))
    (container,) = pod["spec"]["containers"]
    script, address = container["args"]
    assert address == f"countersign-operator.{NAMESPACE}.svc:8080"

    with release.operator() as address:
        assert subprocess.run([sys.executable, "-c", script, address], check=False).returncode == 0
    assert subprocess.run([sys.executable, "-c", script, address], check=False).returncode == 1


def test_names_of_ones_own(release, scene):
    """Another namespace, other accounts and executors: the guard finds what it expects."""
    other = replace(release, namespace="elsewhere")
    names = ("--set", "serviceAccount.name=op,serviceAccount.canary=bird", "--set", "executors={runner,other}")
    other.install(*names, *TENANT)

    with other.operator():
        plan = scene.approved(a_plan("p", serviceAccountName="runner"))
        assert plan["status"]["reason"] == "Succeeded"


def test_acting_in_tenants_only(release, scene, callers):
    """In a namespace that is none of the tenants a plan says whom to ask, and goes on when they have done what it says."""
    release.install(*TENANT, "--set", "scope=tenants")
    _, found = callers
    release.make_namespace("other")
    initialise(release.admin, "other")
    other = release.scene("other", proposer=found["proposer"], approver=found["approver"])

    with release.operator():
        assert scene.approved(a_plan("p"))["status"]["reason"] == "Succeeded"
        other.submit(a_plan("p", tool_action("t"), seeded(), deployed()))
        plan = other.until("p", "Invalid")
        (told,) = plan["status"]["validation"]["diagnostics"]
        assert (told["code"], told["path"]) == ("Access.MayNotAct", "spec.serviceAccountName")
        assert told["message"] == MAY_NOT_ACT
        assert MAY_NOT_ACT in plan["status"]["message"]
        bound = release.admin.get(f"{BINDINGS}/payments/rolebindings/countersign-acting").body
        binding = {**bound, "metadata": {"name": "countersign-acting"}}
        assert release.admin.create(f"{BINDINGS}/other/rolebindings", binding).ok
        other.until("p", "AwaitingApproval")


def seeded() -> dict[str, Any]:
    return {"type": "starter_kit.seed", "idempotencyKey": "seed"}


def deployed() -> dict[str, Any]:
    """An action that has to look at objects before it is known what it would do."""
    params = {"agent_name": "support", "image": "example.com/agent@sha256:" + "a" * 64}
    return {"type": "deploy.execute", "idempotencyKey": "deploy", "params": params}


def test_upgrade(release, scene, tmp_path):
    """A plan that waits across an upgrade goes on; policies that stay the same are no lapse."""
    release.install(*TENANT, chart=previous_chart(tmp_path))
    with release.operator():
        scene.submit(a_plan("p"))
        scene.until("p", "AwaitingApproval")
        release.helm("upgrade", "countersign", CHART, "--wait", *TENANT)
    assert "countersign-0.1.0" in release.helm("list")

    with release.operator():
        assert scene.decide("p", "approve").ok
        scene.until("p", "Succeeded")


def test_uninstall(release, scene):
    """Plans and their records stay, everything else goes; a new installation takes the plans up again."""
    release.install(*TENANT)
    with release.operator():
        done = scene.approved(a_plan("p"))
    release.helm("uninstall", "countersign", "--wait")

    assert [each["metadata"]["name"] for each in release.admin.get(POLICIES).body["items"]] == []
    assert not release.admin.get("/apis/rbac.authorization.k8s.io/v1/clusterroles/countersign-operator").ok
    assert scene.plan("p")["status"] == done["status"]

    release.install(*TENANT)
    with release.operator():
        scene.submit(a_plan("q"))
        scene.until("q", "AwaitingApproval")


def test_install_yaml(release, scene, kubectl_program):
    """Kubectl alone, twice: the second time nothing changes. Pod Security lets the pods run."""
    command = [kubectl_program, "--kubeconfig", release.plane.admin_kubeconfig, "apply", "--server-side", "-f"]
    install = [*command, ROOT / "manifests" / "install.yaml"]
    subprocess.run(install, check=True, capture_output=True)
    subprocess.run(install, check=True, capture_output=True)
    deployment = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/countersign-operator"
    assert eventually(lambda: release.admin.get(deployment).body["status"].get("availableReplicas") == 2, within=20)
    assert release.admin.get(deployment).body["metadata"]["generation"] == 1

    with release.operator():
        scene.submit(a_plan("p"))
        plan = scene.until("p", "Invalid", "AwaitingApproval")
        assert "countersign init" in plan["status"]["validation"]["diagnostics"][0]["message"]
