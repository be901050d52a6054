"""The oracle of the state machine says no when it should: an oracle that allows anything would be worse than none."""

from dataclasses import replace
from typing import Any

import pytest
from tests.support.book import Book
from tests.support.may_write import may_write
from tests.support.oracle import Effect, grants

ACTION = {"id": "left", "type": "tool.upsert", "idempotencyKey": "left.v1", "params": {"name": "left"}}
SPEC = {"actions": [ACTION]}
OTHER = {"actions": [ACTION], "description": "x"}
EFFECT = Effect(at=10, action="left", resource="tools", name="left")


def _book(*, required: int = 1, **rest: Any) -> Book:
    """Written by pat at 0 and shown as digest d at 1."""
    book = Book(required, **rest)
    book.wrote("pat", SPEC, sent=0, answered=0.5)
    book.saw("d", SPEC, at=1)
    return book


def _said(book: Book, outcome: str, *, by: str = "ann", at: float = 2, digest: str = "d") -> Book:
    book.say(by, outcome, digest, sent=at, answered=at + 0.5)
    return book


def _approved(**made) -> Book:
    return _said(_book(**made), "approve")


def test_approved():
    """What one person approved who did not write it."""
    assert grants(_approved(), EFFECT) == "left.v1"


def test_two():
    """Two different people where two have to agree."""
    assert grants(_said(_approved(required=2), "approve", by="bob", at=3), EFFECT) == "left.v1"
    assert grants(_said(_approved(required=2), "approve", at=3), EFFECT) is None


@pytest.mark.parametrize(
    "book",
    [
        pytest.param(Book(1), id="a plan of which nothing was shown"),
        pytest.param(_book(), id="nobody"),
        pytest.param(_said(_book(), "approve", by="pat"), id="its author"),
        pytest.param(_said(_book(), "approve", digest="e"), id="another digest"),
        pytest.param(_said(_book(), "approve", at=11), id="too late"),
        pytest.param(_said(_said(_book(), "reject"), "approve", at=3), id="rejected before"),
        pytest.param(_approved(closed=frozenset(["left"])), id="an action that nobody may open"),
    ],
)
def test_refused(book: Book):
    """What nobody approved who may."""
    assert grants(book, EFFECT) is None


@pytest.mark.parametrize(("action", "name"), [("right", "left"), ("left", "right")])
def test_another_effect(action: str, name: str):
    """An action or an object that the plan does not name."""
    assert grants(_approved(), Effect(at=10, action=action, resource="tools", name=name)) is None


def test_void():
    """An edit voids what was said before, also where its digest was not seen yet; so does another digest."""
    edited, shown, back = _approved(), _approved(), _approved()
    edited.wrote("pat", OTHER, sent=5, answered=5.5)
    shown.saw("e", SPEC, at=5)
    back.wrote("pat", OTHER, sent=5, answered=5.5)
    back.wrote("pat", {**SPEC, "suspend": True}, sent=6, answered=6.5)
    assert (grants(edited, EFFECT), grants(shown, EFFECT), grants(back, EFFECT)) == (None, None, "left.v1")


@pytest.mark.parametrize("outcome", ["revoke", "reject", "revise"])
def test_taken_back(outcome: str):
    """What was taken back allows what may have started before, and nothing that was seen not to have."""
    book = _said(_approved(), outcome, at=4)
    assert grants(book, EFFECT) == "left.v1"
    book.idle.append((5, "d"))
    assert grants(book, EFFECT) is None


def test_approver_who_becomes_an_author():
    """Nobody approves what they wrote a part of, also if nothing of it is left."""
    book = _approved()
    book.wrote("ann", OTHER, sent=4, answered=4.5)
    book.wrote("pat", SPEC, sent=5, answered=5.5)
    book.idle.append((6, "d"))
    assert grants(book, EFFECT) is None


def test_expired():
    """An approval allows what may have started in its time, and nothing that was seen waiting after it."""
    book = _approved(lasts=5)
    assert grants(book, EFFECT) == "left.v1"
    book.idle.append((7, "d"))
    assert grants(book, EFFECT) is None


@pytest.mark.parametrize("word", ["suspend", "cancel"])
def test_held(word: str):
    """What was seen waiting while it was told not to start has not started before it was told to."""
    book = _approved()
    book.wrote("pat", {**SPEC, word: True}, sent=4, answered=4.5)
    assert grants(book, EFFECT) == "left.v1"
    book.idle.append((5, "d"))
    assert grants(book, EFFECT) is None
    book.wrote("pat", SPEC, sent=8, answered=8.5)
    assert grants(book, EFFECT) == "left.v1"


def test_lapse():
    """Nothing starts while the admission policies are not whole; what is approved may start before, and afterwards."""
    book = _approved(lapses=[(4, 12)])
    assert grants(book, EFFECT) == "left.v1"
    book.idle.append((5, "d"))
    assert grants(book, EFFECT) is None
    assert grants(book, replace(EFFECT, at=13)) == "left.v1"


def test_content_of_a_lapse():
    """What was changed during a lapse never starts, whoever approves it, needing nobody included."""
    book = _approved(free=frozenset(["left"]))
    assert grants(book, EFFECT) == "left.v1"
    book.wrote("pat", OTHER, sent=4, answered=4.5)
    book.saw("e", OTHER, at=5)
    _said(book, "approve", at=6, digest="e")
    assert grants(book, EFFECT) == "left.v1"
    book.tainted = 4
    assert grants(book, EFFECT) is None


def test_gone():
    """A plan that is gone does nothing any more, but for what was under way."""
    book = _approved()
    book.gone = 9
    assert grants(book, EFFECT) == "left.v1"
    assert grants(book, replace(EFFECT, at=12)) is None


def test_harmless():
    """A plan of nothing but what needs nobody is not approved by anybody; with anything else in it, it is."""
    needs = {"id": "right", "type": "tool.upsert", "idempotencyKey": "right.v1", "params": {"name": "right"}}
    free = _book(free=frozenset(["left"]))
    assert grants(free, EFFECT) == "left.v1"
    free.wrote("pat", {"actions": [ACTION, needs]}, sent=4, answered=4.5)
    assert grants(free, EFFECT) is None


DEPLOY = {"type": "deploy.execute", "params": {"agent_name": "bot", "draft_id": "d"}}


@pytest.mark.parametrize(
    ("action", "resource", "name", "may"),
    [
        (DEPLOY, "deployments", "agent-bot", True),
        (DEPLOY, "deployments", "bot", False),
        (DEPLOY, "configmaps", "agent-bot-env-0123456789abcdef", True),
        (DEPLOY, "configmaps", "agent-bot-env-latest", False),
        (DEPLOY, "agents", "bot", True),
        (DEPLOY, "deploydrafts", "d", True),
        (DEPLOY, "secrets", "agent-bot", False),
        ({"type": "starter_kit.seed", "params": {}}, "tools", "echo-tool", True),
        ({"type": "starter_kit.seed", "params": {}}, "tools", "left", False),
        ({"type": "deploy_draft.create_or_patch", "params": {"id": "d"}}, "deploydrafts", "d", True),
        ({"type": "policy.upsert", "params": {"name": "p"}}, "tools", "p", False),
    ],
)
def test_what_an_action_may_write(action, resource: str, name: str, may: bool):  # noqa: FBT001
    """By its type: the objects that the documents name, and no others."""
    assert may_write(action, resource, name) is may
