"""What an approval binds: the digest is stable, covers everything that matters, and never comes back."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.lives import Life
from tests.support.pretend import World
from tests.support.settings import MODEST
from tests.support.snapshots import RULES, a_spec, an_action, some_actions
from tests.support.tools import OAUTH2, a_connection

from countersign.core.publication import digest_of, unpublished
from countersign.model.facts import Present

WORDS = st.text("ab é", min_size=1, max_size=4)
SPECS = st.fixed_dictionaries(
    {"actions": st.integers(1, 3).map(some_actions)},
    optional={
        "description": WORDS,
        "rationale": WORDS,
        "context": st.dictionaries(WORDS, st.none() | st.booleans() | st.integers(-9, 9) | WORDS, max_size=3),
        "continueOnError": st.booleans(),
        "planId": WORDS.filter(str.strip),
    },
)


def _published(spec, *, world=None, uid="uid-1", now=None, rules=RULES):
    life = Life(spec, world=world or World(), rules=rules)
    life.uid = uid
    if now:
        life.now = now
    return life.turn().status.digest


def _reordered(value):
    if isinstance(value, dict):
        return {key: _reordered(value[key]) for key in reversed(value)}
    return [_reordered(item) for item in value] if isinstance(value, list) else value


@MODEST
@given(SPECS)
def test_stable(spec):
    """The same plan in the same world has the same digest: in any order of keys, at any time, after any restart."""
    life = Life(spec)
    first = life.turn().status.digest
    assert first
    assert _published(_reordered(spec)) == first
    assert _published(json.loads(json.dumps(spec))) == first
    assert life.later(hours=7).turn().turn().status.digest == first
    assert Life(_reordered(spec), status=life.status, now=life.now).turn().status.digest == first


@MODEST
@given(st.data())
def test_covers_the_spec(data):
    """Any change of anything an approver saw is another digest."""
    one, two = data.draw(SPECS), data.draw(SPECS)
    assert (_published(one) == _published(two)) == (_meant(one) == _meant(two))


def _meant(spec):
    """The spec with the documented defaults, as text."""
    return json.dumps({"continueOnError": False, **spec}, sort_keys=True)


CHANGES = {
    "another description": {"description": "x"},
    "a null in the context": {"context": {"a": None}},
    "another context": {"context": [1]},
    "continueOnError": {"continueOnError": True},
    "a planId": {"planId": "x"},
    "another key": {"actions": [an_action(key="other")]},
    "another id": {"actions": [an_action(id="other")]},
    "another address": {"actions": [an_action(spec={"connection": a_connection("https://evil.example.com")})]},
    "another timeout": {"actions": [an_action(timeout="61s")]},
    "other retries": {"actions": [an_action(retries=0)]},
    "a raised risk": {"actions": [an_action(risk="high")]},
    "a second action": {"actions": some_actions(2)},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_each_field(change):
    """Every field that says what happens is covered."""
    assert _published(a_spec(**change)) != _published(a_spec())


@pytest.mark.parametrize(
    "fields",
    [
        {"suspend": True},
        {"ttlAfterFinished": "1h"},
        {"continueOnError": False},
        {"actions": [an_action(timeout="60s", retries=3)]},
        {"context": None},
    ],
    ids=["suspend", "ttlAfterFinished", "a default", "defaults of an action", "nothing"],
)
def test_what_is_left_out(fields):
    """What decides only when something happens, and what says the same in more words, changes nothing."""
    assert _published(a_spec(**fields)) == _published(a_spec())


def test_covers_order():
    """Two actions the other way round are another plan."""
    one, two = some_actions(2)
    assert _published(a_spec(one, two)) != _published(a_spec(two, one))


def test_covers_the_world():
    """What stands there now decides what would change, so it is covered."""
    made = [Life(a_spec(an_action(key="old", spec={"description": text}))).approved().world for text in "ab"]
    assert len({_published(a_spec(), world=world) for world in (*made, World())}) == 3


def test_what_does_not_matter_in_the_world():
    """Another version of an object with the same content, or another of the server's defaults, changes nothing."""
    world = World()
    world.meddle("payments", description="x")
    first = _published(a_spec(), world=world)
    world.meddle("payments")
    assert _published(a_spec(), world=world) == first


def test_covers_the_executor():
    """An executor that was made again is another one."""
    assert _published(a_spec(), world=World(account=Present("1"))) != _published(
        a_spec(), world=World(account=Present("2"))
    )


def test_covers_what_is_required():
    """Another time for approving is another thing to approve."""
    rules = replace(RULES, expires_after=timedelta(hours=1))
    assert _published(a_spec(), rules=rules) != _published(a_spec())


def test_covers_the_plan():
    """The same content in another plan has another digest."""
    assert _published(a_spec(), uid="uid-2") != _published(a_spec())


def test_sensitive_values():
    """A sensitive value is covered by a digest that nobody can guess without the operator's key."""

    def spec(value):
        connection = a_connection(
            authentication={**OAUTH2, "oauth2Config": {**OAUTH2["oauth2Config"], "authParams": {"hint": value}}}
        )
        return a_spec(an_action(spec={"connection": connection}))

    refs = {"payments-client": Present("1")}
    one, two = (_published(spec(value), world=World(references=refs)) for value in ("one", "two"))
    other = _published(spec("one"), world=World(references=refs), rules=replace(RULES, key=b"another key"))
    assert len({one, two, other}) == 3


STEPS = st.lists(
    st.one_of(
        st.sampled_from([{"description": None}, {"description": "a"}, {"description": "b"}]),
        st.sampled_from(["meddle", "lose", "break", "mend", "retry", "approve", "later", "turn"]),
    ),
    max_size=12,
)


@MODEST
@given(STEPS)
def test_never_comes_back(steps):
    """In any history of edits, changed worlds, failures and approvals the publication only grows and no digest returns."""
    life = Life(a_spec(suspend=True)).turn()
    seen = [life.status.digest]
    for step in steps:
        _happen(life, step)
        before = life.status.publication
        life.turn()
        assert life.status.publication >= before
        if life.status.digest and life.status.digest != seen[-1]:
            assert life.status.digest not in seen
            seen.append(life.status.digest)


def _happen(life, step):
    match step:
        case dict():
            life.edit(**step)
        case "meddle":
            life.world.meddle("payments", description="theirs")
        case "lose":
            life.world.tools.pop("payments", None)
        case "break":
            life.world.account = World(account=Present("another")).account
        case "mend":
            life.world.account = World().account
        case "retry":
            life.retry()
        case "approve" if life.status.digest:
            life.decide()
        case "later":
            life.later(hours=13)


def test_digest_of_a_publication():
    """The same content under another number is another digest."""
    assert digest_of("x", 1) != digest_of("x", 2)


def test_unpublished():
    """Without a digest nothing is said about approvals, but what was recorded stays."""
    status = Life(a_spec(suspend=True)).turn().decide().turn().status
    gone = unpublished(status)
    assert (gone.digest, gone.preview, gone.approval.counted, gone.approval.expires_at) == (None, None, [], None)
    assert (gone.publication, gone.approval.decisions) == (status.publication, status.approval.decisions)


def test_used_up():
    """A digest whose approval was used is never waited for again."""
    life = Life().turn()
    used = life.status.but(approval=life.status.approval.but(consumed_at="2030-01-01T12:00:00Z"))
    assert Life(status=used).turn().status.publication == 2


@pytest.mark.parametrize("text", ["", "soon", "2030-01-01", "0001-01-01T00:00:00+23:59"])
def test_end_that_is_no_moment(text):
    """A digest whose time nobody can read is not a published one: the plan is published anew."""
    life = Life().turn()
    broken = life.status.but(approval=life.status.approval.but(expires_at=text))
    assert Life(status=broken).turn().status.publication == 2
