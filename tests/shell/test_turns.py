"""Turns: what a plan's next step is, is done; whatever goes wrong, another turn follows, and nothing is done unseen."""

import asyncio
import contextlib

import pytest
from tests.support.scene import Scene, a_plan, tool_action
from tests.support.turning import P, Turning
from tests.support.waiting import until

from countersign.api.names import PLAN
from countersign.core.snapshot import Guard
from countersign.errors import Forbidden, NotFound, Unavailable
from countersign.model.effect import SERVICE_ACCOUNT, TOOL, Target
from countersign.shell import turn as writer
from countersign.shell import turns as workers


@pytest.fixture
async def turning() -> Turning:
    return Turning()


async def test_a_life(turning):
    """Judged, approved, run; a turn more changes nothing, nothing is asked for it, and its objects concern it no more."""
    await turning.approved("one", "two")
    assert await turning.turn() == "success"
    assert (turning.status.reason, turning.tools()) == ("Succeeded", ["one", "two"])
    before = len(turning.api.calls)
    turning.queue.add(P)
    assert await turning.turn() == "success"
    assert len(turning.api.calls) == before
    assert turning.interest.of(Target(TOOL, "shop", "one")) == ()


# Something happens in the middle of a run


async def test_suspended_in_the_middle(turning):
    """It stops before the next effect, and goes on when it may."""
    await turning.approved("one", "two")
    turning.on_write(lambda: turning.edit(suspend=True))
    await turning.turn()
    assert (turning.status.reason, turning.tools()) == ("Suspended", ["one"])
    turning.edit(suspend=False)
    await turning.turn()
    assert (turning.status.reason, turning.tools()) == ("Succeeded", ["one", "two"])
    assert [entry.attempts for entry in turning.status.actions] == [1, 1]


async def test_cancelled_in_the_middle(turning):
    """What was done stays, the rest is skipped."""
    await turning.approved("one", "two")
    turning.on_write(lambda: turning.edit(cancel=True))
    await turning.turn()
    assert (turning.status.reason, turning.tools()) == ("Cancelled", ["one"])
    assert [entry.status for entry in turning.status.actions] == ["applied", "skipped"]


async def test_deleted_in_the_middle(turning):
    """It stops before the next effect, and nothing is kept of it."""
    await turning.approved("one", "two")
    turning.on_write(turning.remove)
    await turning.turn()
    await turning.turn()
    assert turning.tools() == ["one"]
    assert turning.interest.of(Target(TOOL, "shop", "one")) == ()


async def test_deleted_and_made_again_in_the_middle(turning):
    """The new plan of the same name is another one: it waits for its own approval."""
    await turning.approved("one", "two")

    def replaced():
        turning.remove()
        turning.submit("one", "two")

    turning.on_write(replaced)
    await turning.turn()
    await turning.turn()
    assert (turning.status.reason, turning.tools()) == ("AwaitingApproval", ["one"])


async def test_a_status_that_somebody_else_wrote_in_the_middle(turning):
    """Another operator is at work: this turn ends without another effect and does not write over that."""
    await turning.approved("one", "two")

    def other_operator():
        now = turning.api.now(PLAN, "p")
        status = now["status"] | {"message": "written by another operator"}
        turning.see(turning.api.put(PLAN, "p", spec=now["spec"], status=status, metadata=now["metadata"]))

    turning.on_write(other_operator)
    assert await turning.turn() == "conflict"
    assert turning.tools() == ["one"]
    assert turning.status.message == "written by another operator"
    assert await turning.turn() == "success"
    assert (turning.status.reason, turning.tools()) == ("Succeeded", ["one", "two"])


async def test_edited_just_before_the_journal_is_written(turning, monkeypatch):
    """The journal is refused then; what this turn has done already is not forgotten over it."""
    monkeypatch.setattr(writer, "_JOURNAL_EVERY", 0.0)
    await turning.approved("one", "two", "three")

    async def suspend_unseen(verb, plural):
        if (verb, plural, turning.tools()) == ("apply", PLAN.plural, ["one"]):
            turning.api.before = None
            now = turning.api.now(PLAN, "p")
            spec = now["spec"] | {"suspend": True}
            turning.api.put(PLAN, "p", spec=spec, status=now["status"], metadata=now["metadata"])

    turning.api.before = suspend_unseen
    assert await turning.turn() == "success"
    assert (turning.status.reason, turning.tools()) == ("Suspended", ["one"])
    assert [(entry.status, entry.attempts) for entry in turning.status.actions] == [
        ("applied", 1),
        ("pending", 0),
        ("pending", 0),
    ]


async def test_attempts_after_a_restart(turning):
    """The next operator goes on where the last one was, and does not count what it only looked at as another attempt."""
    await turning.approved("one", "two", "three")
    turning.api.fail("apply", TOOL, RuntimeError("killed"))
    assert await turning.turn() == "error"
    assert await turning.turn() == "success"
    assert [entry.attempts for entry in turning.status.actions] == [1, 1, 1]


async def test_side_by_side(turning):
    """Actions that may run together do: a slow one holds up only what depends on it."""
    slow = asyncio.Event()
    actions = [tool_action(name) for name in ("slow", "quick", "after")]
    actions[2]["dependsOn"] = ["quick"]
    turning.submit("slow", actions=actions)
    assert await turning.turn() == "success"
    turning.decide("approve")

    async def hold(verb, plural):
        if (verb, plural) == ("apply", TOOL.plural) and not slow.is_set() and not turning.tools():
            turning.api.before = None
            await slow.wait()

    turning.api.before = hold
    task = asyncio.create_task(turning.turn())
    await until(lambda: turning.tools() == ["after", "quick"])
    await until(lambda: [entry.status for entry in turning.status.actions] == ["running", "applied", "applied"])
    slow.set()
    assert await task == "success"
    assert (turning.status.reason, turning.status.progress) == ("Succeeded", "3/3")


async def test_deleted_while_in_flight(turning):
    """What is in flight lands before the turn is over; nothing else begins."""
    actions = [tool_action(name) for name in ("one", "two")]
    actions[1]["dependsOn"] = ["one"]
    turning.submit("one", actions=actions)
    await turning.turn()
    turning.decide("approve")
    turning.on_write(turning.remove)
    assert await turning.turn() == "success"
    assert turning.tools() == ["one"]


async def test_written_before_the_next_chapter(turning):
    """An action on what an earlier one made waits until the journal says that the earlier one is done."""
    actions = [tool_action("one", description="first"), tool_action("one", key="v2", description="second")]
    actions[1]["id"] = "again"
    turning.submit("one", actions=actions)
    await turning.turn()
    turning.decide("approve")
    seen = []

    async def look(verb, plural):
        if (verb, plural) == ("apply", TOOL.plural):
            seen.append([entry.status for entry in turning.status.actions])

    turning.api.before = look
    assert await turning.turn() == "success"
    assert seen == [["pending", "pending"], ["applied", "running"]]


# The guard


async def test_a_guard_that_is_gone_when_it_is_asked_again(turning):
    """What was true when the turn began is not enough: nothing starts."""
    await turning.approved("one")
    turning.guard.confirmed = Guard(ok=False, message="The policies are gone")
    await turning.turn()
    assert (turning.status.reason, turning.tools()) == ("GuardMissing", [])
    assert turning.status.approval.decisions == []


async def test_a_guard_that_falls_while_a_plan_is_cancelled(turning):
    """What was made before is called applied all the same: it is looked at anew."""
    await turning.approved("one", "two")

    def cancel_and_decide():
        turning.edit(cancel=True)
        turning.decide("reject")
        turning.guard.confirmed = Guard(ok=False, message="The policies are gone")

    turning.on_write(cancel_and_decide)
    await turning.turn()
    assert (turning.status.reason, turning.tools()) == ("Cancelled", ["one"])
    assert [entry.status for entry in turning.status.actions] == ["applied", "skipped"]


async def test_nothing_to_do_needs_no_guard(turning):
    """A plan whose actions were all carried out before writes nothing, so nobody is asked whether the policies stand."""
    await turning.approved("one")
    await turning.turn()
    turning.remove()
    turning.submit("one")
    await turning.turn()
    turning.decide("approve")
    turning.guard.confirmed = Guard(ok=False, message="never asked")
    await turning.turn()
    assert (turning.status.reason, turning.status.actions[0].reason) == ("Succeeded", "AlreadyApplied")


async def test_a_plan_that_is_distrusted(turning):
    """Its decision is recorded as not counting, and then that state of it is settled."""
    await turning.approved("one")
    turning.guard.distrusted.add(turning.api.now(PLAN, "p")["metadata"]["uid"])
    await turning.turn()
    assert turning.tools() == []
    assert [decision.counts for decision in turning.status.approval.decisions] == [False]
    assert turning.guard.settled == [turning.api.now(PLAN, "p")["metadata"]["resourceVersion"]]


# Something goes wrong


async def test_a_plan_that_was_edited_meanwhile(turning):
    """What was judged is not what is there: it is read and judged again."""
    turning.submit("one")
    now = turning.api.now(PLAN, "p")
    turning.api.put(PLAN, "p", spec=now["spec"] | {"suspend": True}, status={}, metadata=now["metadata"])
    assert await turning.turn() == "conflict"
    assert await turning.turn() == "success"
    assert turning.status.reason == "AwaitingApproval"


async def test_a_plan_that_is_gone_before_the_watch_says_so(turning):
    """Its deletion will be no news then, so everything about it is forgotten at once."""
    turning.submit("one")
    turning.queue.retry(P)
    turning.api.take(PLAN, "p")
    assert await turning.turn() == "gone"
    assert turning.cache[PLAN].get(P) is None
    assert turning.interest.of(Target(TOOL, "shop", "one")) == ()
    assert turning.queue._failures == {}


async def test_a_successor_that_the_watch_tells_of_first(turning):
    """The answer that there is no such plan may come later than the next plan of that name: that one is judged all the same."""
    turning.submit("one")
    turning.api.take(PLAN, "p")

    async def replaced(verb: str, plural: str) -> None:
        if (verb, plural) == ("get", PLAN.plural):
            turning.api.before = None
            turning.submit("two")
            raise NotFound("plans p not found", code=404)

    turning.api.before = replaced
    assert await turning.turn() == "gone"
    assert await turning.turn() == "success"
    assert turning.status.reason == "AwaitingApproval"


async def test_a_server_that_asks_for_patience(turning):
    """The next turn is not before that."""
    turning.submit("one")
    busy = Unavailable("busy")
    busy.retry_after = 60.0
    turning.api.fail("apply", PLAN, busy)
    assert await turning.turn() == "unavailable"
    assert turning.queue._backlog.next_due() > asyncio.get_running_loop().time() + 59
    assert turning.guard.doubts == 1


async def test_a_question_that_nobody_answers(turning):
    """A published plan stays as it is; it asks ever more seldom, and whether the API server is there at all is looked at."""
    turning.submit("one")
    assert await turning.turn() == "success"
    turning.decide("approve")
    turning.api.fail("get", SERVICE_ACCOUNT, *[Unavailable("timed out")] * 3)
    for pause in (8, 19, 39):
        assert await turning.turn() == "unavailable"
        assert turning.queue._backlog.next_due() > asyncio.get_running_loop().time() + pause
        turning.queue._backlog._delayed.clear()
        turning.queue.add(P)
    assert (turning.status.reason, turning.guard.doubts) == ("AwaitingApproval", 3)
    assert await turning.turn() == "success"
    assert (turning.status.reason, turning.queue._failures) == ("Succeeded", {})


@pytest.mark.parametrize("error", [Forbidden("no"), RuntimeError("surprise")])
async def test_a_worker_outlives_every_turn(turning, error):
    """The key comes again after its back-off, and the worker takes the next one."""
    turning.submit("one")
    turning.api.fail("apply", PLAN, error)
    worker = asyncio.create_task(turning.turns.work())
    await until(lambda: turning.ended == ["error", "success"])
    turning.queue.stop()
    await worker


async def test_a_status_that_cannot_be_read(turning):
    """The plan waits longer and longer; no other plan suffers."""
    turning.see(turning.api.put(PLAN, "p", spec={}, status={"publication": "many"}))
    assert await turning.turn() == "error"
    assert turning.queue.delayed == 1


async def test_a_turn_that_hangs(turning, monkeypatch):
    """It is noticed; a long plan that gets on is none that hangs."""
    hang = asyncio.Event()

    async def never(_verb, _plural):
        await hang.wait()

    turning.submit("one")
    turning.api.before = never
    task = asyncio.create_task(turning.turn())
    await asyncio.sleep(0.02)
    assert not turning.turns.overdue
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    monkeypatch.setattr(workers, "_STEP_SECONDS", 0.0)
    turning.queue.add(P)
    task = asyncio.create_task(turning.turn())
    await asyncio.sleep(0.02)
    assert turning.turns.overdue
    hang.set()
    await task
    assert not turning.turns.overdue


# On the real API server

MANY = [f"t{number}" for number in range(80)]


def _running(scene: Scene) -> None:
    """A plan of many actions has begun."""
    assert scene.submit(a_plan("long", *[tool_action(name) for name in MANY])).ok
    scene.until("long", "AwaitingApproval")
    assert scene.decide("long", "approve").ok
    scene.until_true("long", lambda _: scene.has_tool(MANY[0]))


def _made(scene: Scene) -> int:
    return len(scene.admin.get(scene.path(plural="tools")).body["items"])


@pytest.mark.cluster
def test_suspended_and_then_cancelled_for_real(scene: Scene):
    """An operator that is busy with the plan notices at once, and the journal says exactly what was made."""
    _running(scene)
    assert scene.edit("long", suspend=True).ok
    plan = scene.until("long", "Suspended")
    assert 0 < _made(scene) < len(MANY)
    assert [entry["status"] for entry in plan["status"]["actions"]].count("applied") == _made(scene)
    assert scene.edit("long", cancel=True).ok
    plan = scene.until("long", "Cancelled")
    assert plan["status"]["outcome"]["entitiesAffected"] == _made(scene)


@pytest.mark.cluster
def test_cancelled_and_deleted_for_real(scene: Scene):
    """A running plan is deleted after it was cancelled; what it made stays, and no more is made."""
    _running(scene)
    assert not scene.proposer.delete(scene.path("long")).ok
    assert scene.edit("long", cancel=True).ok
    scene.until("long", "Cancelled")
    made = _made(scene)
    assert scene.proposer.delete(scene.path("long")).ok
    assert 0 < made < len(MANY)
    assert _made(scene) == made
