"""Which plans care about which objects."""

from countersign.model.effect import TOOL, Target
from countersign.shell.interest import Interest
from countersign.shell.key import Key

A, B = Key("shop", "a"), Key("shop", "b")
ONE, TWO = Target(TOOL, "shop", "one"), Target(TOOL, "shop", "two")


def test_those_who_looked():
    """Sorted, each once."""
    interest = Interest()
    interest.note(B, [ONE, ONE])
    interest.note(A, [ONE, TWO])
    assert interest.of(ONE) == (A, B)
    assert interest.of(Target(TOOL, "elsewhere", "one")) == ()


def test_a_plan_that_looks_elsewhere():
    """What it looked at before counts no more; a turn that looked at nothing changes nothing."""
    interest = Interest()
    interest.note(A, [ONE])
    interest.note(A, [])
    assert interest.of(ONE) == (A,)
    interest.note(A, [TWO])
    assert (interest.of(ONE), interest.of(TWO)) == ((), (A,))


def test_a_plan_that_is_gone():
    """Nothing of it is left, and it can be dropped twice."""
    interest = Interest()
    interest.note(A, [ONE, TWO])
    interest.drop(A)
    interest.drop(A)
    assert (interest._plans, interest._targets) == ({}, {})
