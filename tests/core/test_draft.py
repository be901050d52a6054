"""From what the author wrote to typed actions."""

import time
from dataclasses import replace

import pytest
from tests.support.snapshots import a_plan, a_spec, an_action, some_actions
from tests.support.tools import a_connection

from countersign.api.plan_status import MAX_EFFECTS
from countersign.core.draft import parse, tracking
from countersign.core.snapshot import Memo
from countersign.model.effect import SECRET, TOOL, Apply, Target


def test_actions():
    """Each action has its type and its params; what it would do is not known yet."""
    (action,) = parse(a_plan(an_action())).actions
    assert (action.id, action.type.type, action.params.name) == ("payments", "tool.upsert", "payments")
    assert (action.compiled, action.effects, action.references) == (False, (), ())


def test_resource_refs_of_the_core_group():
    """Kinds of the core group have no group to name."""
    (action,) = parse(a_plan()).actions
    effects = tuple(Apply(Target(kind, "team-a", "payments"), {}) for kind in (SECRET, TOOL))
    assert replace(action, effects=effects).resource_refs == ("secrets/payments", "tools.countersign.dev/payments")


def test_resource_refs_of_many_effects():
    """However many objects an action writes, all of them are named: approvers may have to be allowed each."""
    (action,) = parse(a_plan()).actions
    effects = tuple(Apply(Target(TOOL, "team-a", f"tool-{number}"), {}) for number in range(MAX_EFFECTS))
    assert len(replace(action, effects=effects).resource_refs) == MAX_EFFECTS


def test_defaults():
    """Left out, an action is named by its number, may take a minute and is repeated three times."""
    (first, second) = parse(a_plan(an_action("a", id=None), an_action("b", timeout="5s", retries=0))).actions
    assert (first.id, first.timeout, first.retries) == ("action-1", "60s", 3)
    assert (second.id, second.timeout, second.retries) == ("b", "5s", 0)


@pytest.mark.parametrize(
    "spec", [{}, a_spec(an_action(type="x")), a_spec(an_action(params={}))], ids=["no plan", "no type", "no params"]
)
def test_incomplete(spec):
    """A plan that is not understood in all its parts is not complete."""
    assert not parse(a_plan(spec=spec)).complete
    assert parse(a_plan()).complete


def test_tracking():
    """What an object will say about the intent it was written for."""
    plan = a_plan()
    mark = tracking(plan, parse(plan).actions[0])
    assert (mark.plan_uid, mark.plan, mark.action, mark.key) == ("uid-1", "plan", "payments", "payments.v1")
    assert mark.params_digest.startswith("sha256:")


def test_approved_spec():
    """What an approval covers: everything but what decides only when, with defaults written out."""
    spec = a_spec(an_action(id=None), suspend=True, cancel=False, ttlAfterFinished="1h", description="x")
    covered = parse(a_plan(spec=spec)).approved_spec()
    assert set(covered) == {
        "actions",
        "continueOnError",
        "description",
        "maxParallel",
        "serviceAccountName",
        "validateOnly",
    }
    assert {key: covered["actions"][0][key] for key in ("id", "timeout", "retries")} == {
        "id": "action-1",
        "timeout": "60s",
        "retries": 3,
    }
    assert parse(a_plan(spec={})).approved_spec() == {}


def test_params_digest():
    """The same params have the same digest in any order, and another type with the same params has another."""
    one = an_action(params={"name": "a", "spec": {"connection": {"baseUrl": "https://a.example.com", "port": 443}}})
    two = an_action(params={"spec": {"connection": {"port": 443, "baseUrl": "https://a.example.com"}}, "name": "a"})
    digests = [parse(a_plan(action)).actions[0].params_digest for action in (one, two, {**one, "type": "x"})]
    assert digests[0] == digests[1] != digests[2]


def test_read_once():
    """A plan object is read once, however often it is asked and whatever its status becomes."""
    plan = a_plan()
    assert parse(plan).actions is parse(replace(plan, status=plan.status.but(publication=7))).actions


@pytest.mark.parametrize(
    "change",
    [{"spec": a_spec(*some_actions(2))}, {"spec_bytes": 300_000}],
    ids=["spec", "size"],
)
def test_read_again(change):
    """Another spec is another draft."""
    plan = a_plan()
    before = parse(plan)
    assert parse(replace(plan, **change)).actions != before.actions
    assert parse(plan) == before


def test_memo():
    """What is remembered is made anew for other things to make it of, also for equal ones."""
    memo, made = Memo(), iter(range(9))
    one, other = {"a": 1}, {"a": 1}
    assert [memo.recall(lambda: next(made), *of) for of in ((one,), (one,), (other,), (one, 1), (one,))] == [
        0,
        0,
        1,
        2,
        3,
    ]


def test_plans_compare_without_what_is_remembered():
    """Two equal plans stay equal when one of them was read."""
    one, other = a_plan(), a_plan()
    parse(one)
    assert one == other
    assert "memo" not in repr(one)


@pytest.mark.parametrize(
    "params",
    [
        {f"k{number}": 1 for number in range(20_000)},
        {"name": "a", "spec": {"connection": a_connection(), "description": "password=" * 20_000}},
        {"name": "a" * 250_000, "spec": {"connection": a_connection(), "x" * 1000: "y"}},
    ],
    ids=["twenty thousand wrong fields", "a long text", "a long name"],
)
def test_hostile_sizes(params):
    """A plan made to be slow to read is read within a second or two."""
    begin = time.process_time()
    assert parse(a_plan(an_action(params=params), spec_bytes=250_000)).findings
    assert time.process_time() - begin < 3
