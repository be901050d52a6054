"""Everything one validation looks at, side by side."""

from dataclasses import replace

from tests.support.lives import Life
from tests.support.pretend import World
from tests.support.reviews import a_review
from tests.support.snapshots import a_plan, a_snapshot, an_action
from tests.support.tools import API_KEY, a_connection

from countersign.core.draft import Draft, parse
from countersign.core.projection import preview_questions
from countersign.core.questions import AskAccount, AskPreview, AskReference
from countersign.core.review import open_questions, review
from countersign.model.facts import Absent, Present, Refusal, Refused
from countersign.model.risk import Level

ACCOUNT = AskAccount("team-a", "countersign-executor")


def _credentialed(name):
    return an_action(name, spec={"connection": a_connection(authentication=API_KEY)})


def _asked(*actions, **rest):
    """What is asked once the executor is known."""
    snapshot = a_snapshot(a_plan(*actions, **rest)).with_answers({ACCOUNT: Present("1")})
    return open_questions(snapshot, parse(snapshot.plan))


def test_questions():
    """One Secret that two actions name is one question; each object is one."""
    questions = _asked(_credentialed("a"), _credentialed("b"))
    assert [type(question) for question in questions] == [AskReference, AskPreview, AskPreview]
    assert questions[0].reference.name == "payments-key"
    assert {question.account for question in questions} == {"countersign-executor"}


def test_what_is_answered_is_not_asked_again():
    """Only what is still open."""
    world, snapshot = World(), a_snapshot(a_plan(_credentialed("a"))).with_answers({ACCOUNT: Present("1")})
    questions = open_questions(snapshot, parse(snapshot.plan))
    assert open_questions(snapshot.with_answers(world.answer(questions[:1])), parse(snapshot.plan)) == questions[1:]


def test_nothing_to_ask():
    """Nothing is asked as an executor that is not there, and nothing about a plan that is none."""
    snapshot = a_snapshot().with_answers({ACCOUNT: Absent()})
    assert open_questions(snapshot, parse(snapshot.plan)) == ()
    assert open_questions(a_snapshot(), Draft(spec=None)) == ()
    assert preview_questions(a_snapshot(), Draft(spec=None), parse(a_plan()).actions[0]) == ()


def test_shown():
    """An action is shown when each of its effects could be tried."""
    refused = World(refusals={"b": Refused(Refusal.INVALID, "no")})
    assert [action.shown for action in a_review(an_action("a"), an_action("b"), world=refused).actions] == [True, False]
    assert not a_review(an_action(params={})).actions[0].shown


def test_executor():
    """The identity of the executor, as far as it is known."""
    assert a_review().account_uid == "uid-of-the-executor"
    assert a_review(world=World(account=Absent())).account_uid is None
    assert a_review(serviceAccountName="default").account_uid is None


def test_already_applied():
    """An intent was carried out when its objects say so and nothing about them would change."""
    world = Life().approved().world
    assert a_review(world=world).actions[0].already_applied
    assert not a_review(an_action(key="other"), world=world).actions[0].already_applied
    changed = an_action(spec={"description": "new"})
    assert not a_review(changed, world=world).actions[0].already_applied
    assert not a_review().actions[0].already_applied
    world.tools["payments"].ours["description"] = "changed since"
    assert not a_review(world=world).actions[0].already_applied


def test_risk_of_the_author():
    """What the author asks for is one more factor, with its reason."""
    factors = a_review(an_action(risk="low")).actions[0].factors
    assert factors[-1].rule == "plan.raised"
    assert a_review(an_action(risk="low")).risk is Level.MEDIUM
    assert replace(a_review().actions[0], factors=()).risk is None


def test_unanswered():
    """Before anything was looked up there are trials without an end."""
    snapshot = a_snapshot()
    (action,) = review(snapshot, parse(snapshot.plan)).actions
    assert [trial.preview for trial in action.trials] == [None]
