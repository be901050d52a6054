"""Stage 11: the plan as a whole fits into the quotas."""

from dataclasses import replace

from tests.support.lives import Life
from tests.support.pretend import World
from tests.support.reviews import a_review, said
from tests.support.snapshots import a_spec, an_action, some_actions

from countersign.core.questions import AskQuotas
from countersign.core.validation.quotas import quotas
from countersign.model.facts import Hidden, Quota, Refusal, Refused, Unavailable

TOOLS = "count/tools.countersign.dev"


def _asked(life: Life) -> int:
    return sum(isinstance(question, AskQuotas) for question in life.world.asked)


def test_within():
    """What is left suffices."""
    world = World(quotas=(Quota("q", {TOOLS: "5"}, {TOOLS: "3"}),))
    assert quotas(a_review(*some_actions(2), world=world)) == []


def test_exceeded():
    """Each object alone would fit; all of them do not, and the message says by how much."""
    world = World(quotas=(Quota("q", {TOOLS: "5"}, {TOOLS: "3"}), Quota("wide", {TOOLS: "50"})))
    (finding,) = quotas(a_review(*some_actions(3), world=world))
    assert said([finding]) == [("Quotas.Exceeded", "spec.actions")]
    assert f"quota q allows 5 of {TOOLS}, 3 are used and the plan would add 3: leave actions out" in finding.message
    assert not finding.retryable


def test_not_allowed_to_look():
    """The executor lacks a right: the finding has the command that grants it."""
    (finding,) = quotas(a_review(world=World(quotas=Hidden())))
    assert (finding.code.code, finding.retryable) == ("Quotas.Unavailable", True)
    assert (
        "may not list resourcequotas in namespace team-a: grant it with kubectl create rolebinding" in finding.message
    )


def test_unavailable():
    """It is asked again, and nothing is published meanwhile."""
    (finding,) = quotas(a_review(world=World(quotas=Unavailable("timeout"))))
    assert (finding.code.code, finding.retryable) == ("Quotas.Unavailable", True)
    life = Life(world=World(quotas=Unavailable("timeout"))).turn()
    assert (life.status.reason, life.status.digest) == ("Validating", None)


def test_refused_by_the_dry_run():
    """One object alone is too much: the API server has said so."""
    world = World(refusals={"b": Refused(Refusal.QUOTA, "exceeded quota: q")})
    (finding,) = quotas(a_review(an_action("a"), an_action("b"), world=world))
    assert said([finding]) == [("Quotas.Exceeded", "spec.actions[1]")]
    assert finding.message == "Tool b is refused: exceeded quota: q"


def test_not_reached():
    """Nothing is said before the previews are there, or the question was asked."""
    world = World(refusals={"payments": Refused(Refusal.INVALID, "no")})
    assert quotas(a_review(an_action("payments"), world=world)) is None
    asked = a_review()
    assert quotas(replace(asked, snapshot=asked.snapshot.afresh(now=asked.snapshot.now))) is None


def test_asked_only_for_what_is_new():
    """A plan that creates nothing does not ask."""
    first = Life(a_spec(an_action(key="one"))).approved()
    assert (first.status.phase, _asked(first) > 0) == ("Executed", True)
    again = Life(a_spec(an_action(key="two")), world=replace(first.world, asked=[])).turn()
    assert (again.status.reason, _asked(again)) == ("AwaitingApproval", 0)


def test_raised():
    """A plan over quota is Invalid, and looked at again without an edit."""
    life = Life(world=World(quotas=(Quota("q", {TOOLS: "0"}),))).turn()
    assert life.status.reason == "Invalid"
    life.world.quotas = ()
    life.now = life.until
    assert life.turn().status.reason == "AwaitingApproval"
