"""Stage 5: what the actions depend on."""

import pytest
from tests.support.action_types import a_copy
from tests.support.lives import Life
from tests.support.pretend import World
from tests.support.reviews import a_review, said
from tests.support.snapshots import a_spec, an_action

from countersign.core.validation.dependencies import dependencies

pytestmark = pytest.mark.usefixtures("copying")


def _depending(name, *needs):
    return an_action(name, dependsOn=list(needs))


def test_fine():
    """A graph without cycles, of actions that exist, and a plan without a graph."""
    assert dependencies(a_review(an_action("a"), _depending("b", "a"))) == []
    assert dependencies(a_review(an_action("a"), an_action("b"))) == []
    assert dependencies(a_review(actions=7)) is None


def test_unknown():
    """Each id that no action has is named, with its place."""
    found = dependencies(a_review(an_action("a"), _depending("b", "a", "nobody", "x")))
    assert said(found) == [
        ("Dependencies.UnknownAction", "spec.actions[1].dependsOn[1]"),
        ("Dependencies.UnknownAction", "spec.actions[1].dependsOn[2]"),
    ]
    assert found[0].message == "there is no action nobody in this plan: correct the id or leave it out"


def test_cycle():
    """The cycle is printed."""
    (finding,) = dependencies(a_review(_depending("a", "b"), _depending("b", "a")))
    assert (finding.code.code, finding.path) == (
        "Dependencies.Cycle",
        f"spec.actions[{'ab'.index(finding.action)}].dependsOn",
    )
    assert finding.message.split(": ")[1] in (
        "a -> b -> a; take one of the dependencies out",
        "b -> a -> b; take one of the dependencies out",
    )


def test_itself():
    """An action that waits for itself is a cycle of one."""
    (finding,) = dependencies(a_review(_depending("a", "a")))
    assert "a -> a;" in finding.message


def test_cycle_is_refused():
    """A plan in a circle is invalid, and the stages that can speak do."""
    life = Life(a_spec(_depending("a", "b"), _depending("b", "a"))).turn()
    assert (life.status.reason, life.world.writes) == ("Invalid", [])
    assert "Dependencies.Cycle" in {finding.code for finding in life.status.validation.diagnostics}


def test_use_of_what_may_not_be_there_yet():
    """What another action makes at the same time may be there or not, whether it is read or only named."""
    world = World()
    world.meddle("a", connection={"baseUrl": "https://a.example.com"})
    reads = a_review(an_action("a", spec={"description": "x"}), a_copy("a", "b"), _depending("c", "b'"), world=world)
    (finding,) = dependencies(reads)
    assert (finding.code.code, finding.path) == ("Dependencies.NotAnAncestor", "spec.actions[1].dependsOn")
    assert finding.message == "Tool a is used here and made by action a: add a to dependsOn"
    names = a_review(an_action("a"), an_action("s"), a_copy("s", "b", depends_on=["s"], needs="a"))
    assert [finding.message for finding in dependencies(names)] == [finding.message]


def test_use_in_order():
    """Before or after: both are fine, as long as it is certain."""
    before = a_review(an_action("a"), a_copy("a", "b", depends_on=["a"], needs="a"))
    assert dependencies(before) == []
    world = World()
    world.meddle("a", connection={"baseUrl": "https://a.example.com"})
    assert dependencies(a_review(a_copy("a", "b"), _depending("a", "b'"), world=world)) == []
