"""Quotas as the API server tells them."""

import pytest
from tests.support.fake_api import FakeApi

from countersign.core.questions import AskQuotas
from countersign.errors import Forbidden, Unavailable
from countersign.model import facts
from countersign.model.effect import RESOURCE_QUOTA
from countersign.model.facts import Hidden, Quota
from countersign.shell.cache import Cache
from countersign.shell.look import Looker

ASKED = AskQuotas("countersign-executor", "shop")
HARD, USED = {"pods": "4"}, {"pods": "1"}


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


async def _told(api: FakeApi):
    return (await Looker(client=api, cache=Cache(())).answer([ASKED]))[ASKED]


async def test_enforced(api):
    """What is enforced and what is used stand in the status."""
    api.put(RESOURCE_QUOTA, "q", spec={"hard": {"pods": "9"}}, status={"hard": HARD, "used": USED})
    assert await _told(api) == (Quota("q", HARD, USED),)


async def test_new(api):
    """A quota that nobody has counted for yet allows what its spec says."""
    api.put(RESOURCE_QUOTA, "q", spec={"hard": HARD})
    (quota,) = await _told(api)
    assert (quota.hard, quota.used) == (HARD, {})


async def test_scopes(api):
    """Plain scopes, and those that ask for certain values."""
    selected = [
        {"scopeName": "NotTerminating", "operator": "Exists"},
        {"scopeName": "PriorityClass", "operator": "In", "values": ["high"]},
    ]
    api.put(RESOURCE_QUOTA, "q", spec={"scopes": ["NotBestEffort"], "scopeSelector": {"matchExpressions": selected}})
    (quota,) = await _told(api)
    assert quota.scopes == {"NotBestEffort", "NotTerminating", "PriorityClass In"}


@pytest.mark.parametrize(
    ("error", "told"), [(Forbidden("no"), Hidden()), (Unavailable("busy"), facts.Unavailable("busy"))]
)
async def test_not_told(api, error, told):
    """What the executor may not see is hidden."""
    api.fail("list", RESOURCE_QUOTA, error)
    assert await _told(api) == told
