"""Several actions on one object are one story."""

import pytest
from tests.support.action_types import a_copy
from tests.support.lives import Life
from tests.support.pretend import World
from tests.support.reviews import a_review
from tests.support.snapshots import a_spec, an_action

pytestmark = pytest.mark.usefixtures("copying")

FIRST = an_action("a", spec={"description": "first"})
SECOND = an_action("a", id="again", key="a.v2", spec={"description": "second"})
OTHER = an_action("b")


def _story(review):
    """Of each action: operation, the changed paths below spec with their old values, and what it comes after."""
    return [
        (
            item.weighed[0].operation.value,
            {change.path[1:]: change.old for change in item.weighed[0].changes if change.path[0] == "spec"},
            item.trials[0].after,
        )
        for item in review.actions
    ]


def test_made_and_changed():
    """The second action changes what the first one makes."""
    created, changed = _story(a_review(FIRST, SECOND))
    assert (created[0], created[2]) == ("created", "")
    assert changed == ("configured", {("description",): "first"}, "a")


def test_changed_and_changed_back():
    """There and back again is two changes, though nothing differs at the end."""
    life = Life(a_spec(FIRST)).approved()
    there, back = _story(
        a_review(SECOND, an_action("a", id="back", key="a.v3", spec={"description": "first"}), world=life.world)
    )
    assert there[1] == {("description",): "first"}
    assert back[1] == {("description",): "second"}


def test_in_a_graph():
    """Only what an action depends on comes before it in the story."""
    third = an_action("a", id="third", key="a.v3", dependsOn=["again"], spec={"description": "third"})
    story = _story(a_review(FIRST, {**SECOND, "dependsOn": ["a"]}, third, OTHER))
    assert [after for _, _, after in story] == ["", "a", "again", ""]


def test_made_with_what_others_set():
    """What an earlier action leaves behind holds what others set too, so that it is approved as it will be found."""
    life = Life(a_spec(an_action("a"), a_copy("a", "b")))
    life.world.meddle("a", description="theirs")
    life.approved()
    assert (life.status.reason, life.status.publication) == ("Succeeded", 1)
    assert life.world.tools["b"].ours["description"] == "theirs"


def test_a_life():
    """What was approved as one story runs as one story, in the turn that starts it and after a restart at any moment."""
    for moment in (None, *range(1, 9)):
        life = Life(a_spec(FIRST, SECOND, OTHER)).turn().decide()
        life.crash_in = moment
        life.turn().turns()
        assert (life.status.reason, life.status.publication, life.world.writes) == ("Succeeded", 1, ["a", "a", "b"])
        assert life.world.tools["a"].ours["description"] == "second"
        assert life.status.outcome.entities_affected == 2
        assert life.status.outcome.details["created"] == ["tools.countersign.dev/a", "tools.countersign.dev/b"]


def test_again():
    """The same story in another plan is already told: nothing is written."""
    world = Life(a_spec(FIRST, SECOND, OTHER)).approved().world
    world.writes.clear()
    life = Life(a_spec(FIRST, SECOND, OTHER), world=world, uid="uid-2").approved()
    assert [entry.reason for entry in life.status.actions] == ["AlreadyApplied"] * 3
    assert (life.status.reason, world.writes) == ("Succeeded", [])


def test_again_after_a_change():
    """If the end of the story was changed since, all of it is shown and told again."""
    world = Life(a_spec(FIRST, SECOND)).approved().world
    world.tools["a"].ours["description"] = "changed since"
    world.writes.clear()
    life = Life(a_spec(FIRST, SECOND), world=world, uid="uid-2").approved()
    assert (life.status.reason, world.writes, world.tools["a"].ours["description"]) == (
        "Succeeded",
        ["a", "a"],
        "second",
    )


def test_what_is_told_is_no_part_of_a_new_story():
    """An action that was carried out before leaves nothing behind that is not there already."""
    world = Life(a_spec(an_action("a"))).approved().world
    found = a_review(an_action("a"), a_copy("a", "b"), world=world)
    assert [item.already_applied for item in found.actions] == [True, False]


def test_refused():
    """A dry run that was refused has no part in the story."""
    taken = World()
    taken.meddle("a", description="theirs")
    found = a_review(FIRST, SECOND, world=taken)
    assert [item.shown for item in found.actions] == [False, False]
