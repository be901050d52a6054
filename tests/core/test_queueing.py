"""The line in front of the start: who has to wait is told so, and is judged again when it is called."""

from datetime import timedelta

import pytest
from tests.support.lives import Life
from tests.support.policies import a_policy_spec
from tests.support.pretend import World
from tests.support.snapshots import NOW, a_spec
from tests.support.status_contract import check_status

from countersign.core.others import AskPlace
from countersign.core.questions import AskPolicies
from countersign.model.facts import Clear, InLine

SECOND_IN_LINE = InLine(place=2, most=10)


def _in_line(**rest):
    """Approved an hour after it was submitted, and not first."""
    return Life(world=World(place=SECOND_IN_LINE, **rest)).turn().later(hours=1).decide().turn()


def _places(life):
    return [question for question in life.world.asked if isinstance(question, AskPlace)]


def test_waits_for_its_turn():
    """Approved and Queued, with the place, the cap and what can be done; nothing is written and no request is spent on it."""
    life = _in_line()
    assert (life.status.phase, life.status.reason, life.world.writes) == ("Approved", "Queued", [])
    assert life.status.message.startswith(
        "Approved, and number 2 in the line of its namespace: plans that run at once are capped at 10 in a namespace"
    )
    assert AskPolicies("team-a", consistent=True) not in life.world.asked
    check_status(life.status, generation=1)


def test_all_namespaces_together():
    """The message tells which of the two caps it is."""
    life = Life(world=World(place=InLine(place=1, most=50, everywhere=True))).turn().decide().turn()
    assert "number 1 in the line of its namespace" in life.status.message
    assert "capped at 50 in all namespaces together" in life.status.message


def test_its_turn():
    """The same approval starts it."""
    life = _in_line()
    digest = life.status.digest
    life.world.place = Clear()
    life.turn()
    assert (life.status.reason, life.status.execution.digest) == ("Succeeded", digest)


def test_first_come_first_served():
    """The place follows from the time of the approval, however often it is asked for and whoever asks."""
    life = _in_line().later(hours=2).turn()
    (first, second) = _places(life)
    assert first == second == AskPlace("team-a", "plan", created_at=NOW, approved_at=NOW + timedelta(hours=1))


def test_once_in_a_turn():
    """Also when the policies are read again before the start."""
    life = Life().turn().decide().turn()
    assert AskPolicies("team-a", consistent=True) in life.world.asked
    assert len(_places(life)) == 1


@pytest.mark.parametrize("spec", [a_spec(), a_spec(suspend=True)], ids=["not approved", "suspended"])
def test_not_in_line(spec):
    """Who could not start anyway takes nobody's place."""
    life = Life(spec).turn()
    if spec.get("suspend"):
        life.decide().turn()
        assert life.status.reason == "Suspended"
    assert _places(life) == []


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (lambda life: life.edit(suspend=True), "Suspended"),
        (lambda life: life.decide("reject", by="rex"), "Rejected"),
        (lambda life: life.later(days=2), "Expired"),
        (lambda life: life.world.meddle("payments", description="theirs"), "PreviewChanged"),
        (lambda life: life.edit(cancel=True), "Cancelled"),
    ],
    ids=["suspended", "rejected", "expired", "overtaken", "cancelled"],
)
def test_judged_again(happens, reason):
    """When it is called, everything is judged as if it had just been approved."""
    life = _in_line()
    happens(life)
    life.world.place = Clear()
    life.turn()
    assert (life.status.reason, life.world.writes) == (reason, [])


def test_an_approval_ends_in_line():
    """It is looked at when its time is over, at the latest."""
    life = _in_line()
    life.later(hours=22, minutes=55).turn()
    assert life.until == NOW + timedelta(hours=24)


def test_without_people():
    """A plan that needs no approval waits in line, too."""
    open_to_all = a_policy_spec(byRisk={"low": "auto", "medium": "auto"})
    life = Life(world=World(policies={"open": open_to_all}, place=SECOND_IN_LINE)).turn()
    assert (life.status.phase, life.status.reason) == ("Approved", "Queued")
