"""Whom a request can claim to be for, and whom it never can."""

import pytest

from countersign.shell.actor import Actor

EXECUTOR = "system:serviceaccount:shop:countersign-executor"


def test_an_actor_names_its_user_and_its_extra_as_headers():
    """The key of an extra is percent-encoded, because a header name holds no slash."""
    actor = Actor(EXECUTOR, extra=(("countersign.dev/plan", "uid-1/action-2"),))

    assert actor.headers() == (
        ("Impersonate-User", EXECUTOR),
        ("Impersonate-Extra-countersign.dev%2Fplan", "uid-1/action-2"),
    )


@pytest.mark.parametrize(
    "user", ["", " ", "\t", " alice", "alice ", "alice\r\nX-Evil: 1", "a\x00b", "a\x7fb", "a\u2028b"]
)
def test_an_incomplete_or_broken_user_is_no_actor(user):
    """An empty header would run the request with our own rights, and a line break would add a header."""
    with pytest.raises(ValueError, match="An actor's user"):
        Actor(user)


@pytest.mark.parametrize(
    "pair", [("", "x"), ("plan", ""), ("plan", "a\nb"), ("pl\nan", "x"), ("plan", " "), ("Plan", "x")]
)
def test_an_incomplete_or_broken_extra_is_no_actor(pair):
    """A policy decides by the extra, so it arrives whole or not at all."""
    with pytest.raises(ValueError, match="An actor's"):
        Actor(EXECUTOR, extra=(pair,))
