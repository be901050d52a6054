"""Each forgery finds out whether one policy bites, and nothing else passes for that."""

import pytest
from tests.support.fake_api import FakeApi

from countersign.api.install import Install
from countersign.api.names import PLAN
from countersign.errors import Conflict, Forbidden, Unavailable
from countersign.shell.forgeries import FORGERIES, decided, stamped

_POLICIES = (
    "countersign-stamp",
    "countersign-decisions",
    "countersign-delete",
    "countersign-status",
    "countersign-executor",
)


@pytest.mark.parametrize(("forgery", "policy"), [*zip(FORGERIES, _POLICIES, strict=True)], ids=_POLICIES)
async def test_forgery(forgery, policy):
    """It is content while its policy bites, and complains when that does not."""
    api = FakeApi()
    assert await forgery(api, Install()) == ""
    api.biting.discard(policy)
    assert "passed" in await forgery(api, Install())


@pytest.mark.parametrize("error", [Forbidden("exceeded quota", code=403), Conflict("already exists", code=409)])
@pytest.mark.parametrize("forgery", [stamped, decided])
async def test_a_refusal_by_something_else(forgery, error):
    """It proves nothing about the policy, so it is a lapse with a reason."""
    api = FakeApi()
    api.fail("create", PLAN, error)
    assert error.message in await forgery(api, Install())


@pytest.mark.parametrize("forgery", [stamped, decided])
async def test_no_answer(forgery):
    """Nobody knows then."""
    api = FakeApi()
    api.fail("create", PLAN, Unavailable("busy"))
    with pytest.raises(Unavailable):
        await forgery(api, Install())
