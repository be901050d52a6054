"""Stages 12 and 13: decisions that do not count, and the risk of the plan."""

from hypothesis import given
from hypothesis import strategies as st
from tests.support import six_types
from tests.support.lives import Life
from tests.support.pretend import World
from tests.support.reviews import a_review, said
from tests.support.settings import MODEST
from tests.support.six_types import VARIANTS, EmptyWorld
from tests.support.snapshots import a_plan, an_action

from countersign.actions import ACTIONS
from countersign.core.validation.risk import risk
from countersign.core.validation.signatures import signatures
from countersign.model.facts import Unavailable
from countersign.model.risk import Level

LEVELS = ("low", "medium", "high", "critical")
TAGS = st.sampled_from([[], ["pii"], ["internal"], ["financial", "destructive"]])
DRAWN = st.lists(st.tuples(st.none() | st.sampled_from(LEVELS), TAGS), min_size=1, max_size=8)


@MODEST
@given(DRAWN)
def test_highest(drawn):
    """A plan is as risky as its riskiest action, never less, never more, in whatever order they stand."""
    actions = [
        an_action(f"tool-{number}", spec={"riskTags": tags}, **({"risk": level} if level else {}))
        for number, (level, tags) in enumerate(drawn)
    ]
    alone = [a_review(action).risk for action in actions]
    assert None not in alone
    assert a_review(*actions).risk is a_review(*reversed(actions)).risk is max(alone)


@MODEST
@given(
    st.lists(
        st.tuples(st.sampled_from(range(len(VARIANTS))), st.none() | st.sampled_from(LEVELS)), min_size=1, max_size=6
    )
)
def test_highest_of_all_types(drawn):
    """So it is with any actions of all six types."""
    actions = [six_types.an_action(variant, number, risk=level) for number, (variant, level) in enumerate(drawn)]
    alone = [a_review(action, world=EmptyWorld()).risk for action in actions]
    assert None not in alone
    together = [a_review(*order, world=EmptyWorld()).risk for order in (actions, reversed(actions))]
    assert together == [max(alone)] * 2


def test_all_types_have_their_levels():
    """The actions of the property above are of every type and of every level."""
    assert {kind for kind, _, _ in VARIANTS} == set(ACTIONS)
    levels = {a_review(six_types.an_action(variant, 0), world=EmptyWorld()).risk for variant in range(len(VARIANTS))}
    assert levels == set(Level)


@MODEST
@given(st.sampled_from(LEVELS), TAGS)
def test_raised(level, tags):
    """The author may raise the risk of an action and never lower it."""
    own = a_review(an_action(spec={"riskTags": tags})).risk
    assert a_review(an_action(spec={"riskTags": tags}, risk=level)).risk is max(own, Level(level))


def test_unknown_until_everything_is_seen():
    """While one action cannot be seen the risk of the plan is not known."""
    review = a_review(an_action("a"), an_action("b"), world=World(refusals={"b": Unavailable("x")}))
    assert (review.risk, risk(review)) == (None, None)
    assert risk(a_review(actions=1)) is None


def test_blocked():
    """A plan that may not run names the first of its riskiest actions."""
    (finding,) = risk(a_review(an_action("a"), an_action("b", risk="critical"), an_action("c", risk="critical")))
    assert said([finding]) == [("Risk.Blocked", "spec.actions[1]")]
    assert finding.message == (
        "plans of critical risk may not run here, by byRisk.critical of built-in: lower the risk of action b, or ask the platform team"
    )


def test_not_blocked():
    """What may be approved is no finding."""
    assert risk(a_review(an_action(risk="high"))) == []


def test_signatures():
    """A decision about the current digest that does not count is told with the reason; it makes no plan invalid."""
    life = Life().turn().decide(by="pat").turn().decide().turn()
    (finding,) = signatures(a_review(plan=a_plan(status=life.status)))
    assert (finding.code.code, finding.blocks) == ("Signatures.NotCounted", False)
    gone = life.status.but(digest="sha256:other")
    assert list(signatures(a_review(plan=a_plan(status=gone)))) == []
