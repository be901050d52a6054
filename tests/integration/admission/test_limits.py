"""Limits and retries on the real API server: what is too long, too many or too odd to be recorded, and who may ask again."""

import pytest
from tests.support.world import DIGEST

pytestmark = pytest.mark.cluster


def test_a_long_comment_is_refused(world):
    """With its length and the limit."""
    world.waiting()

    answer = world.decide(world.approver, quotes=f"{DIGEST} {'x' * 1025}")

    assert "the decision has 1097 characters, 1096 are allowed with the digest: shorten the comment" in answer.message
    assert world.decide(world.approver, quotes=f"{DIGEST} {'x' * 1024}").ok


@pytest.mark.parametrize("bad", ["\x00", "\x07", "\x1b[2J", "\x7f", "\x9b", "\u202e", "\u2066"])
def test_comments_that_could_fool_a_terminal_are_refused(world, bad):
    """Escape sequences and characters that reverse the text."""
    world.waiting()

    answer = world.decide(world.approver, quotes=f"{DIGEST} fine {bad}")

    assert "the comment contains control characters: use printable text, line breaks and tabs only" in answer.message


def test_an_identity_too_long_to_record_cannot_decide(world):
    """A record that would be cut is none."""
    world.waiting()
    crowd = [f"{number:03}{'g' * 497}" for number in range(80)]

    answer = world.decide(world.admin.acting_as("ann", "approvers", *crowd))

    assert "your name and groups are too long to be recorded with a decision" in answer.message


def test_many_groups_can_be_recorded(world):
    """Directories hand out hundreds."""
    world.waiting()
    crowd = [f"department-{number}" for number in range(500)]

    answer = world.decide(world.admin.acting_as("ann", "approvers", *crowd))

    assert answer.ok, answer.message
    assert world.record()["groups"][1:501] == crowd


def test_retrying_needs_the_right_to_create(world):
    """A retry opens a new run, so an approver cannot order one."""
    world.waiting()

    answer = world.annotate(world.approver, retry="1")

    assert answer.code == 403
    assert "user ann may not retry plans in namespace" in answer.message
    assert world.annotate(world.proposer, retry="1").ok
    assert world.annotate(world.approver, retry="2").code == 403
    assert world.annotate(world.approver, retry=None).ok


@pytest.mark.parametrize("value", ["", "yes", "1 ", "-1", "1" * 19])
def test_a_retry_names_a_publication(world, value):
    """Anything else is refused with where to look."""
    world.waiting()

    answer = world.annotate(world.proposer, retry=value)

    assert "names the publication to be retried, a number: see status.publication" in answer.message


def test_a_crowd_of_authors_is_refused(world):
    """The list of authors has room for many, not for everything."""
    world.submit()
    answers = [
        world.admin.acting_as(f"{number}{'a' * 5000}", "proposers").merge(
            world.plan(), {"spec": {"description": str(number)}}
        )
        for number in range(7)
    ]

    assert [answer.ok for answer in answers] == [True] * 6 + [False]
    assert "the plan has more authors than can be recorded: submit it as a new plan" in answers[-1].message


@pytest.mark.parametrize("letter", ["x", "\u20ac"], ids=["ascii", "wide"])
def test_a_plan_always_has_room_for_a_reject(world, letter):
    """Nobody can keep a brake out by filling the annotations up to the limit of the server."""
    world.waiting()
    size = len(letter.encode())

    too_much = world.proposer.merge(world.plan(), {"metadata": {"annotations": {"a": letter * (200_000 // size)}}})
    much = world.proposer.merge(world.plan(), {"metadata": {"annotations": {"a": letter * (184_000 // size)}}})
    answer = world.decide(world.approver, "reject", quotes=f"{DIGEST} {'no' * 500}")

    assert "the annotations are too large: 180 KiB are allowed, so that there is room for decisions" in too_much.message
    assert much.ok, much.message
    assert answer.ok, answer.message
