"""Which other plans write an object, and who hears of a new one."""

import pytest
from tests.support.entries import a_known_plan

from countersign.core.others import AskRivals
from countersign.model.facts import Rival
from countersign.shell.key import Key
from countersign.shell.roll import Roll

ONE, TWO = "tools.countersign.dev/one", "tools.countersign.dev/two"


class Plans:
    """Of one namespace, each younger than the one before."""

    def __init__(self):
        self.woken = []
        self.roll = Roll(wake=lambda key: self.woken.append(key.name))
        self.minute = 0

    def see(self, name, *refs, reason="AwaitingApproval", namespace="shop", made=None):
        self.minute += 1
        key = Key(namespace, name)
        at = f"2030-01-01T12:{self.minute if made is None else made:02}:00Z"
        self.roll.note(key, a_known_plan(key, reason, made=at, refs=refs))

    def of(self, name, *refs):
        return self.roll.answer(AskRivals("shop", name, refs))


def test_others():
    """Of the same namespace and for the same object; by object, the oldest first, and never oneself."""
    plans = Plans()
    plans.see("b", ONE, TWO)
    plans.see("a", ONE)
    plans.see("c", ONE, namespace="bank")
    assert plans.of("me", ONE, TWO) == (Rival("b", ONE), Rival("a", ONE), Rival("b", TWO))
    assert plans.of("b", ONE, TWO) == (Rival("a", ONE),)


@pytest.mark.parametrize("reason", ["AwaitingApproval", "Suspended", "Queued", "Running"])
def test_published(reason):
    """From its publication to its end."""
    plans = Plans()
    plans.see("a", ONE, reason=reason)
    assert plans.of("me", ONE) == (Rival("a", ONE),)
    plans.see("a", ONE, reason="Succeeded", made=1)
    assert plans.of("me", ONE) == ()


@pytest.mark.parametrize("reason", ["Validating", "Invalid"])
def test_not_published(reason):
    """What it would do is not settled."""
    plans = Plans()
    plans.see("a", ONE, reason=reason)
    assert plans.of("me", ONE) == ()


def test_bounded():
    """Three plans of an object and twenty objects are named; the status of a plan has to hold them."""
    plans = Plans()
    many = [f"tools.countersign.dev/{number:02}" for number in range(30)]
    for name in "abcde":
        plans.see(name, *many)
    found = plans.of("me", *many)
    assert [rival.plan for rival in found[:3]] == ["a", "b", "c"]
    assert len(found) == 60


def test_those_who_are_told():
    """A plan that comes to write an object wakes those that it is news for, once; its later steps wake nobody."""
    plans = Plans()
    plans.see("a", ONE)
    plans.see("b", ONE)
    assert plans.woken == ["a"]
    plans.see("b", ONE, reason="Suspended", made=2)
    plans.see("a", ONE, reason="Suspended", made=1)
    assert plans.woken == ["a"]
    plans.see("b", ONE, TWO, reason="Suspended", made=2)
    assert plans.woken == ["a"]


def test_what_runs_is_not_told():
    """It is not validated any more."""
    plans = Plans()
    plans.see("a", ONE, reason="Running")
    plans.see("b", ONE)
    assert plans.woken == []


def test_many_for_one_object():
    """Two hundred plans that come one after the other wake six in all, and when they end nobody."""
    plans = Plans()
    names = [f"p{number:03}" for number in range(200)]
    for name in names:
        plans.see(name, ONE, made=0)
    assert plans.woken == ["p000", "p000", "p001", "p000", "p001", "p002"]
    for name in names:
        plans.see(name, ONE, reason="Succeeded", made=0)
    assert len(plans.woken) == 6
