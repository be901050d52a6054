"""The client against the real API server: what the design relies on, tried."""

import asyncio
import time
from pathlib import Path

import pytest
from kubernetes.client import CoreV1Api
from kubernetes.config import new_client_from_config
from tests.support.api_stub import client_of
from yarl import URL

from countersign.errors import Conflict, FieldConflict, Forbidden, Invalid, NotFound, OwnedField
from countersign.model.effect import ResourceKind
from countersign.shell.actor import Actor
from countersign.shell.connection import in_cluster, load

pytestmark = pytest.mark.cluster

CONFIG_MAP = ResourceKind(group="", version="v1", kind="ConfigMap", plural="configmaps")
SELF = ResourceKind("authentication.k8s.io", "v1", "SelfSubjectReview", "selfsubjectreviews", namespaced=False)
ACCESS = ResourceKind("authorization.k8s.io", "v1", "SubjectAccessReview", "subjectaccessreviews", namespaced=False)

# All that YAML treats differently from JSON; verified to arrive changed or not at all when sent naively.
DIFFICULT = (
    "\U0001f600 \x85 \x7f \x80 \u2028 \u2029 \ufeff \ufffe \t \n \r \\ud83d 'single' \"double\" #: - {} [] ~ yes"
)


@pytest.fixture
async def client(cluster):
    async with client_of(load(cluster.admin_kubeconfig)) as opened:
        yield opened


def applying(client, namespace):
    """A function that applies the data of one ConfigMap."""

    def apply(data, *, version=None, manager="countersign", **how):
        metadata = {} if version is None else {"resourceVersion": version}
        body = {"metadata": metadata, "data": data}
        return client.apply(CONFIG_MAP, namespace=namespace, name="t", body=body, field_manager=manager, **how)

    return apply


async def read(client, namespace, **how):
    return await client.get(CONFIG_MAP, namespace=namespace, name="t", **how)


async def test_create_if_absent_creates_once(client, namespace):
    """A resourceVersion "1" without a uid: of racing writers one wins, all others conflict."""
    apply = applying(client, namespace)

    results = await asyncio.gather(*[apply({"k": str(n)}, version="1") for n in range(8)], return_exceptions=True)

    assert sorted(type(result).__name__ for result in results) == ["Applied", *["Conflict"] * 7]
    assert [result.created for result in results if not isinstance(result, Conflict)] == [True]


async def test_an_apply_on_an_older_state_conflicts(client, namespace):
    """Compare-and-apply."""
    apply = applying(client, namespace)
    first = (await apply({"k": "1"})).content["metadata"]["resourceVersion"]
    second = await apply({"k": "2"}, version=first)

    with pytest.raises(Conflict):
        await apply({"k": "3"}, version=first)

    assert (second.created, (await read(client, namespace))["data"]) == (False, {"k": "2"})


async def test_a_conflict_names_manager_and_field(client, namespace):
    """Read from the server's own sentence."""
    await applying(client, namespace)({"k": "1", "l": "1"}, manager='odd "name"')

    with pytest.raises(FieldConflict) as raised:
        await applying(client, namespace)({"k": "2", "l": "1"})

    assert raised.value.fields == (OwnedField(manager='odd "name"', path=".data.k"),)


async def test_force_takes_the_field(client, namespace):
    """Only then."""
    await applying(client, namespace)({"k": "1"}, manager="other")
    await applying(client, namespace)({"k": "2"}, force=True)

    assert (await read(client, namespace))["data"] == {"k": "2"}


async def test_a_dry_run_stores_nothing(client, namespace):
    """It answers as if it had."""
    previewed = await applying(client, namespace)({"k": "1"}, dry_run=True)

    assert (previewed.created, previewed.content["data"]) == (True, {"k": "1"})
    with pytest.raises(NotFound):
        await read(client, namespace)


async def test_every_character_arrives_as_it_was(client, namespace):
    """What was approved is what is applied, also where YAML and JSON differ."""
    await applying(client, namespace)({"k": DIFFICULT})

    assert (await read(client, namespace))["data"] == {"k": DIFFICULT}


async def test_fields_that_the_schema_does_not_know_are_invalid(client, namespace):
    """Though the server answers 500."""
    with pytest.raises(Invalid, match="field not declared in schema"):
        await client.apply(CONFIG_MAP, namespace=namespace, name="t", body={"unknown": 1}, field_manager="m")


async def test_an_actor_is_who_the_server_sees(client, namespace):
    """User and extra both arrive."""
    user = f"system:serviceaccount:{namespace}:executor"
    actor = Actor(user, extra=(("countersign.dev/plan", "uid/action 1"),))

    seen = (await client.review(SELF, body={}, acting_as=actor))["status"]["userInfo"]

    assert (seen["username"], seen["extra"]) == (user, {"countersign.dev/plan": ["uid/action 1"]})


async def test_an_actor_without_rights_is_refused(client, namespace):
    """Our own rights do not shine through."""
    actor = Actor(f"system:serviceaccount:{namespace}:nobody")

    with pytest.raises(Forbidden, match="cannot patch"):
        await applying(client, namespace)({"k": "1"}, acting_as=actor)


async def test_a_review_answers(client, namespace):
    """The question is put as a POST."""
    attributes = {"namespace": namespace, "verb": "get", "resource": "configmaps"}

    said = await client.review(ACCESS, body={"spec": {"user": "nobody", "resourceAttributes": attributes}})

    assert said["status"]["allowed"] is False


async def test_metadata_only_carries_no_data(client, namespace):
    """In lists and in single objects."""
    await applying(client, namespace)({"k": "secret"})

    listed = await client.list(CONFIG_MAP, namespace=namespace, metadata_only=True)

    for found in (*listed.items, await read(client, namespace, metadata_only=True)):
        assert (found["kind"], "data" in found, "managedFields" in found["metadata"]) == ("ConfigMap", False, False)


async def test_a_chunked_list_is_complete(client, namespace):
    """Every object once, at one version."""
    wanted = [f"item-{n}" for n in range(7)]
    for name in wanted:
        body = {"metadata": {"labels": {"kind-of": "item"}}}
        await client.apply(CONFIG_MAP, namespace=namespace, name=name, body=body, field_manager="m")

    found = await client.list(CONFIG_MAP, namespace=namespace, label_selector="kind-of=item", chunk=3)

    assert sorted(item["metadata"]["name"] for item in found.items) == wanted
    assert found.resource_version.isdecimal()


async def test_managed_fields_are_there_when_asked_for(client, namespace):
    """Otherwise nobody pays for them."""
    await applying(client, namespace)({"k": "1"})

    owners = (await read(client, namespace, managed_fields=True))["metadata"]["managedFields"]

    assert [owner["manager"] for owner in owners] == ["countersign"]


async def test_a_delete_hits_only_the_object_that_was_meant(client, namespace):
    """Not another of the same name."""
    uid = (await applying(client, namespace)({})).content["metadata"]["uid"]

    with pytest.raises(Conflict):
        await client.delete(CONFIG_MAP, namespace=namespace, name="t", uid="another")
    await client.delete(CONFIG_MAP, namespace=namespace, name="t", uid=uid)

    with pytest.raises(NotFound):
        await read(client, namespace)


async def test_a_created_object_exists_once(client, namespace):
    """A second one of the name conflicts."""
    body = {"metadata": {"name": "t"}, "data": {"k": "1"}}
    made = await client.create(CONFIG_MAP, namespace=namespace, body=body)

    with pytest.raises(Conflict) as raised:
        await client.create(CONFIG_MAP, namespace=namespace, body=body)

    assert (made["data"], raised.value.reason) == ({"k": "1"}, "AlreadyExists")


async def test_a_warning_reaches_the_caller(client, namespace):
    """The server warns, for one, of labels that were renamed."""
    pod = ResourceKind(group="", version="v1", kind="Pod", plural="pods")
    old = {"beta.kubernetes.io/os": "linux"}
    body = {"spec": {"nodeSelector": old, "containers": [{"name": "c", "image": "i"}]}}

    given = await client.apply(pod, namespace=namespace, name="t", body=body, field_manager="m", dry_run=True)

    assert [text for text in given.warnings if "beta.kubernetes.io/os" in text and "deprecated" in text]


def service_account_of(cluster, namespace, folder):
    """The folder and the environment that a pod of that namespace would have."""
    official = new_client_from_config(str(cluster.admin_kubeconfig))
    core = CoreV1Api(official)
    core.create_namespaced_service_account(namespace, {"metadata": {"name": "operator"}})
    request = {"spec": {"audiences": [], "expirationSeconds": 600}}
    issued = core.create_namespaced_service_account_token("operator", namespace, request)
    (folder / "token").write_text(issued.status.token)
    (folder / "namespace").write_text(namespace)
    (folder / "ca.crt").write_bytes(Path(official.configuration.ssl_ca_cert).read_bytes())
    server = URL(official.configuration.host)
    return folder, {"KUBERNETES_SERVICE_HOST": server.host, "KUBERNETES_SERVICE_PORT": str(server.port)}


async def test_a_pod_is_known_by_its_service_account(cluster, namespace, tmp_path):
    """As the operator runs when it is installed."""
    folder, environ = service_account_of(cluster, namespace, tmp_path)
    connection = in_cluster(folder, environ=environ, clock=time.time)

    async with client_of(connection) as client:
        seen = (await client.review(SELF, body={}))["status"]["userInfo"]

    assert (seen["username"], connection.namespace) == (f"system:serviceaccount:{namespace}:operator", namespace)
