"""What is remembered of the authorizer's answers: denials only, for half a minute, and only where that will do."""

from dataclasses import replace

import pytest
from tests.support.clock import Clock
from tests.support.fake_api import FakeApi

from countersign.core.questions import AskAccess
from countersign.errors import Unavailable
from countersign.model import facts
from countersign.model.facts import Allowed, Denied
from countersign.shell.authority import ACCESS_REVIEW, access
from countersign.shell.denials import SECONDS, Denials

ASKED = AskAccess("ann", ("dev",), "impersonate", "", "users", "", "pat", recently=True)


@pytest.fixture
def clock() -> Clock:
    return Clock(1000.0)


@pytest.fixture
def denials(clock) -> Denials:
    return Denials(clock=clock)


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


async def test_asked_again_at_once(api, denials, clock):
    """Once is enough."""
    for _ in range(2):
        assert await access(ASKED, client=api, denials=denials) == Denied()
        clock.now += SECONDS - 1
    assert len(api.reviewed) == 1


async def test_asked_again_later(api, denials, clock):
    """A right that was given meanwhile is seen."""
    await access(ASKED, client=api, denials=denials)
    clock.now += SECONDS
    api.allowed.add("ann")
    assert await access(ASKED, client=api, denials=denials) == Allowed()


async def test_the_age_of_an_answer(api, denials, clock):
    """It is counted from the question, however long the answer took, and is not made younger by being used."""

    async def late(_verb, _plural):
        clock.now += 20.0

    api.before = late
    await access(ASKED, client=api, denials=denials)
    assert ASKED in denials
    clock.now += SECONDS - 20.0
    assert ASKED not in denials


@pytest.mark.parametrize(
    "changes",
    [{"user": "bob"}, {"groups": ("ops",)}, {"verb": "impersonate:user-info"}, {"name": "eve"}, {"resource": "groups"}],
    ids=lambda changes: next(iter(changes)),
)
async def test_another_question(api, denials, changes):
    """It has its own answer."""
    await access(ASKED, client=api, denials=denials)
    await access(replace(ASKED, **changes), client=api, denials=denials)
    assert len(api.reviewed) == 2


async def test_a_right_that_somebody_has(api, denials):
    """It is asked for each time: whoever it was taken from may decide at once."""
    api.allowed.add("ann")
    for _ in range(2):
        assert await access(ASKED, client=api, denials=denials) == Allowed()
    api.allowed.clear()
    assert await access(ASKED, client=api, denials=denials) == Denied()


async def test_an_authorizer_that_does_not_answer(api, denials):
    """That is remembered by nobody."""
    api.fail("review", ACCESS_REVIEW, Unavailable("busy"))
    api.allowed.add("ann")
    assert await access(ASKED, client=api, denials=denials) == facts.Unavailable("busy")
    assert await access(ASKED, client=api, denials=denials) == Allowed()


async def test_what_has_to_be_known_now(api, denials):
    """A right that an approver needs is asked for each time: he may have got it since."""
    asked = replace(ASKED, recently=False)
    for _ in range(2):
        await access(asked, client=api, denials=denials)
    assert len(api.reviewed) == 2


async def test_what_is_too_old_is_forgotten(api, denials, clock):
    """So that the memory does not grow for ever."""
    for name in ("pat", "eve"):
        await access(replace(ASKED, name=name), client=api, denials=denials)
    clock.now += SECONDS
    await access(replace(ASKED, name="kim"), client=api, denials=denials)
    assert len(denials._until) == 1
