"""What a status write tells: each thing that happened once, and nothing when nothing did."""

from datetime import timedelta
from itertools import pairwise

import pytest
from tests.support.lives import Life
from tests.support.snapshots import APPROVER, a_spec

from countersign.api.approval_status import Approval, Decision
from countersign.api.plan_status import (
    ActionError,
    ActionStatus,
    Execution,
    PlanStatus,
    Validation,
)
from countersign.core.news import decided, ended, lasted, news, waited
from countersign.core.snapshot import Guard
from countersign.model.condition import Condition

BEGAN, LATER = "2030-01-01T00:00:00Z", "2030-01-01T00:01:30Z"
DIGEST = "sha256:" + "a" * 64
OTHER = "sha256:" + "b" * 64


def told(before: PlanStatus, after: PlanStatus) -> list[str]:
    return [item.reason for item in news(before, after)]


def history(life: Life) -> list[str]:
    """What was told in the whole life, in order."""
    statuses = [PlanStatus(), *life.written]
    return [reason for before, after in pairwise(statuses) for reason in told(before, after)]


def a_decision(*, counts: bool = True) -> Decision:
    why = "" if counts else "the author of a plan may not approve it"
    return Decision(
        n="1", outcome="approve", by="ann", digest=DIGEST, comment="secret", at=BEGAN, counts=counts, why=why
    )


def an_action(status: str, **fields) -> ActionStatus:
    return ActionStatus.model_validate({"id": "first", "type": "tool.upsert", "status": status, **fields})


def running(*actions: ActionStatus, digest: str = DIGEST, **fields) -> PlanStatus:
    execution = Execution(generation=1, publication=1, digest=digest, started_at=BEGAN)
    return PlanStatus(phase="Executing", reason="Running", execution=execution, actions=list(actions), **fields)


def with_conditions(reason: str, **since: tuple[str, str]) -> PlanStatus:
    conditions = [
        Condition(type=kind, status=truth, reason=reason, last_transition_time=moment)
        for kind, (truth, moment) in since.items()
    ]
    return PlanStatus(reason=reason, conditions=conditions)


class TestLives:
    """Whole lives of plans."""

    def test_from_the_draft_to_the_end(self):
        """What people see of a plan that goes well."""
        life = Life().turns()
        life.decide("approve", by=APPROVER).turns()
        assert history(life) == ["Validated", "ApprovalRequired", "DecisionRecorded", "Started", "Executed"]

    def test_nothing_new(self):
        """The same status twice tells nothing."""
        life = Life().turns()
        assert all(not news(status, status) for status in life.written)

    def test_invalid_and_mended(self):
        """Each verdict that says something else is told."""
        life = Life(spec=a_spec(serviceAccountName="other")).turns()
        assert history(life) == ["Invalid"]
        life.edit(serviceAccountName=None).turns()
        assert history(life) == ["Invalid", "Validated", "ApprovalRequired"]

    def test_guard(self):
        """It is lost and comes back; the plan waits for approval as before."""
        life = Life().turns()
        life.guard = Guard(ok=False, message="A policy is missing")
        life.turns()
        life.guard = Guard(ok=True)
        life.turns()
        assert history(life) == ["Validated", "ApprovalRequired", "GuardLost", "GuardRestored", "ApprovalRequired"]


class TestDecisions:
    """Whether they count."""

    @pytest.mark.parametrize(("counts", "reason"), [(True, "DecisionRecorded"), (False, "DecisionIgnored")])
    def test_recorded(self, counts, reason):
        """Who and what, and why it does not count; comments are for those who may read the plan."""
        after = PlanStatus(approval=Approval(decisions=[a_decision(counts=counts)]))
        (item,) = news(PlanStatus(), after)
        assert (item.reason, item.note.startswith("ann: approve")) == (reason, True)
        assert "secret" not in item.note
        assert decided(after, after) == ()


class TestPublications:
    """A digest that people have to look at."""

    def test_a_world_that_changed(self):
        """Another digest for the same spec."""
        before = PlanStatus(reason="AwaitingApproval", digest=DIGEST)
        after = PlanStatus(reason="PreviewChanged", digest=OTHER)
        assert told(before, after) == ["PreviewChanged"]
        assert told(after, after.but(message="1 of 2 approvals")) == []

    def test_a_new_spec(self):
        """Also a valid spec after a valid one is told."""
        valid = Validation(valid=True)
        before = PlanStatus(reason="AwaitingApproval", digest=DIGEST, spec_digest=DIGEST, validation=valid)
        assert told(before, before.but(digest=OTHER, spec_digest=OTHER)) == ["Validated", "ApprovalRequired"]


class TestBreakingTheGlass:
    """Nobody overlooks it."""

    def test_at_the_start(self):
        """Once, when the plan starts, with the names of those who did it."""
        broken = running(approval=Approval(broken_by=["olga", "omar"]))
        (glass, started) = news(PlanStatus(approval=broken.approval), broken)
        assert (glass.type, glass.reason, started.reason) == ("Warning", "BreakGlass", "Started")
        assert glass.note == "The glass was broken by olga, omar"
        assert told(broken, broken.but(message="on the way")) == []


class TestRuns:
    """What became of the actions."""

    def test_a_failure(self):
        """The action says why, the plan says what came of it."""
        error = ActionError(type="Forbidden", message="not allowed")
        failed = running(an_action("failed", error=error))
        (item,) = news(running(an_action("running")), failed)
        assert (item.type, item.reason, item.note) == ("Warning", "ActionFailed", "first: not allowed")
        assert told(failed, failed.but(phase="Failed", reason="ActionFailed")) == ["Failed"]

    def test_a_failure_without_error(self):
        """Its message does."""
        (item,) = news(running(an_action("running")), running(an_action("failed", message="gone")))
        assert item.note == "first: gone"

    def test_ended(self):
        """Once, and not before it ran."""
        applied = running(an_action("applied"))
        assert ended(PlanStatus(), PlanStatus(actions=[an_action("invalid")])) == ()
        assert ended(running(an_action("running")), running(an_action("waiting"))) == ()
        assert [entry.id for entry in ended(running(an_action("running")), applied)] == ["first"]
        assert ended(applied, applied) == ()

    def test_another_run(self):
        """The next publication starts anew."""
        assert told(running(), running(digest=OTHER)) == ["Started"]

    @pytest.mark.parametrize(
        ("began", "finished", "span"),
        [(BEGAN, LATER, timedelta(seconds=90)), (None, LATER, None), (BEGAN, None, None)],
    )
    def test_lasted(self, began, finished, span):
        """What never began has no length."""
        assert lasted(an_action("applied", startedAt=began, finishedAt=finished)) == span


class TestWaiting:
    """How long people took."""

    def test_from_the_last_change_until_approved(self):
        """Not from the creation of the plan."""
        before = with_conditions(
            "AwaitingApproval", Validated=("True", BEGAN), Approved=("False", "2029-01-01T00:00:00Z")
        )
        after = with_conditions("Running", Validated=("True", BEGAN), Approved=("True", LATER))
        assert waited(before, after) == timedelta(seconds=90)

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            (with_conditions("Validating"), with_conditions("Running", Approved=("True", LATER))),
            (with_conditions("AwaitingApproval"), with_conditions("Rejected", Approved=("False", LATER))),
            (with_conditions("AwaitingApproval"), with_conditions("Running", Approved=("True", LATER))),
            (with_conditions("AwaitingApproval"), with_conditions("Running")),
        ],
        ids=["nobody waited", "not approved", "since an unknown moment", "nothing known"],
    )
    def test_nothing_to_measure(self, before, after):
        """No guess is made."""
        assert waited(before, after) is None
