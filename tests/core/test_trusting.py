"""Which status writes rest on what people wrote into annotations."""

import pytest
from tests.support.lives import Life
from tests.support.snapshots import a_spec, some_actions

from countersign.core.trusting import rests_on_annotations

WAITING = Life(a_spec(*some_actions(2))).turn()
STARTED = next(status for status in Life(a_spec(*some_actions(2))).approved().written if status.phase == "Executing")


@pytest.mark.parametrize(
    "changes",
    [{"authors": ["eve"]}, {"generation": 7}, {"decisions": STARTED.approval.decisions}],
    ids=["authors", "generation", "decisions"],
)
def test_what_people_said(changes):
    """Who wrote the plan and who decided comes from annotations."""
    after = WAITING.status.but(approval=WAITING.status.approval.but(**changes))
    assert rests_on_annotations(WAITING.status, after)


def test_digest():
    """What is offered for approval is offered to those whom the annotations name as no authors."""
    assert rests_on_annotations(WAITING.status.but(digest=None), WAITING.status)


def test_start():
    """A start consumes an approval; one that finds everything carried out before changes nothing, whoever asked for it."""
    assert rests_on_annotations(WAITING.status, STARTED)
    done = [entry.but(status="skipped", reason="AlreadyApplied") for entry in STARTED.actions]
    assert not rests_on_annotations(WAITING.status, STARTED.but(actions=done))


def test_on_the_way():
    """What a run writes about itself was decided when it started."""
    later = STARTED.execution.but(finished_at="2030-01-01T12:00:00Z")
    assert not rests_on_annotations(STARTED, STARTED.but(execution=later, progress="1/2"))
