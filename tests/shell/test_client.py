"""The client against a server that fails in every way a real one can."""

import asyncio
import socket

import pytest
from tests.support.api_stub import Cut, Reply, api_stub, client_of, connection_to, status

from countersign.errors import (
    ClusterError,
    ConfigurationError,
    Expired,
    Fenced,
    FieldConflict,
    Forbidden,
    NotFound,
    OwnedField,
    Unavailable,
)
from countersign.model.effect import TOOL, ResourceKind
from countersign.shell.actor import Actor

REVIEW = ResourceKind("authorization.k8s.io", "v1", "SubjectAccessReview", "subjectaccessreviews", namespaced=False)
ECHO = {"namespace": "shop", "name": "echo"}
BUSY = Reply(503, status("busy"))


@pytest.fixture
async def stub():
    async with api_stub() as running:
        yield running


@pytest.fixture
async def client(stub):
    async with client_of(connection_to(stub.url)) as opened:
        yield opened


def apply(client, **changes):
    return client.apply(TOOL, **{**ECHO, "body": {"spec": {"a": 1}}, "field_manager": "countersign", **changes})


def create(client, **changes):
    return client.create(TOOL, namespace="shop", body={"metadata": {"name": "echo"}}, **changes)


def page(*names, rest="", version="10"):
    items = [{"metadata": {"name": name, "managedFields": [{}]}} for name in names]
    return Reply(body={"metadata": {"resourceVersion": version, "continue": rest}, "items": items})


def names(found):
    return [item["metadata"]["name"] for item in found.items]


class Waits:
    """A sleep that takes no time and remembers how long it would have taken."""

    def __init__(self):
        self.seconds = []

    async def __call__(self, seconds):
        self.seconds.append(seconds)


# What is sent


async def test_an_apply_sends_everything_the_server_decides_by(stub, client):
    """Path, query, content type and a body that names the object."""
    await apply(client, force=True, subresource="status")

    sent = stub.received[0]
    assert (sent.method, sent.path) == ("PATCH", "/apis/countersign.dev/v1alpha1/namespaces/shop/tools/echo/status")
    assert sent.query == {"fieldManager": "countersign", "force": "true"}
    assert sent.headers["Content-Type"] == "application/apply-patch+yaml"
    named = {"apiVersion": "countersign.dev/v1alpha1", "kind": "Tool", "metadata": {"name": "echo"}}
    assert sent.json == {**named, "spec": {"a": 1}}


async def test_an_apply_keeps_the_metadata_it_was_given(stub, client):
    """The resourceVersion in it is what makes an apply conditional."""
    await apply(client, body={"metadata": {"resourceVersion": "1", "labels": {"a": "b"}}})

    assert stub.received[0].json["metadata"] == {"name": "echo", "resourceVersion": "1", "labels": {"a": "b"}}


async def test_an_apply_tells_created_from_configured_and_returns_warnings(stub, client):
    """201 is the only sign of a creation."""
    stub.will(Reply(201, {"metadata": {"uid": "u", "managedFields": []}}, {"Warning": '299 - "old"'}), Reply(200))

    first, second = await apply(client), await apply(client)

    assert (first.created, first.warnings, second.created) == (True, ("old",), False)
    assert first.content == {"apiVersion": TOOL.api_version, "kind": "Tool", "metadata": {"uid": "u"}}


async def test_an_actor_is_sent_with_its_extra(stub, client):
    """The admission policy decides by the extra."""
    actor = Actor("system:serviceaccount:shop:x", extra=(("countersign.dev/plan", "u/a"),))

    await apply(client, acting_as=actor)
    await create(client, acting_as=actor)
    await client.delete(TOOL, **ECHO, acting_as=actor)
    await client.get(TOOL, **ECHO, acting_as=actor)
    await client.review(REVIEW, body={}, acting_as=actor)

    assert len(stub.received) == 5
    for sent in stub.received:
        assert sent.headers["Impersonate-User"] == "system:serviceaccount:shop:x"
        assert sent.headers["Impersonate-Extra-countersign.dev%2Fplan"] == "u/a"


async def test_nobody_is_impersonated_unless_asked(stub, client):
    """Our own requests carry no such header at all."""
    await apply(client)

    assert not [name for name in stub.received[0].headers if name.lower().startswith("impersonate")]


async def test_a_delete_carries_its_conditions(stub, client):
    """Only that object in that state."""
    await client.delete(TOOL, **ECHO, uid="u", resource_version="7")

    assert stub.received[0].json["preconditions"] == {"uid": "u", "resourceVersion": "7"}


async def test_a_create_goes_to_the_collection(stub, client):
    """POST names no object."""
    await create(client, dry_run=True)

    assert stub.received[0].path == "/apis/countersign.dev/v1alpha1/namespaces/shop/tools"
    assert stub.received[0].query == {"dryRun": "All"}


async def test_metadata_only_refuses_to_be_sent_more(stub, client):
    """There is no second choice in the Accept header."""
    stub.will(Reply(), page())
    await client.get(TOOL, **ECHO, metadata_only=True)
    await client.list(TOOL, metadata_only=True)

    assert [sent.headers["Accept"] for sent in stub.received] == [
        "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
        "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
    ]


async def test_managed_fields_are_returned_when_asked_for(stub, client):
    """Who owns which field is read before forcing."""
    stub.will(Reply(body={"metadata": {"managedFields": [{"manager": "x"}]}}))

    found = await client.get(TOOL, **ECHO, managed_fields=True)

    assert found["metadata"]["managedFields"] == [{"manager": "x"}]


# Lists


async def test_a_list_is_read_in_chunks_to_the_end(stub, client):
    """Items say what they are, and carry no managedFields."""
    stub.will(page("a", "b", rest="token=="), page("c"))

    found = await client.list(TOOL, label_selector="x=y", chunk=2)

    assert (names(found), found.resource_version) == (["a", "b", "c"], "10")
    assert found.items[0] == {"apiVersion": TOOL.api_version, "kind": "Tool", "metadata": {"name": "a"}}
    asked = {"limit": "2", "labelSelector": "x=y"}
    assert [sent.query for sent in stub.received] == [asked, asked | {"continue": "token=="}]


async def test_a_list_holds_what_is_made_of_each_object(stub, client):
    """So that nobody has to keep whole objects of which less is enough."""
    stub.will(page("a", rest="t"), page("b"))

    found = await client.list(TOOL, each=lambda content: (content["kind"], content["metadata"]["name"]))

    assert found.items == (("Tool", "a"), ("Tool", "b"))


async def test_a_list_on_behalf_of_somebody(stub, client):
    """Every chunk is asked for with their rights."""
    stub.will(page("a", rest="t"), page("b"))

    await client.list(TOOL, acting_as=Actor(user="system:serviceaccount:shop:ex"))

    assert [sent.headers["Impersonate-User"] for sent in stub.received] == ["system:serviceaccount:shop:ex"] * 2


async def test_a_list_that_expires_half_way_is_read_anew_in_one_piece(stub, client):
    """Half of the old list and half of a new one would be neither."""
    stub.will(page("a", rest="t"), Reply(410, status("too old", reason="Expired")), page("b", "c", version="20"))

    found = await client.list(TOOL, chunk=1)

    assert (names(found), found.resource_version) == (["b", "c"], "20")
    assert stub.received[2].query == {}


async def test_a_list_that_expires_at_once_again_is_an_error(stub, client):
    """It is not tried for ever."""
    stub.will(Reply(410), Reply(410))

    with pytest.raises(Expired):
        await client.list(TOOL)


# Repetition


@pytest.mark.parametrize("fault", [Reply(429), Reply(500), Reply(504), Cut(), Reply(200, b"<html>")])
async def test_reads_are_repeated_until_they_succeed(stub, client, fault):
    """Whatever may pass."""
    stub.will(fault, fault, fault, fault, Reply(body={"metadata": {"uid": "u"}}))

    assert (await client.get(TOOL, **ECHO))["metadata"]["uid"] == "u"


async def test_reads_are_repeated_four_times_at_most(stub, client):
    """Then the caller hears of it."""
    stub.will(*[BUSY] * 5)

    with pytest.raises(Unavailable, match="busy"):
        await client.get(TOOL, **ECHO)

    assert len(stub.received) == 5


@pytest.mark.parametrize(("code", "error"), [(403, Forbidden), (404, NotFound), (405, ClusterError)])
async def test_what_would_not_pass_is_not_repeated(stub, client, code, error):
    """The server meant it."""
    stub.will(Reply(code))

    with pytest.raises(error):
        await client.get(TOOL, **ECHO)

    assert len(stub.received) == 1


@pytest.mark.parametrize("fault", [Reply(429), Reply(500), Cut()])
@pytest.mark.parametrize(
    "write",
    [apply, create, lambda client: client.delete(TOOL, **ECHO)],
    ids=["apply", "create", "delete"],
)
async def test_writes_are_never_repeated(stub, client, write, fault):
    """Only the caller knows what it would mean; aiohttp itself would repeat a DELETE on a used connection."""
    await client.get(TOOL, **ECHO)
    stub.will(fault)

    with pytest.raises(Unavailable):
        await write(client)

    assert [sent.method for sent in stub.received[1:]] == [stub.received[1].method]


async def test_dry_runs_and_reviews_are_repeated_like_reads(stub, client):
    """They change nothing."""
    stub.will(BUSY, Reply(), BUSY, Reply(201, {"status": {"allowed": True}}))

    await apply(client, dry_run=True)

    assert (await client.review(REVIEW, body={"spec": {}}))["status"] == {"allowed": True}


async def test_pauses_grow_and_half_of_each_is_chance(stub):
    """So that clients that failed together do not return together."""
    waits = Waits()
    stub.will(*[BUSY] * 5)
    async with client_of(
        connection_to(stub.url), pauses=(0.1, 0.2, 0.4, 0.8), sleep=waits, rng=iter([0.0, 1.0, 0.5, 0.0]).__next__
    ) as client:
        with pytest.raises(Unavailable):
            await client.get(TOOL, **ECHO)

    assert waits.seconds == pytest.approx([0.05, 0.2, 0.3, 0.4])


async def test_the_pause_the_server_asks_for_is_kept(stub):
    """Retry-After is a minimum."""
    waits = Waits()
    stub.will(Reply(429, headers={"Retry-After": "2"}))
    async with client_of(connection_to(stub.url), sleep=waits) as client:
        await client.get(TOOL, **ECHO)

    assert waits.seconds == [2.0]


async def test_a_pause_beyond_the_deadline_is_not_begun(stub):
    """The caller gets the server's answer now instead of a time-out later, and what it asked for."""
    waits = Waits()
    stub.will(Reply(429, status("slow down"), {"Retry-After": "120"}))
    async with client_of(connection_to(stub.url), sleep=waits) as client:
        with pytest.raises(Unavailable, match="slow down") as raised:
            await client.get(TOOL, **ECHO)

    assert (waits.seconds, raised.value.retry_after) == ([], 120.0)


# Limits


async def test_a_server_that_does_not_answer_is_given_up(stub):
    """A write of which nothing was heard has an unknown outcome: Unavailable says so."""
    stub.will(Reply(after=5))
    async with client_of(connection_to(stub.url), seconds=0.05) as client:
        with pytest.raises(Unavailable, match="no answer in time"):
            await apply(client)


async def test_nobody_listening_is_unavailable():
    """Not an exception of some library."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        server = f"http://127.0.0.1:{unused.getsockname()[1]}"
    async with client_of(connection_to(server)) as client:
        with pytest.raises(Unavailable, match="cannot be reached"):
            await apply(client)


async def test_requests_beyond_the_bound_wait(stub):
    """The API server is protected from us."""
    stub.will(*[Reply(after=0.01)] * 20)
    async with client_of(connection_to(stub.url), max_in_flight=4) as client:
        await asyncio.gather(*[apply(client) for _ in range(20)])

    assert (stub.most_at_once, len(stub.received)) == (4, 20)


async def test_a_redirect_is_not_followed(stub, client):
    """Our token belongs to one server."""
    stub.will(Reply(302, headers={"Location": "/elsewhere"}))

    with pytest.raises(ClusterError, match="302"):
        await client.get(TOOL, **ECHO)

    assert len(stub.received) == 1


# Fence and counting


async def test_a_closed_fence_stops_every_write_before_it_is_sent(stub):
    """A replica that lost its lease writes nothing more."""

    def fence():
        raise ConfigurationError("lease lost")

    async with client_of(connection_to(stub.url), fence=fence) as client:
        for write in (apply(client), create(client), client.delete(TOOL, **ECHO)):
            with pytest.raises(ConfigurationError, match="lease lost"):
                await write

    assert stub.received == []


async def test_what_the_fence_held_back_is_not_counted(stub):
    """It never went out: the server did not fail to answer."""
    seen = []

    def fence():
        raise Fenced("lease lost")

    async with client_of(
        connection_to(stub.url), observe=lambda verb, code, _: seen.append((verb, code)), fence=fence
    ) as client:
        with pytest.raises(Fenced):
            await apply(client)
        await client.get(TOOL, **ECHO)

    assert seen == [("get", 200)]


async def test_the_fence_is_asked_after_waiting_for_a_permit(stub):
    """What was true before the wait may not be true after it."""
    order = []
    stub.will(Reply(after=0.02))
    async with client_of(
        connection_to(stub.url),
        max_in_flight=1,
        observe=lambda verb, *_: order.append(verb),
        fence=lambda: order.append("fence"),
    ) as client:
        await asyncio.gather(client.get(TOOL, **ECHO), apply(client))

    assert order == ["get", "fence", "apply"]


async def test_what_changes_nothing_passes_a_closed_fence(stub):
    """Standby replicas read and preview."""

    def fence():
        raise AssertionError("not to be asked")

    async with client_of(connection_to(stub.url), fence=fence) as client:
        await client.get(TOOL, **ECHO)
        await apply(client, dry_run=True)
        await client.review(REVIEW, body={})

    assert len(stub.received) == 3


async def test_every_exchange_is_counted(stub):
    """Repetitions and failures too; 0 stands for no answer."""
    seen = []
    stub.will(BUSY, Reply(), Reply(409), Cut())
    async with client_of(connection_to(stub.url), observe=lambda verb, code, _: seen.append((verb, code))) as client:
        await client.get(TOOL, **ECHO)
        for _ in range(2):
            with pytest.raises(ClusterError):
                await apply(client)

    assert seen == [("get", 503), ("get", 200), ("apply", 409), ("apply", 0)]


# Errors


async def test_a_field_conflict_names_manager_and_field(stub, client):
    """People are told whose field it is."""
    cause = {"reason": "FieldManagerConflict", "message": 'conflict with "kubectl-edit" using v1', "field": ".spec.a"}
    stub.will(Reply(409, status("Apply failed with 1 conflict", reason="Conflict", causes=[cause])))

    with pytest.raises(FieldConflict) as raised:
        await apply(client)

    assert raised.value.fields == (OwnedField(manager="kubectl-edit", path=".spec.a"),)
