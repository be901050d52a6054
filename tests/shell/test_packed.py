"""Objects are packed without losing anything that is read, and small enough that a thousand of them are no matter."""

import json
import sys

import pytest

from countersign.api.names import PLAN_UID
from countersign.shell.key import Key
from countersign.shell.packed import pack

MOST_BYTES = 2_500
"""What a waiting plan of one action may take in memory."""


def thing(version="5", **content):
    metadata = {"namespace": "shop", "name": "p", "uid": "u1", "labels": {PLAN_UID: "u0"}, "annotations": {"a": "b"}}
    return {
        "metadata": metadata | {"resourceVersion": version},
        "spec": {"b": [1, 2.5, None], "a": "ü\ud800"},
        **content,
    }


def test_everything_that_is_read_comes_back():
    """Also characters that JSON has to escape."""
    assert pack(thing(status={"phase": "Draft"})).unpack() == thing(status={"phase": "Draft"})


def test_what_can_be_asked_without_unpacking():
    """Who it is, which state of it, of which plan, and where it stands."""
    packed = pack(thing(status={"phase": "Draft", "reason": "AwaitingApproval"}))

    assert (packed.key, packed.uid, packed.version, packed.plan) == (Key("shop", "p"), "u1", "5", "u0")
    assert (packed.phase, packed.reason) == ("Draft", "AwaitingApproval")


@pytest.mark.parametrize("status", [{}, {"status": None}, {"status": {}}], ids=["none", "null", "empty"])
def test_an_object_that_says_nothing_about_itself(status):
    """Nothing is known, and nothing is made up."""
    packed = pack({"metadata": {"name": "p"}, **status})

    assert (packed.uid, packed.version, packed.plan, packed.phase, packed.reason) == ("",) * 5
    assert packed.unpack()["metadata"] == {"name": "p"}


def test_two_versions_of_the_same_content():
    """Have the same text, in whatever order the fields stand."""
    turned = json.loads(json.dumps(thing("6"), sort_keys=True))

    assert pack(thing("5")).text == pack(turned).text
    assert pack(thing("5")).text != pack(thing("5", status={})).text


def test_everybody_gets_a_copy():
    """Who changes theirs changes nobody else's."""
    packed = pack(thing())

    packed.unpack()["spec"].clear()

    assert packed.unpack() == thing()


def test_what_a_plan_takes():
    """A plan as the API server sends it, with its managed fields and as much status as one that waits has."""
    lists = {
        name: [{"name": f"{name}{n}", "result": "Passed", "message": "said " * 8} for n in range(13)] for name in "abc"
    }
    packed = pack(thing(status={"phase": "Draft", "reason": "AwaitingApproval", **lists}))

    parts = (packed, packed.key, packed.uid, packed.version, packed.plan, packed.text)

    assert sum(map(sys.getsizeof, parts)) < MOST_BYTES
