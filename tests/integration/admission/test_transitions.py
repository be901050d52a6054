"""What can never be taken back, not even by a stale operator: the transition rules of the CRDs on the real API server."""

import pytest
from tests.support.world import ACTION, DIGEST, OTHER_DIGEST

from countersign.api.approval_status import MAX_DECISIONS
from countersign.api.plan_spec import FREELY_CHANGEABLE, PlanSpec
from countersign.api.plan_status import MAX_LEDGER
from countersign.api.standstill import STANDS_STILL

pytestmark = pytest.mark.cluster

ONE = {"n": "1", "outcome": "approve", "by": "ann", "digest": DIGEST, "at": "2026-01-01T00:00:00Z"}
TWO = {**ONE, "n": "2", "by": "bob"}
ENTRY = {"key": "one", "paramsDigest": DIGEST, "publication": 1}
NEXT = {**ENTRY, "key": "two"}


def approval(*decisions, **fields):
    recorded = {"recorded": decisions[-1]["n"]} if decisions else {}
    return {"approval": {**recorded, "decisions": list(decisions), **fields}}


@pytest.mark.parametrize(
    "stale",
    [
        [TWO],
        [ONE],
        [],
        [TWO, ONE],
        [ONE, {**TWO, "counts": False}],
        [ONE, {**TWO, "outcome": "reject"}],
        [{**TWO, "n": "3"}, ONE, TWO],
    ],
    ids=["first gone", "last gone", "all gone", "order", "verdict", "outcome", "put before"],
)
def test_decisions_only_grow(world, stale):
    """A stale writer cannot take a reject or a revoke back."""
    world.waiting()
    assert world.report(**approval(ONE, TWO)).ok

    answer = world.report(approval={"decisions": stale})

    assert answer.code == 422
    assert "decisions are never removed or changed" in answer.message
    assert world.report(**approval(ONE, TWO, {**ONE, "n": "3"})).ok


@pytest.mark.parametrize("path", ["/status/approval/decisions", "/status/approval", "/status"])
def test_decisions_do_not_go_with_what_holds_them(world, path):
    """Dropping the list, the approval or the whole status is noticed as well."""
    world.waiting()
    world.report(**approval(ONE))

    answer = world.operator.patch(f"{world.plan()}/status", {"op": "remove", "path": path})

    assert answer.code == 422
    assert "decisions are never removed or changed" in answer.message or "the publication only grows" in answer.message


def test_recorded_moves_only_with_a_new_decision(world):
    """Else a stale writer could have the same decision recorded and counted again."""
    world.waiting()
    world.report(**approval(ONE, TWO))

    answers = [world.report(approval={"recorded": value}) for value in ("1", None)]

    assert all("recorded moves only with a new decision" in answer.message for answer in answers)


@pytest.mark.parametrize("value", [1, 0, None])
def test_the_publication_only_grows(world, value):
    """A digest never comes back."""
    world.waiting()
    world.report(publication=2)

    answer = world.report(publication=value)

    assert "the publication only grows" in answer.message
    assert world.report(publication=3).ok


@pytest.mark.parametrize("value", ["2026-02-02T00:00:00Z", None])
def test_an_approval_is_consumed_once(world, value):
    """Within a publication the moment stands; the next publication starts without."""
    world.waiting()
    assert world.report(approval={"consumedAt": "2026-01-01T00:00:00Z"}).ok

    answer = world.report(approval={"consumedAt": value})

    assert "an approval is consumed once: consumedAt changes only with the publication" in answer.message
    assert world.report(publication=2, approval={"consumedAt": value}).ok


def test_a_consumed_approval_does_not_go_with_the_approval(world):
    """Dropping the object that holds it is no way out."""
    world.waiting()
    world.report(approval={"consumedAt": "2026-01-01T00:00:00Z"})

    answer = world.report(approval=None)

    assert "an approval is consumed once" in answer.message


@pytest.mark.parametrize(
    "ledger", [[ENTRY], [NEXT], [], None, [NEXT, ENTRY], [ENTRY, {**NEXT, "paramsDigest": OTHER_DIGEST}]]
)
def test_the_ledger_only_grows(world, ledger):
    """What was carried out stays known."""
    world.waiting()
    world.report(ledger=[ENTRY, NEXT])

    answer = world.report(ledger=ledger)

    assert "the ledger only grows" in answer.message
    assert world.report(ledger=[ENTRY, NEXT, {**ENTRY, "key": "three"}]).ok


def test_the_first_status_may_say_anything(world):
    """The rules compare with what was there; where nothing was, nothing is refused."""
    world.submit()

    answer = world.publish(ledger=[ENTRY], **approval(ONE, consumedAt="2026-01-01T00:00:00Z"))

    assert answer.ok, answer.message


def test_a_status_at_its_bounds_can_be_written_on(world):
    """The rules stay within their cost budget where lists are as long as they may be."""
    world.waiting()
    person = {**ONE, "by": "a" * 1024, "comment": "c" * 1024, "groups": ["g" * 512] * 4}
    many = [{**person, "n": str(number)} for number in range(MAX_DECISIONS)]
    full = {"ledger": [{**ENTRY, "key": f"{number:0128}"} for number in range(MAX_LEDGER)], **approval(*many)}
    assert world.report(**full).ok

    answer = world.report(message="still here", **full)

    assert answer.ok, answer.message


CHANGES = {
    "planId": "other",
    "description": "other",
    "rationale": "other",
    "context": {"a": {"b": 2}},
    "continueOnError": True,
    "validateOnly": True,
    "serviceAccountName": "other",
    "ttlAfterFinished": "2h",
    "maxParallel": 3,
    "actions": [{**ACTION, "params": {"name": "a", "deep": {"er": [2]}}}],
}


def test_a_change_is_tried_for_every_field():
    """A new field of the spec needs a line in the table of this test."""
    fields = {field.alias for name, field in PlanSpec.model_fields.items() if name not in FREELY_CHANGEABLE}

    assert set(CHANGES) == fields


@pytest.mark.parametrize("field", CHANGES)
def test_an_executing_plan_stands_still(world, field):
    """Every field but suspend and cancel, also inside params and context."""
    world.executing(context={"a": {"b": 1}}, ttlAfterFinished="1h")

    answer = world.proposer.merge(world.plan(), {"spec": {field: CHANGES[field]}})

    # Context is invisible to the rules of a CRD, so the policy answers there.
    speaker = "'countersign-decisions' denied request" if field == "context" else "Invalid value"
    assert answer.code == 422
    assert f"{speaker}: {STANDS_STILL}" in answer.message


@pytest.mark.parametrize("field", ["context", "ttlAfterFinished", "description"])
def test_an_executing_plan_loses_nothing(world, field):
    """Taking an optional field away is a change too."""
    world.executing(context=1, ttlAfterFinished="1h", description="d")

    answer = world.proposer.merge(world.plan(), {"spec": {field: None}})

    assert "the plan is executing" in answer.message


def test_an_executing_plan_can_be_braked(world):
    """By who wrote it and by who approved it."""
    world.executing()

    assert world.proposer.merge(world.plan(), {"spec": {"suspend": True}}).ok
    assert world.proposer.merge(world.plan(), {"spec": {"suspend": False}}).ok
    assert world.approver.merge(world.plan(), {"spec": {"cancel": True}}).ok


def test_a_finished_plan_can_be_edited(world):
    """The edit opens the next publication."""
    world.executing()
    world.report(phase="Failed")

    assert world.proposer.merge(world.plan(), {"spec": {"actions": [{**ACTION, "type": "other"}]}}).ok


def test_cancel_cannot_be_taken_back(world):
    """What was given up stays given up."""
    world.submit(cancel=True)

    answer = world.proposer.merge(world.plan(), {"spec": {"cancel": False}})

    assert answer.code == 422
    assert "cancel cannot be taken back" in answer.message


@pytest.mark.parametrize("value", [True, False])
def test_validate_only_never_changes(world, value):
    """A plan for looking at never becomes one that runs."""
    world.submit(validateOnly=value)

    answer = world.proposer.merge(world.plan(), {"spec": {"validateOnly": not value}})

    assert "validateOnly cannot be changed: submit another plan" in answer.message


def test_a_large_plan_stays_within_the_budget(world):
    """200 actions and about 250 KiB: created, edited, decided about, and braked while executing."""
    actions = [
        {"type": "t", "idempotencyKey": f"k{n}", "params": {f"p{i}": "x" * 50 for i in range(18)}} for n in range(200)
    ]
    world.waiting(actions=actions)

    assert world.proposer.merge(world.plan(), {"spec": {"actions": actions[:-1]}}).ok
    assert world.publish(publication=2).ok
    decided = world.decide(world.approver)
    assert decided.ok, decided.message
    assert world.report(phase="Executing").ok
    braked = world.approver.merge(world.plan(), {"spec": {"suspend": True}})
    assert braked.ok, braked.message
