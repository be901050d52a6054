"""The operator's key is made once and is never a weak one."""

import base64

import pytest
from tests.support.fake_api import FakeApi

from countersign.api.install import Install
from countersign.errors import ConfigurationError, Unavailable
from countersign.model.effect import SECRET
from countersign.shell.secret_key import NAME, fetch

HOME = "countersign-system"


async def test_the_first_start_makes_it():
    """Every later one finds the same."""
    api = FakeApi()
    key = await fetch(api, Install())
    assert len(key) == 32
    assert await fetch(api, Install()) == key


async def test_two_replicas_that_start_together():
    """The one who loses takes the winner's."""
    api, theirs = FakeApi(), bytes(range(32))

    async def faster(verb, _plural):
        if verb == "apply":
            api.put(SECRET, NAME, namespace=HOME, data={"key": base64.b64encode(theirs).decode()})

    api.before = faster
    assert await fetch(api, Install()) == theirs


@pytest.mark.parametrize(
    "data",
    [None, {}, {"key": ""}, {"key": "c2hvcnQ="}, {"key": "%%%"}, {"other": "x"}],
    ids=["no data", "empty", "no bytes", "too short", "no base64", "another name"],
)
async def test_a_secret_without_a_key(data):
    """Digests made with a key that anybody can guess would tell values; the message says what to do."""
    api = FakeApi()
    api.put(SECRET, NAME, namespace=HOME, data=data)
    with pytest.raises(ConfigurationError, match=f"{HOME}/{NAME} holds no key .* delete it"):
        await fetch(api, Install())


async def test_no_answer():
    """It is no reason to make another."""
    api = FakeApi()
    api.fail("get", SECRET, Unavailable("busy"))
    with pytest.raises(Unavailable):
        await fetch(api, Install())
    assert ("apply", "secrets") not in api.calls
