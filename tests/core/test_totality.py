"""Deciding is total and deterministic: whatever stands in a plan, there is an answer, and it is always the same one."""

import copy
import json
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from tests.support.lives import Life, drive
from tests.support.pretend import World
from tests.support.settings import MODEST
from tests.support.snapshots import DOWN, NOW, RULES, a_plan, a_snapshot, a_spec, an_action, some_actions
from tests.support.status_contract import MAX_BYTES, check_status, size

from countersign.api.names import AUTHORS, DECISION, RETRY
from countersign.api.plan_status import PlanStatus
from countersign.core.policies.policy import Policy, read
from countersign.core.snapshot import Guard, Snapshot
from countersign.core.steps import Failure, Look, Rest
from countersign.core.turn import next_step
from countersign.model.facts import Absent, Hidden, Present, Refusal, Refused, Unavailable

TEXTS = st.text(max_size=8) | st.sampled_from(["\u0000", "\u202e", "𝄞" * 300, "x" * 5000, "a\nb", "[", "😀"])
NUMBERS = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.sampled_from(
    ["planId", "description", "context", "suspend", "cancel", "validateOnly", "serviceAccountName", "ttlAfterFinished"]
)
PARTS = st.sampled_from(["id", "type", "idempotencyKey", "risk", "timeout", "retries", "params"])
ACTIONS = st.lists(
    st.builds(lambda part, value: an_action("one") | {part: value}, PARTS, JSON) | st.just(an_action("two")), max_size=4
)
SPECS = (
    st.dictionaries(TEXTS, JSON, max_size=4)
    | st.builds(lambda actions, more: {"actions": actions, **more}, JSON, st.dictionaries(FIELDS, JSON, max_size=2))
    | st.builds(lambda actions, more: {"actions": actions, **more}, ACTIONS, st.dictionaries(FIELDS, JSON, max_size=2))
)
EXISTENCES = st.sampled_from([Present("1"), Absent(), Hidden(), Unavailable("away")])
REFUSALS = st.sampled_from([*(Refused(refusal, "no") for refusal in Refusal), Unavailable("away")])
WORLDS = st.builds(
    lambda account, refusals: World(account=account, refusals=refusals),
    st.just(Present("1")) | EXISTENCES,
    st.dictionaries(st.sampled_from(["one", "two", "tool-1"]), REFUSALS, max_size=2),
)
GUARDS = st.sampled_from([Guard(), Guard(), DOWN])


def _answer(snapshot, world):
    """How a turn ends; asked twice at each step, it says the same."""
    step = next_step(snapshot)
    assert next_step(replace(snapshot, plan=copy.deepcopy(snapshot.plan))) == step
    if isinstance(step, Look):
        return _answer(snapshot.with_answers(world.answer(step.questions)), world)
    return drive(snapshot, world)


@MODEST
@given(SPECS, WORLDS, GUARDS)
def test_any_spec(spec, world, guard):
    """Whatever an author writes, there is one answer; its status keeps the contract and nothing is done."""
    step = _answer(a_snapshot(a_plan(spec=spec), guard=guard), world)
    assert world.writes == []
    if isinstance(step, Rest):
        check_status(PlanStatus.model_validate(json.loads(json.dumps(step.status.wire()))), generation=1)


POLICY_PARTS = st.sampled_from(["byRisk", "match", "quorum", "approvers", "freezes", "budgets", "egress", "breakGlass"])
POLICIES = JSON | st.builds(
    lambda part, value, more: {"byRisk": {"medium": "auto", **more}, part: value},
    POLICY_PARTS,
    JSON,
    st.dictionaries(st.sampled_from(["low", "high"]), JSON, max_size=1),
)


@MODEST
@given(POLICIES)
def test_any_policy(spec):
    """Whatever stands in a policy, there is one answer; what nobody understands opens nothing."""
    world = World(policies={"odd": spec})
    step = _answer(a_snapshot(a_plan()), world)
    check_status(PlanStatus.model_validate(json.loads(json.dumps(step.status.wire()))), generation=1)
    assert isinstance(read({"metadata": {"name": "odd"}, "spec": spec}), Policy) or world.writes == []


@MODEST
@given(st.dictionaries(st.sampled_from([AUTHORS, DECISION, RETRY]), TEXTS | JSON.map(json.dumps)), GUARDS)
def test_any_annotation(annotations, guard):
    """Whatever stands in the annotations, there is one answer, and nothing is done because of it."""
    world = World()
    life = Life().turn()
    plan = replace(life.plan, annotations=annotations)
    step = _answer(Snapshot(plan, NOW, RULES, guard, 0.5), world)
    check_status(PlanStatus.model_validate(step.status.wire()))
    assert world.writes == []


def _failed():
    life = Life(a_spec(*some_actions(3))).turn()
    life.world.failures["tool-2"] = [Failure("Invalid", "wrong", passing=False)]
    return life.decide().turns()


def _running():
    life = Life(a_spec(*some_actions(3)), journal=True).turn().decide()
    life.crash_in = 4
    return life.turn()


LIVES = [
    Life().turn(),
    Life(a_spec(suspend=True)).turn().decide().turn(),
    Life(a_spec(ttlAfterFinished="1h")).approved(),
    Life(a_spec(actions=[])).turn(),
    Life().turn().edit(cancel=True).turn(),
    _failed(),
    _failed().retry().turn(),
    _running(),
]
OTHERS = st.sampled_from(
    ["", "soon", "2030-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "Executing", "Executed", "Failed", "Draft", "Approved"]
)
SUBSTITUTES = OTHERS | TEXTS | st.integers(-(2**31), 2**31) | st.booleans() | st.just([]) | st.just({})


def _places(value, path=()):
    yield path
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _places(item, (*path, key))


def _changed(wire, path, value):
    """The status with one place changed, or gone when the value is None; as it was if that would be no status."""
    changed = copy.deepcopy(wire)
    inner = changed
    for part in path[:-1]:
        inner = inner[part]
    if value is None:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    try:
        PlanStatus.model_validate(changed)
    except ValidationError:
        return wire
    return changed


@MODEST
@given(st.data(), WORLDS, GUARDS, st.sampled_from([0, 30, 7200, 10**6]))
def test_any_status(data, world, guard, seconds):
    """Whatever the API server could hold in a status, there is one answer, of which it could hold the status, too."""
    life = data.draw(st.sampled_from(LIVES))
    wire = life.status.wire()
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from([path for path in _places(wire) if path]))
        wire = _changed(wire, path, data.draw(st.none() | SUBSTITUTES))
    plan = replace(life.plan, status=PlanStatus.model_validate(wire))
    step = _answer(Snapshot(plan, life.now + timedelta(seconds=seconds), RULES, guard, 0.5), world)
    if isinstance(step, Rest):
        assert size(step.status) <= MAX_BYTES


@MODEST
@given(
    st.sampled_from([life for life in LIVES if life.status.phase in ("Executed", "Failed")]),
    st.sampled_from([{}, {"suspend": True}, {"ttlAfterFinished": "2h"}, {"cancel": True}]),
    st.sampled_from(["approve", "reject", "revise", "revoke"]),
    st.none() | st.sampled_from(["0", "2", "9", "x"]),
    GUARDS,
    st.integers(0, 59),
)
def test_finished_plans_stay_finished(life, edit, outcome, retry, guard, minutes):
    """Without an edit of what was approved and without a retry of this publication, a finished plan does nothing any more."""
    again = replace(life, world=World(), annotations=dict(life.annotations), written=[life.status], digests=[])
    again.edit(**edit).decide(outcome, digest=life.status.digest or "sha256:x")
    if retry:
        again.retry(retry)
    again.guard = guard
    again.later(minutes=minutes).turn()
    assert (again.status.phase, again.status.reason) == (life.status.phase, life.status.reason)
    assert (again.status.actions, again.status.publication) == (life.status.actions, life.status.publication)
    assert (again.world.asked, again.world.writes) == ([], [])
