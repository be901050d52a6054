"""Calls: who makes them, what an answer says, and what nobody can do."""

import asyncio
from datetime import timedelta

import pytest
from tests.support.counter_service import HttpCaller, Service, callers, serving
from tests.support.counting import COUNT, Counting, a_count
from tests.support.turning import Turning

from countersign.actions import ACTIONS
from countersign.core.questions import AskOutcome, AskPreview, Tracking
from countersign.core.steps import Attempt, Done, Failure, Unsure, Write
from countersign.errors import Fenced
from countersign.model.effect import Call, Target
from countersign.model.facts import CannotTell, Happened, NotHappened, Previewed, Refused, Unavailable
from countersign.shell import look
from countersign.shell.act import Executor
from countersign.shell.cache import Cache
from countersign.shell.calls import NOBODY, Callers, Request, answered
from countersign.shell.look import Looker

TARGET = Target(COUNT, "shop", "a")
CALL = Call(TARGET, {"spec": {"amount": 1}})
TRACKING = Tracking("uid", "p", "count", "k", "digest")
ATTEMPT = Attempt("count", "x", (Write(CALL, TRACKING, None, "digest", place=2),), timedelta(seconds=5))
QUESTION = AskOutcome("x", CALL, "the key", place=2, late=False)
NOWHERE = "http://127.0.0.1:1/counts"


def _looker(known: Callers) -> Looker:
    return Looker(client=None, cache=Cache(()), callers=known)


def _executor(known: Callers, **more) -> Executor:
    return Executor(client=None, looker=_looker(known), key=b"k", rng=lambda: 0.0, callers=known, **more)


@pytest.mark.parametrize(
    ("code", "kind", "reason", "passing"),
    [
        (200, Done, "", None),
        (204, Done, "", None),
        (302, Failure, "Refused", False),
        (400, Failure, "Refused", False),
        (422, Failure, "Refused", False),
        (429, Failure, "Unavailable", True),
        (503, Failure, "Unavailable", True),
        (408, Unsure, "OutcomeUnknown", None),
        (500, Unsure, "OutcomeUnknown", None),
        (504, Unsure, "OutcomeUnknown", None),
    ],
)
def test_answered(code, kind, reason, passing):
    """Only an answer that says so means that nothing was done."""
    found = answered(TARGET, code)
    assert isinstance(found, kind)
    assert (getattr(found, "reason", ""), getattr(found, "passing", None)) == (reason, passing)


async def test_made_and_asked_about():
    """The call is made with a key, and under this key it is found again."""
    with serving(Service()) as service:
        known = callers(service.url)
        assert await _executor(known).carry_out(ATTEMPT) == Done()
        (key,) = service.counts
        assert service.bodies == [{"name": "a", "account": "x", "spec": {"amount": 1}}]
        for asked, told in ((key, Happened()), ("another", NotHappened())):
            question = AskOutcome("x", CALL, asked, place=2, late=False)
            assert (await _looker(known).answer([question]))[question] == told
        service.records = 410
        unknown = AskOutcome("x", CALL, "another", place=2, late=False)
        assert (await _looker(known).answer([unknown]))[unknown] == CannotTell("it answers with 410")


async def test_no_answer():
    """A connection that is lost, or an answer that comes too late, leaves nobody knowing; a refused one does not."""
    with serving(Service(answers=[0])) as service:
        known = callers(service.url)
        assert isinstance(await _executor(known).carry_out(ATTEMPT), Unsure)
        service.holds = 5.0
        slow = Attempt("count", "x", ATTEMPT.writes, timedelta(seconds=0.2))
        assert await _executor(known).carry_out(slow) == Unsure("Timeout", "not done within 0 s")
    refused = await _executor(callers(NOWHERE)).carry_out(ATTEMPT)
    assert isinstance(refused, Failure)
    assert (refused.passing, refused.done) == (True, 2)
    assert isinstance(await HttpCaller(NOWHERE).outcome(Request("x", CALL, "k")), Unavailable)


async def test_nobody_calls():
    """Without a caller for its kind a call is refused at its preview, not made, and nobody can be asked about it."""
    question = AskPreview("x", CALL, TRACKING)
    answers = await _looker(NOBODY).answer([question, QUESTION])
    assert isinstance(answers[question], Refused)
    assert answers[question].message.startswith("nobody here makes calls of kind Count: have the platform team")
    assert isinstance(answers[QUESTION], Unavailable)
    failed = await _executor(NOBODY).carry_out(ATTEMPT)
    assert (failed.reason, failed.passing) == ("KindNotServed", False)


async def test_preview():
    """A call is shown as it would be sent, without asking anybody."""
    question = AskPreview("x", CALL, TRACKING)
    shown = (await _looker(callers(NOWHERE)).answer([question]))[question]
    assert isinstance(shown, Previewed)
    assert (shown.live, shown.result["spec"]) == (None, {"amount": 1})


async def test_fenced():
    """A replica that may have lost its Lease makes no call."""

    def fence():
        raise Fenced("not ours")

    with serving(Service()) as service:
        with pytest.raises(Fenced):
            await _executor(callers(service.url), fence=fence).carry_out(ATTEMPT)
        assert not service.bodies


async def test_silence(monkeypatch):
    """Whoever does not say what became of a call is asked again later."""

    class Silent(HttpCaller):
        async def outcome(self, request):
            await asyncio.sleep(60)

    monkeypatch.setattr(look, "_PATIENCE", 0.05)
    answers = await _looker(Callers(((COUNT, Silent(NOWHERE)),))).answer([QUESTION])
    assert isinstance(answers[QUESTION], Unavailable)


class Watched:
    """Remembers what stood in the journal when it was called; `meanwhile` happens then."""

    def __init__(self):
        self.seen, self.results = [], []
        self.turning, self.meanwhile = Turning(Callers(((COUNT, self),))), []

    async def call(self, request):
        (entry,) = self.turning.status.actions
        self.seen.append((entry.status, entry.intent and entry.intent.effect, entry.effects_done))
        if self.meanwhile:
            self.meanwhile.pop(0)()
        return self.results.pop(0) if self.results else Done()

    async def outcome(self, request):
        return Happened()


@pytest.fixture
async def watched(monkeypatch) -> Watched:
    monkeypatch.setitem(ACTIONS, Counting.type, Counting())
    return Watched()


async def test_written_before_and_after(watched):
    """When a call is made its intent is recorded already, and what became of the one before."""
    await watched.turning.approved(actions=[a_count("call a", "call b")])
    await watched.turning.turn()
    assert watched.seen == [("running", 0, None), ("running", 1, 1)]
    assert watched.turning.status.reason == "Succeeded"


async def test_edited_while_it_is_called(watched):
    """What became of a call is recorded also when somebody suspends the plan meanwhile."""
    await watched.turning.approved(actions=[a_count("call a", "call b")])
    watched.meanwhile = [lambda: watched.turning.edit(suspend=True)]
    await watched.turning.turn()
    (entry,) = watched.turning.status.actions
    assert (watched.turning.status.reason, entry.effects_done, entry.intent) == ("Suspended", 1, None)
    watched.turning.edit(suspend=False)
    await watched.turning.turn()
    assert (watched.turning.status.reason, len(watched.seen)) == ("Succeeded", 2)


async def test_answer_is_lost_in_a_turn(watched):
    """What nobody answered is asked about at once, and not called again."""
    await watched.turning.approved(actions=[a_count("call a")])
    watched.results = [Unsure("OutcomeUnknown", "the connection was lost")]
    await watched.turning.turn()
    assert (watched.turning.status.reason, len(watched.seen)) == ("Succeeded", 1)


async def test_killed_by_an_error(watched):
    """A turn that ends in the middle of a call leaves its intent; the next one asks."""
    await watched.turning.approved(actions=[a_count("call a")])

    def broken():
        raise RuntimeError("broken")

    watched.meanwhile = [broken]
    assert await watched.turning.turn() == "error"
    assert watched.turning.status.actions[0].intent is not None
    await watched.turning.turn()
    assert (watched.turning.status.reason, len(watched.seen)) == ("Succeeded", 1)
