"""Stage 1: every way in which a plan can be malformed has its code, its path and its remedy."""

import pytest
from tests.support.reviews import a_review, said
from tests.support.snapshots import a_plan, a_spec, an_action, some_actions
from tests.support.tools import a_connection

from countersign.api.plan_status import LedgerEntry, PlanStatus
from countersign.core.validation.structural import structural

KEY = "AKIA" + "ABCDEFGHIJKLMNOP"
PARAMS = "spec.actions[0].params"
TABLE = {
    "no actions": ({}, "Structural.InvalidSpec", "spec.actions", "actions is required"),
    "an empty list": ({"actions": []}, "Structural.InvalidSpec", "spec.actions", "at least 1 entries"),
    "too many": ({"actions": some_actions(201)}, "Structural.InvalidSpec", "spec.actions", "at most 200 entries"),
    "text for a switch": (
        a_spec(suspend="yes"),
        "Structural.InvalidSpec",
        "spec.suspend",
        "suspend must be true or false",
    ),
    "an unknown field": (
        a_spec(continueOnErrors=True),
        "Structural.InvalidSpec",
        "spec.continueOnErrors",
        "did you mean continueOnError?",
    ),
    "a blank name": (
        a_spec(an_action(id="")),
        "Structural.InvalidSpec",
        "spec.actions[0].id",
        "at least 1 characters",
    ),
    "no key": (
        a_spec({"type": "tool.upsert"}),
        "Structural.InvalidSpec",
        "spec.actions[0].idempotencyKey",
        "idempotencyKey is required",
    ),
    "an unknown type": (
        a_spec(an_action(type="tool.remove")),
        "Structural.UnknownType",
        "spec.actions[0].type",
        "there is no action type tool.remove: use one of ",
    ),
    "an unknown param": (
        a_spec(an_action(params={"name": "a", "spec": {"connection": a_connection()}, "colour": 1})),
        "Structural.UnknownField",
        f"{PARAMS}.colour",
        "colour is not a field here: remove it",
    ),
    "a well-known wrong param": (
        a_spec(an_action(params={"name": "a", "spec": {"connection": a_connection()}, "base_url": "x"})),
        "Structural.UnknownField",
        f"{PARAMS}.base_url",
        "write spec.connection.baseUrl",
    ),
    "a missing param": (
        a_spec(an_action(params={"name": "a"})),
        "Structural.InvalidParams",
        f"{PARAMS}.spec",
        "spec is required",
    ),
    "an unsafe address": (
        a_spec(an_action(spec={"connection": a_connection("http://payments.example.com")})),
        "Structural.UnsafeAddress",
        f"{PARAMS}.spec.connection.baseUrl",
        "plain http",
    ),
    "a credential": (
        a_spec(an_action(spec={"description": KEY})),
        "Structural.CredentialInPlan",
        f"{PARAMS}.spec.description",
        "looks like an AWS access key: put it into a Secret",
    ),
    "one id twice": (
        a_spec(an_action("a"), an_action("b", id="a")),
        "Structural.DuplicateId",
        "spec.actions[1].id",
        "the id a is already that of action 1",
    ),
    "an id that another action has by default": (
        a_spec(an_action("a", id=None), an_action("b", id="action-1")),
        "Structural.DuplicateId",
        "spec.actions[1].id",
        "the id action-1 is already that of action 1",
    ),
    "one key twice": (
        a_spec(an_action("a", key="k"), an_action("b", key="k")),
        "Structural.DuplicateIdempotencyKey",
        "spec.actions[1].idempotencyKey",
        "already that of action 1",
    ),
    "spaces for a key": (
        a_spec(an_action(key="  ")),
        "Structural.BlankIdempotencyKey",
        "spec.actions[0].idempotencyKey",
        "no visible character",
    ),
    "an invisible key": (
        a_spec(an_action(key="\u200b\u00a0")),
        "Structural.BlankIdempotencyKey",
        "spec.actions[0].idempotencyKey",
        "no visible character",
    ),
    "a large integer": (
        a_spec(context={"n": [2**53]}),
        "Structural.UnsafeInteger",
        "spec.context.n[0]",
        "spec.context.n[0] is beyond 2^53 and does not survive JSON",
    ),
    "a large number": (a_spec(context=-1e20), "Structural.UnsafeInteger", "spec.context", "beyond 2^53"),
    "no number": (a_spec(context=float("nan")), "Structural.UnsafeInteger", "spec.context", "beyond 2^53"),
    "a long context": (
        a_spec(context="x" * 20_000),
        "Structural.InvalidSpec",
        "spec.context",
        "the context has 20002 bytes",
    ),
    "half a character": (a_spec(context="\ud800"), "Structural.InvalidSpec", "spec", "write whole characters only"),
    "numbers as names": (a_spec(context={1: 2, "a": 3}), "Structural.InvalidSpec", "spec", "name fields with text"),
}


@pytest.mark.parametrize(("spec", "code", "path", "message"), TABLE.values(), ids=TABLE.keys())
def test_malformed(spec, code, path, message):
    """What is wrong, where it stands in the YAML, and what to do about it."""
    (finding,) = structural(a_review(plan=a_plan(spec=spec)))
    assert (finding.code.code, finding.path) == (code, path)
    assert message in finding.message
    assert not finding.message.endswith(".")
    assert finding.blocks


def test_everything_at_once():
    """All findings of all actions are reported together."""
    review = a_review(an_action("a", key=" "), an_action("a", params={"name": "A"}), an_action("c", type="x"))
    assert said(structural(review)) == [
        ("Structural.InvalidParams", "spec.actions[1].params.name"),
        ("Structural.InvalidParams", "spec.actions[1].params.spec"),
        ("Structural.UnknownType", "spec.actions[2].type"),
        ("Structural.DuplicateId", "spec.actions[1].id"),
        ("Structural.BlankIdempotencyKey", "spec.actions[0].idempotencyKey"),
    ]


def test_largest_good_integer():
    """Integers up to 2^53 - 1 and truth values are fine."""
    assert said(structural(a_review(context=[2**53 - 1, True, 0.5]))) == []


@pytest.mark.parametrize("depth", [65, 500, 5000], ids=["a level too deep", "deep", "very deep"])
def test_nested_too_deeply(depth):
    """A plan that is nested deeper than anybody reads is refused before it can do harm."""
    value = "x"
    for level in range(depth):
        value = [value] if level % 2 else {"a": value}
    (finding,) = structural(a_review(plan=a_plan(context=value, spec_bytes=100)))
    assert finding.message == "the spec is nested more than 64 levels deep: make it flatter"
    assert finding.path.startswith("spec.context")
    assert len(finding.path) < 100


def test_keys_that_were_carried_out():
    """A key names its params for good; the same params are the same intent."""
    known = a_review().actions[0].action.params_digest
    ledger = [LedgerEntry(key="payments.v1", params_digest=known, publication=3)]
    assert said(structural(a_review(plan=a_plan(status=PlanStatus(ledger=ledger))))) == []
    other = [ledger[0].but(params_digest="sha256:other")]
    (finding,) = structural(a_review(plan=a_plan(status=PlanStatus(ledger=other))))
    assert finding.code.code == "Structural.IdempotencyKeyReused"
    assert "in publication 3" in finding.message
