"""The control plane that tests share: who is who on it, and what it plays."""

import json

import pytest
from kubernetes.client import ApiException, AuthenticationV1Api, CoreV1Api, V1SelfSubjectReview
from kubernetes.config import new_client_from_config
from tests.support.waiting import eventually

from countersign.dev.identities import PEOPLE

APPS = "/apis/apps/v1/namespaces"
PODS = {"containers": [{"name": "main", "image": "example.com/main"}]}


def whoami(kubeconfig):
    """User and groups, as the API server sees them."""
    with new_client_from_config(str(kubeconfig)) as client:
        user = AuthenticationV1Api(client).create_self_subject_review(V1SelfSubjectReview()).status.user_info
    return user.username, {group for group in user.groups if group != "system:authenticated"}


def object_of(kind, **spec):
    labels = {"app": "main"}
    template = {"metadata": {"labels": labels}, "spec": PODS}
    return {
        "apiVersion": {"Deployment": "apps/v1", "Job": "batch/v1"}[kind],
        "kind": kind,
        "metadata": {"name": "main"},
        "spec": {"template": template, **spec},
    }


@pytest.mark.parametrize("name", PEOPLE)
def test_each_kubeconfig_is_for_its_identity(cluster, name):
    """As the server sees it."""
    assert whoami(cluster.directory / f"{name}.kubeconfig") == (PEOPLE[name].user, set(PEOPLE[name].groups))


def test_anybody_can_have_a_kubeconfig(cluster):
    """Tests invent people as they need them."""
    kubeconfig = cluster.kubeconfig("bob@example.com", ["staff", "countersign:approvers"])

    assert whoami(kubeconfig) == ("bob@example.com", {"staff", "countersign:approvers"})


def test_the_same_user_in_other_groups_is_another_file(cluster):
    """Else one test would change the rights of another."""
    assert cluster.kubeconfig("carol", ["a"]) != cluster.kubeconfig("carol", ["b"])
    assert cluster.kubeconfig("carol", ["a"]) == cluster.kubeconfig("carol", ["a"])


def test_a_kubeconfig_gives_no_rights(cluster, namespace):
    """Rights come from bindings only."""
    with new_client_from_config(str(cluster.kubeconfig("dave"))) as client, pytest.raises(ApiException) as refused:
        CoreV1Api(client).list_namespaced_pod(namespace)

    assert refused.value.status == 403


def test_keys_are_for_the_user_alone(cluster):
    """Whoever reads one is that person."""
    secrets = [*cluster.directory.glob("*.kubeconfig"), *cluster.directory.glob("certs/*"), cluster.kubeconfig("erin")]

    assert {file.stat().st_mode & 0o077 for file in secrets} == {0}
    assert cluster.directory.stat().st_mode & 0o077 == 0


def test_each_test_has_a_namespace_of_its_own(cluster, namespace):
    """A new one, so nothing is in it."""
    assert cluster.rest().get(f"/api/v1/namespaces/{namespace}")["metadata"]["name"] == namespace
    assert cluster.rest().get(f"/api/v1/namespaces/{namespace}/secrets")["items"] == []


def test_a_deployment_becomes_available(cluster, namespace):
    """The scheduler and the simulated node do what a cluster does."""
    path = f"{APPS}/{namespace}/deployments"
    selector = {"matchLabels": {"app": "main"}}
    cluster.rest().create(path, object_of("Deployment", replicas=2, selector=selector))

    def available():
        return cluster.rest().get(f"{path}/main")["status"].get("availableReplicas")

    assert eventually(lambda: available() == 2, within=20)
    pods = cluster.rest().get(f"/api/v1/namespaces/{namespace}/pods")["items"]
    assert {pod["spec"]["nodeName"] for pod in pods} == {"node-0"}


def test_a_job_completes(cluster, namespace):
    """Its containers all succeed at once, the one that runs before them included."""
    path = f"/apis/batch/v1/namespaces/{namespace}/jobs"
    job = object_of("Job")
    before = [{"name": "before", "image": "example.com/before"}, {**PODS["containers"][0], "restartPolicy": "Always"}]
    before[1]["name"] = "beside"
    job["spec"]["template"]["spec"] = {**PODS, "initContainers": before, "restartPolicy": "Never"}
    cluster.rest().create(path, job)

    assert eventually(lambda: cluster.rest().get(f"{path}/main")["status"].get("succeeded") == 1, within=20)


def test_what_a_deployment_made_is_collected_with_it(cluster, namespace):
    """Owners, finalizers and pods that have to end: all of it works."""
    path = f"{APPS}/{namespace}/deployments"
    pods = f"/api/v1/namespaces/{namespace}/pods"
    selector = {"matchLabels": {"app": "main"}}
    cluster.rest().create(path, object_of("Deployment", replicas=1, selector=selector))
    assert eventually(lambda: len(cluster.rest().get(pods)["items"]) == 1, within=20)

    cluster.rest().delete(f"{path}/main")

    assert eventually(lambda: cluster.rest().get(pods)["items"] == [], within=20)


def test_the_audit_log_names_whoever_acted(cluster, namespace):
    """Policies and journals are checked against it."""
    with new_client_from_config(str(cluster.kubeconfig("frank"))) as client, pytest.raises(ApiException):
        CoreV1Api(client).list_namespaced_secret(namespace)

    events = [json.loads(line) for line in cluster.log("audit").read_text().splitlines()]
    seen = [event for event in events if event["user"].get("username") == "frank"]
    assert seen[-1]["objectRef"]["namespace"] == namespace
    assert seen[-1]["responseStatus"]["code"] == 403
