"""A status fits into 128 KiB, whatever a plan and its world come up with."""

import time

import pytest
from tests.support.lives import Life
from tests.support.pretend import World
from tests.support.reviews import a_review
from tests.support.snapshots import a_spec, an_action
from tests.support.status_contract import size as stored_size

from countersign.api.plan_status import ActionError, ActionStatus, PlanStatus, RiskRule, Validation
from countersign.core.fitting import LIGHTER, MAX_STATUS_BYTES, clip, fit, needed, size
from countersign.core.steps import Failure
from countersign.model.facts import Refusal, Refused

WORDS = "the quick brown fox jumps over the lazy dog "


def _actions(count=200, *, length=50, params=None):
    """Actions with long names, keys and descriptions, as people write them."""
    return [
        an_action(
            f"tool-{number:03}-{'n' * 20}",
            id=f"{number:03} {WORDS * 3}"[:length],
            key=f"{number:03}.{'k' * 200}"[:length],
            params=params,
            spec={"description": WORDS, "riskTags": ["a", "b", "c"]},
        )
        for number in range(count)
    ]


def _largest(life):
    return max(map(stored_size, life.written))


def test_two_hundred_actions():
    """The record of two hundred actions with long names fits from the first look to the last write."""
    life = Life(a_spec(*_actions(length=50)), journal=True)
    begin = time.process_time()
    life.turn().decide().turns()
    assert (life.status.reason, life.status.progress) == ("Succeeded", "200/200")
    assert _largest(life) <= MAX_STATUS_BYTES
    assert len({entry.id for entry in life.status.actions}) == 200
    assert time.process_time() - begin < 60


def test_everything_fails():
    """Two hundred failures with long messages fit; the first ones keep their words, all keep their reason."""
    life = Life(a_spec(*_actions(length=50), continueOnError=True)).turn()
    for number in range(200):
        life.world.failures[f"tool-{number:03}-{'n' * 20}"] = [Failure("Invalid", WORDS * 50, passing=False)]
    life.decide().turns()
    assert (life.status.reason, _largest(life) <= MAX_STATUS_BYTES) == ("ActionFailed", True)
    assert {entry.reason for entry in life.status.actions} == {"Invalid"}
    assert life.status.actions[0].message.startswith("the quick brown fox")
    assert life.status.ledger == []


def test_everything_is_wrong():
    """Two hundred wrong actions fit; the diagnostics say how many found no room."""
    life = Life(a_spec(*_actions(length=128, params={"name": "x" * 90, "spec": {"long " * 100: 1}}))).turn()
    assert (life.status.reason, stored_size(life.status) <= MAX_STATUS_BYTES) == ("Invalid", True)
    assert life.status.validation.omitted > 100
    assert life.status.validation.diagnostics[0].severity == "error"


def test_too_much_to_be_recorded():
    """A plan whose record would never fit is refused, and its status fits."""
    life = Life(a_spec(*_actions(length=128))).turn()
    assert (life.status.reason, stored_size(life.status) <= MAX_STATUS_BYTES) == ("Invalid", True)
    assert life.status.validation.diagnostics[0].code == "Budget.RecordTooLarge"


def test_other_letters():
    """Letters that take four bytes are counted as what they take."""
    actions = [
        an_action(f"tool-{number}", id=f"{number:03}" + "𝄞" * 60, key=f"{number:03}" + "𝄞" * 60)
        for number in range(200)
    ]
    life = Life(a_spec(*actions)).turn()
    assert "Budget.RecordTooLarge" in [finding.code for finding in life.status.validation.diagnostics]
    assert stored_size(life.status) <= MAX_STATUS_BYTES


def test_refused_at_length():
    """Whatever the API server says about two hundred objects, it fits."""
    refused = Refused(Refusal.POLICY, "𝄞" * 2000)
    world = World(refusals={f"tool-{number:03}-{'n' * 20}": refused for number in range(200)})
    assert stored_size(Life(a_spec(*_actions()), world=world).turn().status) <= MAX_STATUS_BYTES


def test_small_ones_stay():
    """What fits is not touched."""
    status = Life().approved().status
    assert fit(status) is status


@pytest.mark.parametrize("comment", ["", '"x":""', '\\"x":[]', "é𝄞", '","y":{}'])
def test_size(comment):
    """The size is that of the status as it is written, whatever stands in it."""
    for life in (Life(), Life(a_spec(*_actions(3))), Life({}), Life(a_spec(an_action(id="x", params={})))):
        life.turn()
        if life.status.digest:
            life.decide("reject", comment=comment).turn().decide("revoke", comment=comment).turn().decide().turns()
        assert [size(status) for status in life.written] == [stored_size(status) for status in life.written]


@pytest.mark.parametrize("step", LIGHTER, ids=lambda step: step.__name__.strip("_"))
def test_nothing_to_take_away(step):
    """Each way of getting lighter leaves a status alone that has nothing of it."""
    assert step(PlanStatus()).but(progress="") == PlanStatus()


def test_the_journal_of_a_run_stays():
    """What a run has done is never left out, whatever the size."""
    status = Life().approved().status
    for step in LIGHTER:
        status = step(status)
    (entry,) = status.actions
    assert (entry.id, entry.status, entry.operation) == ("payments", "applied", "created")
    assert (entry.idempotency_key, status.ledger[0].key) == ("", "payments.v1")
    assert status.outcome.entities_affected == 1


def test_order_of_loss():
    """Rules and paths go before words, words before digests; the digests of what is still to be done never go."""
    entry = ActionStatus(
        id="a",
        type="t",
        status="pending",
        risk_rules=[RiskRule(level="high", rule="r"), RiskRule(level="low", rule="s")],
        paths=["p"] * 10,
        message="m" * 500,
        effect_digests=["d"],
        idempotency_key="k",
    )
    failed = entry.but(status="failed", reason="Invalid", error=ActionError(type="Invalid", message="m" * 500))
    status = PlanStatus(actions=[entry, failed], execution=Life().approved().status.execution)
    seen = []
    for step in LIGHTER:
        status = step(status)
        seen.append(
            [
                (len(item.risk_rules), len(item.paths), len(item.message), len(item.effect_digests))
                for item in status.actions
            ]
        )
    first = [(1, 10, 500, 1), (1, 3, 500, 1), (1, 0, 500, 1), (0, 0, 500, 1), (0, 0, 160, 1)]
    assert seen[:5] == [[lengths] * 2 for lengths in first]
    assert seen[-2] == [(0, 0, 160, 1), (0, 0, 160, 0)]
    assert seen[-1] == [(0, 0, 0, 1), (0, 0, 0, 0)]


def test_what_never_fits():
    """A run that grew beyond all bounds is recorded as shortly as can be, and never not at all."""
    life = Life().approved()
    entries = [life.status.actions[0].but(id=f"{number}" + "x" * 1000) for number in range(200)]
    light = fit(life.status.but(actions=entries))
    assert size(light) > MAX_STATUS_BYTES
    assert [entry.status for entry in light.actions] == ["applied"] * 200
    assert light.outcome.details == {}


def test_diagnostics_are_counted():
    """How many diagnostics were left out is said."""
    many = Life(a_spec(*_actions(60, params={}))).turn().status
    assert isinstance(many.validation, Validation)
    for step in LIGHTER:
        many = step(many)
    assert (len(many.validation.diagnostics), many.validation.omitted) == (10, 110)


def test_needed():
    """What a run will need grows with its actions, and with what was recorded before."""
    one, two = (a_review(*_actions(count)) for count in (1, 2))
    status = PlanStatus()
    alone, both = (needed(status, [item.action for item in found.actions]) for found in (one, two))
    assert 500 < both - alone < 1000
    decided = Life().turn().decide().turns().status
    assert needed(decided, []) > needed(status, [])
    assert needed(status.but(ledger=decided.ledger), []) > needed(status, [])


@pytest.mark.parametrize(("text", "expected"), [("abc", "ab"), ("é€", "é"), ("€", ""), ("", "")])
def test_clip(text, expected):
    """Never more bytes than allowed, and no half characters."""
    assert clip(text, 2) == expected
