"""Each action in the world that those before it leave behind."""

import pytest
from tests.support.action_types import a_copy
from tests.support.lives import Life
from tests.support.pretend import World
from tests.support.reviews import a_review, said
from tests.support.snapshots import a_plan, a_snapshot, a_spec, an_action

from countersign.core.draft import parse
from countersign.core.effects import content_of
from countersign.core.projection import project
from countersign.core.questions import AskAccount, AskObject
from countersign.core.review import open_questions
from countersign.core.validation import validate
from countersign.core.validation.references import references
from countersign.model.effect import TOOL, Apply, Target
from countersign.model.facts import Hidden, Present, Unavailable

pytestmark = pytest.mark.usefixtures("copying")


def _url(item):
    return item.action.effects[0].fields["spec"]["connection"]["baseUrl"]


def test_what_is_there():
    """What an action reads is looked up as the executor before anything else about it is asked."""
    snapshot = a_snapshot(a_plan(a_copy("a", "b"))).with_answers(
        {AskAccount("team-a", "countersign-executor"): Present("1")}
    )
    (question,) = open_questions(snapshot, parse(snapshot.plan))
    assert question == AskObject("countersign-executor", Target(TOOL, "team-a", "a"))
    world = World()
    world.meddle("a", connection={"baseUrl": "https://there.example.com"})
    assert _url(a_review(a_copy("a", "b"), world=world).actions[0]) == "https://there.example.com"


def test_what_an_earlier_action_makes():
    """It is seen before what is there, and nobody is asked for it."""
    world = World()
    world.meddle("a", connection={"baseUrl": "https://there.example.com"})
    found = a_review(an_action("a"), a_copy("a", "b"), a_copy("b", "c"), world=world)
    assert [_url(item) for item in found.actions] == ["https://a.example.com"] * 3
    assert not any(isinstance(question, AskObject) for question in world.asked)


def test_what_a_later_action_makes():
    """What comes later is not there yet."""
    found = a_review(a_copy("a", "b"), an_action("a"))
    assert said(found.findings) == [("References.NotFound", "spec.actions[0].params.source")]
    assert said(validate(found).findings) == said(found.findings)
    assert not found.actions[0].shown


def test_in_a_graph():
    """Only what an action depends on is there for it, directly or by way of others."""
    chain = a_review(an_action("a"), a_copy("a", "b", depends_on=["a"]), a_copy("a", "c", depends_on=["b'"]))
    assert [item.shown for item in chain.actions] == [True, True, True]
    apart = a_review(an_action("a"), a_copy("a", "b", depends_on=["c"]), an_action("c"))
    assert ("References.NotFound", "spec.actions[1].params.source") in said(apart.findings)


@pytest.mark.parametrize(
    ("sight", "code", "retryable"),
    [(Hidden(), "Access.Forbidden", False), (Unavailable("timeout"), "Access.Unavailable", True)],
)
def test_what_cannot_be_seen(sight, code, retryable):
    """The plan is invalid for want of a right, or undecided for want of an answer; nothing is compiled from guesses."""
    found = a_review(a_copy("a", "b"), world=World(sights={"a": sight}))
    report = validate(found)
    (finding,) = (finding for finding in report.findings if finding.blocks)
    assert (finding.code.code, finding.path, finding.retryable) == (code, "spec.actions[0].params", retryable)
    assert found.actions[0].action.effects == ()
    assert report.undecided == retryable


def test_reference_to_what_is_made():
    """What an earlier action makes exists for those after it."""
    assert references(a_review(an_action("a"), a_copy("a", "b", needs="a"))) == []
    missing = references(a_review(an_action("a"), a_copy("a", "b", needs="x")))
    assert said(missing) == [("References.NotFound", "spec.actions[1].params.needs")]


def test_reference_to_what_may_be_made():
    """As long as nobody knows what an earlier action would make, nothing is said to be missing."""
    world = World(sights={"hidden": Hidden()})
    found = a_review(an_action("a"), a_copy("hidden", "x"), a_copy("a", "b", needs="x"), world=world)
    assert references(found) == []


def test_content():
    """What an effect leaves behind looks like the object that it makes."""
    effect = Apply(Target(TOOL, "team-a", "x"), {"metadata": {"labels": {"a": "b"}}, "spec": {}})
    assert content_of(effect) == {"metadata": {"labels": {"a": "b"}, "name": "x", "namespace": "team-a"}, "spec": {}}


def test_nothing_to_project():
    """Actions that are not understood have no effects in any world."""
    snapshot = a_snapshot(a_plan(an_action(type="nobody.knows"), an_action("b", params={})))
    assert [item.action.compiled for item in project(snapshot, parse(snapshot.plan))] == [False, False]


def test_a_life():
    """A copy of what the plan itself makes is approved, made and recorded like anything else."""
    life = Life(a_spec(an_action("a"), a_copy("a", "b"))).approved()
    assert (life.status.reason, life.world.writes) == ("Succeeded", ["a", "b"])
    assert life.world.tools["b"].ours["connection"]["baseUrl"] == "https://a.example.com"


def test_changed_between():
    """What somebody changes between two actions is not what the approvers saw: the rest is shown to them again."""
    life = Life(a_spec(an_action("x"), an_action("a"), a_copy("other", "b")))
    life.world.meddle("other", connection={"baseUrl": "https://before.example.com"})
    life.turn().decide()
    change = {"baseUrl": "https://after.example.com"}
    life.meanwhile = [lambda: None, lambda: life.world.meddle("other", connection=change)]
    life.crash_in = 4
    life.turn().turns()
    assert (life.status.reason, life.world.writes) == ("PreviewChanged", ["x", "a"])
    assert life.status.history[-1].result == "Interrupted"


def test_gone_between():
    """What somebody deletes between two actions ends the run, and the new verdict says what is missing."""
    life = Life(a_spec(an_action("x"), a_copy("other", "b")))
    life.world.meddle("other", connection={"baseUrl": "https://before.example.com"})
    life.turn().decide()
    life.crash_in = 3
    life.turn()
    life.world.lose("other")
    life.turns()
    assert (life.status.reason, life.world.writes) == ("Invalid", ["x"])
    assert life.status.history[-1].summary == "there is no Tool other: create it first; 1 created"


@pytest.mark.parametrize(("sight", "reason"), [(Hidden(), "Forbidden"), (Unavailable("timeout"), "Unavailable")])
def test_hidden_between(sight, reason):
    """What can no longer be seen fails the action; what cannot be seen at this moment is tried again."""
    life = Life(a_spec(an_action("x"), a_copy("other", "b") | {"retries": 1}))
    life.world.meddle("other", connection={"baseUrl": "https://before.example.com"})
    life.turn().decide()
    life.crash_in = 3
    life.turn()
    life.world.sights["other"] = sight
    life.turns()
    assert (life.status.reason, life.status.actions[1].reason) == ("ActionFailed", reason)
