"""The guard: fails closed, knows what it saw when, and remembers it across restarts."""

import asyncio
import contextlib

import pytest
from tests.support.fake_api import FakeApi
from tests.support.guarded import EXPECTED, FORGED, KINDS, installed, keeper, plan, reinstall
from tests.support.waiting import until

from countersign.api.names import EPOCH_STORE, PLAN
from countersign.errors import Forbidden, Unavailable
from countersign.model.effect import CONFIG_MAP
from countersign.shell.guarded import GUARDED


@pytest.fixture
def api() -> FakeApi:
    """Everything is installed."""
    return installed()


def kept(api: FakeApi) -> str:
    return api.now(CONFIG_MAP, EPOCH_STORE, namespace="countersign-system")["data"]["epoch"]


async def test_all_stands(api):
    """The verdict is told once, and the epoch is written down."""
    guard = keeper(api)
    await guard.check(drill=True)
    await guard.check(drill=True)
    assert (guard.state.ok, guard.checked, guard.changes) == (True, True, [True])
    assert kept(api)


@pytest.mark.parametrize("policy", ["countersign-stamp", "countersign-decisions", "countersign-status"])
async def test_a_policy_that_is_there_and_does_not_bite(api, policy):
    """A forgery that passes is a lapse, though every object is as it was installed."""
    guard = keeper(api)
    await guard.check(drill=True)
    api.biting.discard(policy)
    await guard.check(drill=True)
    assert not guard.state.ok
    assert "passed" in guard.state.message


async def test_an_api_that_does_not_answer_is_no_lapse(api):
    """Nothing starts, nobody knows, and nothing is distrusted afterwards; the same trouble is told once."""
    guard = keeper(api)
    await guard.check(drill=True)
    known = plan(api, decision=FORGED)
    for message in ("timed out", "connection refused"):
        api.fail("list", GUARDED[0], Unavailable(message))
        await guard.check(drill=True)
        assert (guard.state.ok, guard.state.asked) == (False, False)
    assert len(guard.changes) == 2
    await guard.check(drill=True)
    assert guard.state.ok
    assert not guard.distrusts(known["metadata"]["uid"])


async def test_what_was_forged_in_a_lapse_is_distrusted(api):
    """A policy that was away for a moment, even unseen, makes a new epoch, and that is told."""
    guard = keeper(api)
    await guard.check(drill=True)
    forged, honest = plan(api, "forged", decision=FORGED), plan(api, "honest")
    reinstall(api)
    await guard.check(drill=False)
    assert guard.state.ok
    assert guard.distrusts(forged["metadata"]["uid"])
    assert not guard.distrusts(honest["metadata"]["uid"])
    assert len(guard.changes) == 2


async def test_the_epoch_is_known_after_a_restart(api):
    """The next operator trusts what this one left, and notices a lapse in between."""
    await keeper(api).check(drill=True)
    waiting = plan(api, decision=FORGED)["metadata"]["uid"]
    second = keeper(api)
    await second.check(drill=True)
    assert not second.distrusts(waiting)
    reinstall(api)
    third = keeper(api)
    await third.check(drill=True)
    assert third.distrusts(waiting)


def intrude(api: FakeApi, name: str = "stranger") -> None:
    rule = {"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["UPDATE"], "resources": ["*"]}
    api.put(KINDS["MutatingWebhookConfiguration"], name, namespace="", webhooks=[{"rules": [rule]}])


async def test_what_came_while_others_could_change_plans_is_distrusted(api):
    """Also a plan that was made meanwhile, and also by an operator that was started since."""
    guard = keeper(api)
    await guard.check(drill=True)
    intrude(api)
    await guard.check(drill=False)
    assert not guard.state.ok
    assert "MutatingWebhookConfiguration stranger may change plans" in guard.state.message
    meanwhile = plan(api, recorded=False, metadata={"creationTimestamp": "2030-01-01T00:00:00Z"})["metadata"]["uid"]
    api.take(KINDS["MutatingWebhookConfiguration"], "stranger", namespace="")
    restarted = keeper(api)
    for watcher in (guard, restarted):
        await watcher.check(drill=False)
        assert watcher.state.ok
        assert watcher.distrusts(meanwhile)


async def test_others_that_the_settings_trust(api):
    """Whoever installed Countersign knows them."""
    intrude(api, "istio")
    guard = keeper(api)
    guard.trusted = ("istio",)
    await guard.check(drill=True)
    assert guard.state.ok


async def test_an_epoch_is_kept_when_the_last_plan_is_settled(api):
    """Until then a restarted operator has to distrust again."""
    guard = keeper(api)
    await guard.check(drill=True)
    before, forged = kept(api), plan(api, decision=FORGED)["metadata"]
    reinstall(api)
    await guard.check(drill=False)
    assert kept(api) == before
    guard.settle(forged["uid"], resource_version=forged["resourceVersion"])
    assert not guard.distrusts(forged["uid"])
    await guard.check(drill=False)
    assert kept(api) != before


async def test_a_turn_that_saw_an_older_state_settles_nothing(api):
    """The watch may lag behind the list: what was forged is still to come, and must not count then."""
    old = plan(api)["metadata"]
    guard = keeper(api)
    await guard.check(drill=True)
    forged = plan(api, decision=FORGED)["metadata"]
    reinstall(api)
    await guard.check(drill=False)
    guard.settle(old["uid"], resource_version=old["resourceVersion"])
    assert guard.distrusts(forged["uid"])


async def test_a_plan_that_is_gone_is_not_waited_for(api):
    """Otherwise the epoch would never be kept."""
    guard = keeper(api)
    await guard.check(drill=True)
    before = kept(api)
    plan(api, decision=FORGED)
    reinstall(api)
    await guard.check(drill=False)
    api.take(PLAN, "p")
    await guard.check(drill=True)
    assert kept(api) != before


async def test_an_epoch_that_cannot_be_written_down_is_tried_again(api):
    """Nobody has to wait for that."""
    api.fail("apply", CONFIG_MAP, Forbidden("no"), Unavailable("busy"))
    guard = keeper(api)
    await guard.check(drill=True)
    assert guard.state.ok
    await guard.check(drill=False)
    await guard.check(drill=False)
    assert kept(api)


async def test_a_plan_that_cannot_be_read_is_distrusted(api):
    """And keeps neither the guard nor the operator from standing."""
    odd = api.put(PLAN, "odd", spec={}, status={"publication": "many"})
    guard = keeper(api)
    await guard.check(drill=True)
    assert guard.state.ok
    assert guard.distrusts(odd["metadata"]["uid"])


async def test_confirmations_are_shared(api):
    """Ten turns that ask at once cost one check."""
    guard = keeper(api)
    await asyncio.gather(*(guard.confirm() for _ in range(10)))
    assert api.calls.count(("list", GUARDED[0].plural)) <= 2


async def test_a_check_that_began_earlier_confirms_nothing(api):
    """The policies may have gone after it looked."""
    guard, looked, go_on = keeper(api), asyncio.Event(), asyncio.Event()

    async def hold(verb, plural):
        if (verb, plural) == ("create", PLAN.plural):
            looked.set()
            await go_on.wait()

    api.before = hold
    running = asyncio.create_task(guard.check(drill=True))
    await looked.wait()
    asked = asyncio.create_task(guard.confirm())
    await asyncio.sleep(0)
    binding = EXPECTED[-1]
    api.take(KINDS[binding["kind"]], binding["metadata"]["name"], namespace="")
    go_on.set()
    await running
    assert not (await asked).ok


async def test_the_loop_looks_when_woken_and_when_its_time_has_come(api):
    """A change is compared at once; the forgeries are tried again and again."""
    guard = keeper(api, drill_every=0.05)
    task = asyncio.create_task(guard.run())
    await until(lambda: api.calls.count(("create", PLAN.plural)) >= 6)
    binding = EXPECTED[-1]
    api.take(KINDS[binding["kind"]], binding["metadata"]["name"], namespace="")
    guard.wake()
    await until(lambda: not guard.state.ok)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_changes_without_end(api):
    """Whoever changes policies all the time does not keep the guard from trying the forgeries."""
    guard = keeper(api, drill_every=0.05)

    async def change(_verb, _plural):
        guard.wake()

    api.before = change
    task = asyncio.create_task(guard.run())
    await until(lambda: api.calls.count(("create", PLAN.plural)) >= 6)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_doubts_of_many(api):
    """Turns that got no answer make the guard look at once, and a thousand of them make it look once."""
    guard = keeper(api)
    task = asyncio.create_task(guard.run())
    await until(lambda: guard.state.ok)
    begun = guard._begun
    for _ in range(1000):
        guard.doubt()
        await asyncio.sleep(0)
    await until(lambda: guard._begun > begun)
    await asyncio.sleep(0.05)
    assert guard._begun == begun + 1
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_a_surprise_ends_the_loop(api):
    """Whoever runs it has to end the operator: it must not go on unguarded."""
    api.fail("list", GUARDED[0], KeyError("surprise"))
    with pytest.raises(KeyError):
        await keeper(api).run()
