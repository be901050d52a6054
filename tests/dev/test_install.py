"""Manifests on a control plane: kinds first, and twice changes nothing."""

import pytest

from countersign.dev.failure import LocalError
from countersign.dev.identities import APPROVERS, PROPOSERS
from countersign.errors import NotFound

RBAC = "/apis/rbac.authorization.k8s.io/v1"
GROUP = "install.example.com"


def definition(plural="things", kind="Thing"):
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names = {"plural": plural, "kind": kind, "singular": kind.lower(), "listKind": f"{kind}List"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{GROUP}"},
        "spec": {"group": GROUP, "scope": "Namespaced", "names": names, "versions": [version]},
    }


def thing(namespace, **fields):
    metadata = {"name": "one", "namespace": namespace}
    return {"apiVersion": f"{GROUP}/v1", "kind": "Thing", "metadata": metadata, **fields}


def config(namespace, **data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one", "namespace": namespace}, "data": data}


def test_objects_of_a_new_kind_can_come_with_it(cluster, namespace):
    """In any order: the definition is applied first, and waited for."""
    cluster.install([thing(namespace, size=1), definition()])

    path = f"/apis/{GROUP}/v1/namespaces/{namespace}/things/one"
    assert cluster.rest().get(path)["size"] == 1


def test_a_second_installation_brings_the_new_state(cluster, namespace):
    """What is no longer named goes: that is what server-side apply is for."""
    cluster.install([config(namespace, a="1", b="1")])
    cluster.install([config(namespace, a="2")])

    found = cluster.rest().get(f"/api/v1/namespaces/{namespace}/configmaps/one")
    assert found["data"] == {"a": "2"}
    assert found["metadata"]["managedFields"][0]["manager"] == "countersign-install"


@pytest.mark.parametrize(("role", "group"), [("proposer", PROPOSERS), ("approver", APPROVERS)])
def test_the_people_of_the_story_get_their_roles(cluster, role, group):
    """In every namespace."""
    cluster.install([])

    binding = cluster.rest().get(f"{RBAC}/clusterrolebindings/countersign-local-{role}s")
    assert binding["roleRef"]["name"] == f"countersign-{role}"
    assert [subject["name"] for subject in binding["subjects"]] == [group]


def test_a_refused_object_is_named(cluster, namespace):
    """With the server's reason."""
    broken = config(namespace) | {"data": {"bad key": "x"}}

    with pytest.raises(LocalError, match=r"ConfigMap one could not be installed: .*bad key"):
        cluster.install([broken])


def test_installing_waits_until_it_is_in_force(cluster):
    """Admission policies bite only a moment after they are applied."""
    answers = iter([False, False, True])

    cluster.install([], wait_until=lambda: next(answers))

    assert list(answers) == []


def test_a_kind_that_nobody_defined_is_named(cluster, namespace, monkeypatch):
    """After some patience."""
    monkeypatch.setattr("countersign.dev.install._PATIENCE", 0.1)
    unknown = {"apiVersion": "nowhere.example.com/v1", "kind": "Nothing", "metadata": {"name": "one"}}

    with pytest.raises(LocalError, match="the kind Nothing"):
        cluster.install([unknown])


def test_asking_for_what_is_not_there_says_so(cluster, namespace):
    """The errors are those of the operator's own client."""
    with pytest.raises(NotFound, match="configmaps"):
        cluster.rest().get(f"/api/v1/namespaces/{namespace}/configmaps/none")
