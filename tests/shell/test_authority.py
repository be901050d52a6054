"""Questions about rules and rights: from the cache where that is enough, from the API server where it is not."""

import pytest
from tests.support.fake_api import FakeApi
from tests.support.policies import HUMAN

from countersign.api.names import APPROVAL_POLICY
from countersign.core.questions import AskAccess, AskPolicies
from countersign.errors import Unavailable
from countersign.model import facts
from countersign.model.effect import NAMESPACE
from countersign.model.facts import Allowed, Denied
from countersign.shell.authority import ACCESS_REVIEW
from countersign.shell.cache import Cache
from countersign.shell.look import Looker

WATCHED, CONSISTENT = AskPolicies("shop"), AskPolicies("shop", consistent=True)
ACCESS = AskAccess("ann", ("dev",), "create", "", "serviceaccounts/token", "shop", "robot")


@pytest.fixture
def api() -> FakeApi:
    api = FakeApi()
    api.put(NAMESPACE, "shop", namespace="", metadata={"labels": {"env": "prod"}})
    api.put(APPROVAL_POLICY, "new", namespace="", spec={"byRisk": HUMAN})
    return api


@pytest.fixture
def cache(api) -> Cache:
    """It knows the namespace under other labels, and another policy."""
    cache = Cache((NAMESPACE, APPROVAL_POLICY))
    cache[NAMESPACE].upsert(
        {"metadata": {"name": "shop", "uid": "1", "resourceVersion": "1", "labels": {"env": "test"}}}
    )
    old = {"metadata": {"name": "old", "uid": "2", "resourceVersion": "1"}, "spec": {"byRisk": HUMAN}}
    cache[APPROVAL_POLICY].upsert(old)
    return cache


async def _asked(api, cache, question):
    return (await Looker(client=api, cache=cache).answer([question]))[question]


async def test_what_the_watches_told(api, cache):
    """It costs no request."""
    found = await _asked(api, cache, WATCHED)
    assert ([policy.name for policy in found.policies], found.namespace_labels) == (["old"], {"env": "test"})
    assert api.calls == []


async def test_consistently(api, cache):
    """The API server is asked, whatever the cache holds."""
    found = await _asked(api, cache, CONSISTENT)
    assert ([policy.name for policy in found.policies], found.namespace_labels) == (["new"], {"env": "prod"})
    assert sorted(api.calls) == [("get", "namespaces"), ("list", "approvalpolicies")]


async def test_policies_that_have_not_changed(api, cache):
    """They are read once, whatever namespace asks; a new state of one is read again."""
    looker = Looker(client=api, cache=cache)
    api.put(NAMESPACE, "other", namespace="", metadata={"labels": {"env": "dev"}})
    other = AskPolicies("other")
    first = (await looker.answer([WATCHED]))[WATCHED]
    again = (await looker.answer([other]))[other]
    assert again.policies is first.policies
    assert (first.namespace_labels, again.namespace_labels) == ({"env": "test"}, {"env": "dev"})
    newer = {"metadata": {"name": "old", "uid": "2", "resourceVersion": "2"}, "spec": {"byRisk": {"low": "auto"}}}
    cache[APPROVAL_POLICY].upsert(newer)
    assert (await looker.answer([WATCHED]))[WATCHED].policies[0].spec.by_risk.low == "auto"


async def test_a_namespace_that_no_watch_told_of(api):
    """It is read, because without its labels nobody knows which policies are for it."""
    found = await _asked(api, Cache((NAMESPACE, APPROVAL_POLICY)), WATCHED)
    assert (found.policies, found.namespace_labels) == ((), {"env": "prod"})


@pytest.mark.parametrize(("verb", "kind"), [("get", NAMESPACE), ("list", APPROVAL_POLICY)])
async def test_not_to_be_had(api, verb, kind):
    """What cannot be read is not taken for nothing."""
    api.fail(verb, kind, Unavailable("busy"))
    assert await _asked(api, Cache(()), CONSISTENT) == facts.Unavailable("busy")


async def test_access(api):
    """The question goes to the authorizer with user, groups and subresource."""
    assert await _asked(api, Cache(()), ACCESS) == Denied()
    api.allowed.add("ann")
    assert await _asked(api, Cache(()), ACCESS) == Allowed()
    asked = api.reviewed[0]
    assert (asked["user"], asked["groups"]) == ("ann", ["dev"])
    assert asked["resourceAttributes"] == {
        "verb": "create",
        "group": "",
        "resource": "serviceaccounts",
        "subresource": "token",
        "namespace": "shop",
        "name": "robot",
    }


async def test_access_that_nobody_can_tell(api):
    """An authorizer that does not answer has not said no."""
    api.fail("review", ACCESS_REVIEW, Unavailable("busy"))
    assert await _asked(api, Cache(()), ACCESS) == facts.Unavailable("busy")
