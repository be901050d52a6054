"""Every state that a plan can be in has its place for those who wait, and its word on the screen."""

import pytest
from tests.support.plans import a_plan, waiting

from countersign.cli.following import decide_hint, ends, has_succeeded, is_settled
from countersign.cli.plan import as_plan
from countersign.cli.render.words import KNOWN
from countersign.core.situation import Situation

GOES_ON = {
    "VALIDATING",
    "GUARD_MISSING",
    "AWAITING_APPROVAL",
    "PREVIEW_CHANGED",
    "SUSPENDED",
    "QUEUED",
    "RUNNING",
    "WAITING",
    "CONTENDED",
    "FROZEN",
    "FROZEN_UNAPPROVED",
    "HALTED",
}
ROWS = [pytest.param(situation, id=situation.name) for situation in Situation]


def plan_in(situation):
    return as_plan(a_plan(status=waiting(phase=situation.phase, reason=situation.reason)))


@pytest.mark.parametrize("situation", ROWS)
def test_ends(situation):
    """Whoever waits goes on exactly as long as something may still come of it by itself."""
    assert ends(situation) is (situation.name not in GOES_ON)
    assert is_settled(plan_in(situation)) is ends(situation)


@pytest.mark.parametrize("situation", ROWS)
def test_success(situation):
    """Success is what was asked for, and nothing else."""
    assert has_succeeded(plan_in(situation)) is (situation.name in ("SUCCEEDED", "VALIDATED_ONLY"))


@pytest.mark.parametrize("situation", ROWS)
def test_words(situation):
    """No phase and no reason is forgotten where words get their colours."""
    assert {situation.phase, situation.reason} <= KNOWN


def test_old_verdict():
    """What was said about an earlier generation ends nothing."""
    stale = as_plan(a_plan(status=waiting(phase="Executed", reason="Succeeded", observedGeneration=0)))
    assert not is_settled(stale)
    assert not has_succeeded(stale)


def test_hint():
    """Only who can be approved is proposed for approval."""
    hinted = {situation.name for situation in Situation if decide_hint(plan_in(situation), "countersign")}
    assert hinted == {"AWAITING_APPROVAL", "PREVIEW_CHANGED"}
