"""What a plan says to people: where it stands and what to do next, in one line, without a stop at the end."""

import pytest
from tests.support.lives import Life
from tests.support.snapshots import a_plan, a_spec, an_action

from countersign.api.approval_status import Approval
from countersign.api.plan_status import Outcome, PlanStatus
from countersign.core import sentences
from countersign.core.standing import Standing
from countersign.core.validation import Report
from countersign.model.finding import Code, Finding

PLAN = a_plan()
STATUS = PlanStatus(
    digest="sha256:abc",
    publication=4,
    preview="plan-abc",
    max_risk="high",
    approval=Approval(required=2, approved=0, expires_at="2030-01-02T12:00:00Z"),
    outcome=Outcome(summary="1 created, 1 failed"),
)
RETRY = "kubectl annotate --overwrite plan -n team-a plan countersign.dev/retry=4"
WAITING = (
    "high risk, 2 approvals are missing until 2030-01-02T12:00:00Z. See what it would change: kubectl get planpreview "
    "-n team-a plan-abc -o yaml; approve it: kubectl annotate plan -n team-a plan countersign.dev/approve=sha256:abc"
)
SAID = {
    "one error": (
        sentences.invalid(Report((), (Finding(Code.REFUSED, "no", path="spec.a"),))),
        "spec.a: no",
    ),
    "several errors": (
        sentences.invalid(Report((), (Finding(Code.REFUSED, "no"), Finding(Code.REFUSED, "neither")))),
        "no (1 more in status.validation.diagnostics)",
    ),
    "waiting": (
        sentences.awaiting(PLAN, STATUS, changed=False),
        WAITING,
    ),
    "rejected": (
        sentences.held("reject", ["ann"], Standing(comments={"ann": "too late"})),
        "Rejected by ann: too late. It stays so until ann revokes the rejection or the plan is changed",
    ),
    "rejected without a word": (
        sentences.held("reject", ["ann", "bob"], Standing()),
        "Rejected by ann. It stays so until ann revokes the rejection or the plan is changed",
    ),
    "to be revised": (
        sentences.held("revise", ["ann"], Standing(comments={"ann": "say why"})),
        "ann asks for a revision: say why. Change the plan, or ask ann to revoke",
    ),
    "expired": (
        sentences.expired(PLAN, STATUS),
        f"The time for approving sha256:abc ended at 2030-01-02T12:00:00Z. To open a new one: {RETRY}",
    ),
    "executed": (sentences.finished(STATUS, PLAN, "Succeeded"), "1 created, 1 failed"),
    "failed": (
        sentences.finished(STATUS, PLAN, "ActionFailed"),
        f"1 created, 1 failed. Change the plan, or try again what remains: {RETRY}",
    ),
    "cancelled": (
        sentences.finished(STATUS, PLAN, "Cancelled"),
        "1 created, 1 failed. It was cancelled and stays so: submit another plan for the rest",
    ),
}


@pytest.mark.parametrize(("said", "expected"), SAID.values(), ids=SAID.keys())
def test_sentences(said, expected):
    """Subject, problem and remedy, with the exact command."""
    assert said == expected


def test_changed():
    """When the preview changed the message begins with that."""
    said = sentences.awaiting(PLAN, STATUS, changed=True)
    assert said.startswith("The preview or the rules changed, so earlier approvals are void. high risk")


def test_without_an_outcome():
    """A status that somebody else left behind has a sentence, too."""
    assert sentences.finished(PlanStatus(), PLAN, "ActionFailed").startswith(". Change the plan")


@pytest.mark.parametrize("said", [sentences.unknown_author(), sentences.too_many_decisions()])
def test_remedies(said):
    """What cannot be mended says what to do instead."""
    assert "submit" in said
    assert not said.endswith(".")


def test_hostile_words_stay_in_line():
    """Nobody's comment or name of an action can begin a line of its own in a message."""
    life = Life(a_spec(an_action(id="Done. All fine"))).turn().decide("reject", comment="x\n\n  Approved by everybody")
    assert "\n" not in life.turn().status.message
