"""Compare-and-apply on the real API server: what was approved is written, or nothing is."""

import asyncio
import contextlib
import itertools
import time
from datetime import timedelta

import pytest
from tests.support.api_stub import client_of
from tests.support.meddling import Meddled
from tests.support.scene import Scene

from countersign.core.effects import weigh
from countersign.core.questions import AskPreview, Tracking
from countersign.core.steps import Attempt, Changed, Done, Failure, Write
from countersign.errors import Unavailable
from countersign.model.effect import TOOL, Apply, Target
from countersign.shell.act import Executor
from countersign.shell.cache import Cache
from countersign.shell.connection import load
from countersign.shell.look import Looker

pytestmark = pytest.mark.cluster

KEY = b"k" * 32
ACCOUNT = "countersign-executor"


@pytest.fixture
async def client(operated):
    """The operator's own rights and no more."""
    async with client_of(load(operated.directory / "operator.kubeconfig")) as opened:
        yield opened


def question(scene: Scene, *, description: str = "ours") -> AskPreview:
    spec = {"connection": {"baseUrl": "https://payments.example.com", "topology": "External"}}
    effect = Apply(Target(TOOL, scene.namespace, "payments"), {"spec": {**spec, "description": description}})
    return AskPreview(ACCOUNT, effect, Tracking("uid-of-the-plan", "p", 'an "odd" action: ü/%0a', "key", "digest"))


def looker(client) -> Looker:
    return Looker(client=client, cache=Cache(()))


async def approved(client, asked: AskPreview) -> Write:
    """The write as it was previewed."""
    weighed = weigh(asked.effect, await looker(client).preview(asked), key=KEY)
    return Write(asked.effect, asked.tracking, weighed.previewed.base, weighed.digest)


async def carried_out(client, *writes: Write, seconds: float = 30.0):
    executor = Executor(client=client, looker=looker(client), key=KEY, rng=lambda: 0.5)
    return await executor.carry_out(Attempt("a", ACCOUNT, writes, timedelta(seconds=seconds)))


def theirs(scene: Scene, **spec) -> None:
    """Somebody else makes or changes the tool."""
    body = {"apiVersion": "countersign.dev/v1alpha1", "kind": "Tool", "metadata": {"name": "payments"}, "spec": spec}
    answer = scene.admin.apply(scene.path("payments", plural="tools"), body, fieldManager="theirs", force="false")
    assert answer.ok, answer.message


def touch(scene: Scene, count=itertools.count()) -> None:  # noqa: B008 - one count for all
    """A change that has nothing to do with us."""
    label = {"metadata": {"labels": {"touched": str(next(count))}}}
    assert scene.admin.merge(scene.path("payments", plural="tools"), label).ok


def remove(scene: Scene) -> None:
    assert scene.admin.delete(scene.path("payments", plural="tools")).ok


async def exists(client, scene: Scene) -> None:
    """The tool is there, made by us."""
    assert await carried_out(client, await approved(client, question(scene))) == Done()


async def test_absent_and_still_absent(client, scene: Scene):
    """It is made, as the executor, with the tracking metadata; action ids may hold anything."""
    assert await carried_out(client, await approved(client, question(scene))) == Done()
    tool = scene.tool("payments")
    assert tool["spec"]["description"] == "ours"
    assert tool["metadata"]["annotations"]["countersign.dev/action"] == 'an "odd" action: ü/%0a'


async def test_present_and_unchanged(client, scene: Scene):
    """It is configured."""
    await exists(client, scene)
    assert await carried_out(client, await approved(client, question(scene, description="newer"))) == Done()
    assert scene.tool("payments")["spec"]["description"] == "newer"


async def test_absent_and_made_by_somebody_meanwhile(client, scene: Scene):
    """It is theirs, and stays as they made it."""
    write = await approved(client, question(scene))
    theirs(scene, connection={"baseUrl": "https://payments.example.com"})
    assert isinstance(await carried_out(client, write), Changed)
    assert "description" not in scene.tool("payments")["spec"]


async def test_present_and_deleted_meanwhile(client, scene: Scene):
    """It is not made again."""
    await exists(client, scene)
    write = await approved(client, question(scene, description="newer"))
    remove(scene)
    assert isinstance(await carried_out(client, write), Changed)
    assert not scene.has_tool("payments")


async def test_present_and_deleted_and_made_again_meanwhile(client, scene: Scene):
    """Another object of the same name is another object."""
    await exists(client, scene)
    write = await approved(client, question(scene, description="newer"))
    remove(scene)
    theirs(scene, connection={"baseUrl": "https://payments.example.com"}, riskTags=["pii"])
    assert isinstance(await carried_out(client, write), Changed)
    assert "description" not in scene.tool("payments")["spec"]


async def test_a_change_that_is_no_matter(client, scene: Scene):
    """The same effect on a newer state is what was approved."""
    await exists(client, scene)
    write = await approved(client, question(scene, description="newer"))
    touch(scene)
    assert await carried_out(client, write) == Done()
    assert scene.tool("payments")["spec"]["description"] == "newer"


async def test_a_field_that_somebody_took(client, scene: Scene):
    """The failure names field and manager, and is for good."""
    await exists(client, scene)
    write = await approved(client, question(scene, description="newer"))
    change = {"spec": {"description": "theirs"}}
    assert scene.admin.merge(scene.path("payments", plural="tools"), change, fieldManager="theirs").ok
    result = await carried_out(client, write)
    assert isinstance(result, Failure)
    assert (result.reason, result.passing) == ("OwnedByOther", False)
    assert ".spec.description" in result.message
    assert "theirs" in result.message


async def test_a_busy_writer(client, scene: Scene):
    """Ten changes a second by somebody else are no hindrance."""
    await exists(client, scene)

    async def keep_touching():
        while True:
            await asyncio.to_thread(touch, scene)
            await asyncio.sleep(0.1)

    busy = asyncio.create_task(keep_touching())
    for number in range(10):
        write = await approved(client, question(scene, description=f"newer {number}"))
        assert await carried_out(client, write) == Done()
        await asyncio.sleep(0.05)
    busy.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await busy


async def test_hopeless_contention(client, scene: Scene):
    """After ten tries with pauses it gives up for now, and says so."""
    await exists(client, scene)
    tries = []

    async def faster():
        tries.append(time.monotonic())
        await asyncio.to_thread(touch, scene)

    meddled = Meddled(client.transport, before=faster)
    result = await carried_out(meddled, await approved(client, question(scene, description="newer")))
    assert isinstance(result, Failure)
    assert (result.reason, result.passing, len(tries)) == ("Contended", True, 10)
    assert tries[-1] - tries[0] > 0.9
    assert scene.tool("payments")["spec"]["description"] == "ours"


async def test_contention_that_ends_in_a_change(client, scene: Scene):
    """What is found at the last try is the result, and not that there were so many."""
    await exists(client, scene)
    tries = []

    async def faster():
        tries.append(1)
        await asyncio.to_thread(remove if len(tries) == 10 else touch, scene)

    meddled = Meddled(client.transport, before=faster)
    assert isinstance(await carried_out(meddled, await approved(client, question(scene, description="newer"))), Changed)


async def test_an_action_that_takes_too_long(client, scene: Scene):
    """Its time is over then, and it may be tried again."""

    async def slow():
        await asyncio.sleep(5)

    write = await approved(client, question(scene))
    result = await carried_out(Meddled(client.transport, before=slow), write, seconds=0.2)
    assert result == Failure("Timeout", "not done within 0 s", passing=True)
    assert not scene.has_tool("payments")


async def test_an_answer_that_is_lost(client, scene: Scene):
    """The write was done: the next try finds it and does nothing more."""

    async def lost():
        raise Unavailable("connection reset")

    write = await approved(client, question(scene))
    result = await carried_out(Meddled(client.transport, after=lost), write)
    assert result == Failure("Unavailable", "Tool payments: connection reset", passing=True)
    before = scene.tool("payments")["metadata"]["resourceVersion"]
    assert await carried_out(client, write) == Done()
    assert scene.tool("payments")["metadata"]["resourceVersion"] == before


async def test_a_right_that_was_taken_away(client, scene: Scene):
    """The failure is for good, and nothing is written."""
    write = await approved(client, question(scene))
    binding = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{scene.namespace}/rolebindings/{ACCOUNT}"
    assert scene.admin.delete(binding).ok
    async with asyncio.timeout(10):
        while isinstance(result := await carried_out(client, write), Done):
            remove(scene)
            await asyncio.sleep(0.1)
    assert (result.reason, result.passing) == ("Forbidden", False)


async def test_a_value_that_the_schema_refuses(client, scene: Scene):
    """The failure names the field, and does not repeat the value."""
    asked = question(scene)
    effect = Apply(
        asked.effect.target, {"spec": {"connection": {"baseUrl": "https://x.example.com", "topology": "hunter2"}}}
    )
    write = Write(effect, asked.tracking, None, "digest")
    result = await carried_out(client, write)
    assert isinstance(result, Failure)
    assert (result.reason, result.passing) == ("Invalid", False)
    assert "topology" in result.message
    assert "hunter2" not in result.message
