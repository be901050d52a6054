"""How many plans of a namespace are open, and who is taken up when one ends."""

from datetime import UTC, datetime

import pytest
from tests.support.entries import a_known_plan

from countersign.core.others import AskCrowd
from countersign.model import instant
from countersign.model.facts import Crowd
from countersign.shell.key import Key
from countersign.shell.roll import Roll

A, B, C, D = (Key("shop", name) for name in "abcd")


def made(minute):
    return f"2030-01-01T12:{minute:02}:00Z"


def a_roll(woken=None, **reasons):
    """Plans of one namespace with a cap of 2, one a minute."""
    roll = Roll(open_plans=2, wake=(woken if woken is not None else []).append)
    for minute, (name, reason) in enumerate(reasons.items()):
        roll.note(Key("shop", name), a_known_plan(Key("shop", name), reason, made=made(minute)))
    return roll


def ahead(roll, name, minute, *, namespace="shop"):
    found = roll.answer(AskCrowd(namespace, name, created_at=instant.parse(made(minute))))
    assert isinstance(found, Crowd)
    return found.ahead


def test_the_oldest_first():
    """Each is behind those that were made before it; a name decides in the same second."""
    roll = a_roll(a="Validating", b="Invalid", c="Validating")
    assert [ahead(roll, name, minute) for minute, name in enumerate("abc")] == [0, 1, 2]
    assert (ahead(roll, "bb", 1), ahead(roll, "aa", 1)) == (2, 1)
    assert ahead(roll, "a", 5, namespace="bank") == 0


def test_the_published_before_all():
    """What approvers look at counts first, however young it is."""
    roll = a_roll(a="Validating", b="AwaitingApproval", c="Running", d="Succeeded")
    assert ahead(roll, "a", 0) == 2


@pytest.mark.parametrize("end", ["Succeeded", None])
def test_one_that_ends(end):
    """The oldest that was turned away is woken, once, and nobody else."""
    woken = []
    roll = a_roll(woken, a="AwaitingApproval", b="Invalid", d="TurnedAway", c="TurnedAway")
    assert woken == []
    roll.note(A, a_known_plan(A, end, made=made(0)) if end else None)
    assert woken == [D]
    roll.note(Key("shop", "e"), a_known_plan(Key("shop", "e"), "TurnedAway", made=made(9)))
    assert woken == [D]


def test_woken_again():
    """A plan that has had its turn and found no room is woken the next time."""
    woken = []
    roll = a_roll(woken, a="AwaitingApproval", b="AwaitingApproval", c="TurnedAway")
    roll.note(A, None)
    assert woken == [C]
    roll.note(A, a_known_plan(A, "AwaitingApproval", made=made(5)))
    assert ahead(roll, "c", 2) == 2
    roll.note(B, None)
    assert woken == [C, C]


def test_deleted_in_the_foreground():
    """A plan that is about to go is not in the way."""
    leaving = a_known_plan(A, "AwaitingApproval", made=made(0))
    leaving["metadata"]["deletionTimestamp"] = instant.show(datetime(2030, 1, 1, tzinfo=UTC))
    roll = a_roll(b="Validating")
    roll.note(A, leaving)
    assert ahead(roll, "c", 9) == 1


def test_without_a_cap():
    """Nobody is woken, since nobody is turned away."""
    woken = []
    roll = Roll(wake=woken.append)
    roll.note(A, a_known_plan(A, "TurnedAway"))
    roll.note(B, a_known_plan(B, "AwaitingApproval"))
    roll.note(B, None)
    assert woken == []
