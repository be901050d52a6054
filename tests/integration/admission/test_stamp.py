"""The stamp on the real API server: who is recorded as what, whatever anybody writes."""

import json

import pytest
from tests.support.identities import identity
from tests.support.world import ACTION, DIGEST, a_plan

pytestmark = pytest.mark.cluster

FORGED = {
    "countersign.dev/authors": '"somebody else"',
    "countersign.dev/decision": '{"n":"1","outcome":"approve","quotes":"x","by":"somebody else","groups":[]}',
    "countersign.dev/approve": DIGEST,
    "countersign.dev/revoke": DIGEST,
    "countersign.dev/retry": "1",
}
NAMES = {
    "quotes": 'ann "the boss" o\'hara',
    "commas": "ann,bob",
    "a list": 'pat","bob',
    "the end of a record": 'x","groups":[],"by":"bob',
    "backslashes": "ann\\",
    "an escape": '\\u0022,\\"',
    "unicode": "Анна-アン-\U0001f600-é",
    "500 characters": "n" * 500,
}


def test_whoever_creates_a_plan_is_its_author(world):
    """The first author is the creator."""
    world.submit()

    assert world.authors() == ["pat"]


def test_a_plan_is_created_without_any_annotation_of_ours(world):
    """What a client or a backup brings along is taken off, so nothing starts approved."""
    world.submit(metadata={"annotations": {**FORGED, "mine": "stays"}})

    assert world.annotations() == {"countersign.dev/authors": '"pat"', "mine": "stays"}


def test_an_apply_that_claims_to_be_deleted_is_stamped_too(world):
    """Server-side apply can create an object with a deletionTimestamp; that is no way round the stamp."""
    ghost = a_plan(metadata={"deletionTimestamp": "2026-01-01T00:00:00Z", "annotations": FORGED})

    answer = world.proposer.apply(world.plan(), ghost)

    assert answer.annotations == {"countersign.dev/authors": '"pat"'}


@pytest.mark.parametrize(
    "change",
    [
        {"ttlAfterFinished": "1h"},
        {"context": {"a": 1}},
        {"description": "other"},
        {"actions": [{**ACTION, "params": {"name": "a", "deep": {"er": [2]}}}]},
    ],
    ids=lambda change: next(iter(change)),
)
def test_whoever_edits_the_spec_is_an_author(world, change):
    """Every field counts, also the inside of params, context and when the plan is removed."""
    world.submit()

    world.admin.acting_as("eve", "proposers").merge(world.plan(), {"spec": change})

    assert world.authors() == ["pat", "eve"]


def test_dropping_a_field_is_an_edit(world):
    """What is no longer there was changed as well."""
    world.submit(description="something")

    world.admin.acting_as("eve", "proposers").merge(world.plan(), {"spec": {"description": None}})

    assert world.authors() == ["pat", "eve"]


@pytest.mark.parametrize(
    "change", [{"spec": {"suspend": True}}, {"spec": {"cancel": True}}, {"metadata": {"labels": {"a": "b"}}}]
)
def test_brakes_and_labels_make_nobody_an_author(world, change):
    """Suspending or cancelling says nothing about the content."""
    world.submit()

    answer = world.approver.merge(world.plan(), change)

    assert answer.ok
    assert world.authors() == ["pat"]


def test_an_author_is_listed_once(world):
    """Editing again adds nothing."""
    world.submit()
    for text in ("a", "b"):
        world.proposer.merge(world.plan(), {"spec": {"description": text}})

    assert world.authors() == ["pat"]


@pytest.mark.parametrize("value", ['"somebody else"', "", "not json", None])
def test_authors_cannot_be_altered(world, value):
    """The list is put back as it was."""
    world.submit()

    assert world.annotate(world.proposer, authors=value).ok

    assert world.authors() == ["pat"]


@pytest.mark.parametrize("value", ["{}", "", None])
def test_a_record_cannot_be_altered(world, value):
    """The record of a decision is put back as it was."""
    world.waiting()
    world.decide(world.approver)
    before = world.record()

    assert world.annotate(world.second, decision=value).ok

    assert world.record() == before


def test_a_record_cannot_be_written_by_hand(world):
    """Where no decision was made there is none afterwards, however well it is forged."""
    world.waiting()
    version = world.read()["metadata"]["resourceVersion"]
    forged = {"n": version, "outcome": "approve", "quotes": DIGEST, "by": "ann", "groups": ["approvers"]}

    assert world.annotate(world.approver, decision=json.dumps(forged, separators=(",", ":"))).ok

    assert "countersign.dev/decision" not in world.annotations()


def test_a_decision_is_recorded_with_its_maker(world):
    """The command becomes a record of who said what about which state of the plan, and goes away."""
    world.waiting()
    version = world.read()["metadata"]["resourceVersion"]

    assert world.decide(world.approver, quotes=f"{DIGEST} looks good").ok

    assert world.record() == {
        "n": version,
        "outcome": "approve",
        "quotes": f"{DIGEST} looks good",
        "by": "ann",
        "groups": ["approvers", "system:authenticated"],
    }
    assert "countersign.dev/approve" not in world.annotations()


def test_the_same_words_of_a_second_approver_are_a_second_decision(world):
    """Because the command never stays, nothing has to differ."""
    world.waiting()
    world.decide(world.approver)
    first = world.record()
    world.recorded()

    assert world.decide(world.second).ok

    assert (first["by"], world.record()["by"]) == ("ann", "bob")
    assert world.record()["n"] != first["n"]


def test_a_decision_can_be_applied(world):
    """Server-side apply of the annotation is a decision like a patch."""
    world.waiting()
    command = {**a_plan(), "metadata": {"name": "p", "annotations": {"countersign.dev/approve": DIGEST}}}
    del command["spec"]

    assert world.approver.apply(world.plan(), command).ok

    assert world.record()["by"] == "ann"


@pytest.mark.parametrize(
    "comment", ['say "yes"', "back\\slash \\", "two\nlines\tand a tab\r\n", 'x","by":"bob', "naïve \U0001f600"]
)
def test_comments_are_recorded_as_written(world, comment):
    """Any text comes back from the record as it was, and none can end the record early."""
    world.waiting()

    assert world.decide(world.approver, quotes=f"{DIGEST} {comment}").ok

    assert world.record()["quotes"] == f"{DIGEST} {comment}"
    assert world.record()["by"] == "ann"


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_any_name_is_recorded_as_it_is(world, name):
    """As author, as approver and as group; records stay valid JSON."""
    world.submit(by=world.admin.acting_as(name, "proposers"))
    world.publish()

    assert world.decide(world.admin.acting_as(f"approver {name}", "approvers", name)).ok

    assert world.authors() == [name]
    assert world.record()["by"] == f"approver {name}"
    assert world.record()["groups"] == ["approvers", name, "system:authenticated"]


def test_a_name_with_control_characters_is_recorded_as_it_is(world, cluster):
    """A certificate can carry what a header cannot."""
    name = "line\nbreak\x01\x1b[2J"
    with identity(cluster.kubeconfig(name, ["approvers", "proposers", "a\ttab"])) as odd:
        world.submit(by=odd)
        world.publish()
        answer = world.decide(odd)

    assert answer.ok, answer.message
    assert world.authors() == [name]
    assert world.record()["by"] == name
    assert "a\ttab" in world.record()["groups"]


def test_nobody_hides_behind_a_longer_name(world):
    """Somebody whose name is a part of an author's name is still added."""
    world.submit(by=world.admin.acting_as('pat","eve', "proposers"))

    world.admin.acting_as("eve", "proposers").merge(world.plan(), {"spec": {"description": "x"}})

    assert world.authors() == ['pat","eve', "eve"]


def test_a_plan_older_than_the_policies_has_an_unknown_author(older):
    """Nobody knows who wrote it, so it cannot be approved by anybody."""
    older.proposer.merge(older.plan(), {"metadata": {"labels": {"touched": "yes"}}})

    assert older.authors() == ["unknown author"]


def test_a_command_that_was_there_before_is_nobodys_decision(older):
    """Whoever touches the plan next does not decide with somebody else's words."""
    answer = older.approver.merge(older.plan(), {"metadata": {"labels": {"seen": "yes"}}})

    assert answer.ok, answer.message
    assert "countersign.dev/decision" not in older.annotations()
    assert "countersign.dev/approve" not in older.annotations()
