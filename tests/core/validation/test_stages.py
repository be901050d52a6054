"""The thirteen stages together: order, outcomes, and what follows from the findings."""

import pytest
from tests.support.pretend import World
from tests.support.reviews import a_review, said
from tests.support.snapshots import an_action

from countersign.core.validation import STAGES, Report, validate
from countersign.model.facts import Absent, Hidden, Refusal, Refused, Unavailable
from countersign.model.finding import Code, Finding, Severity
from countersign.model.stage import Stage

ERROR = Finding(Code.REFUSED, "x")
PASSING = Finding(Code.SCHEMA_UNAVAILABLE, "x", retryable=True)
WARNING = Finding(Code.NOT_VERIFIED, "x", severity=Severity.WARNING)


def _outcomes(*actions, **rest):
    return {stage.name: outcome for stage, outcome in validate(a_review(*actions, **rest)).outcomes}


def test_order():
    """There are thirteen stages, in the order of their numbers."""
    assert [stage for stage, _ in STAGES] == list(Stage)
    assert [stage.value for stage, _ in STAGES] == list(range(1, 14))


def test_good_plan():
    """Every stage passes."""
    assert set(_outcomes().values()) == {"Passed"}


def test_no_plan_at_all():
    """Of a plan that is no plan only what needs no action says something."""
    outcomes = _outcomes(actions=7)
    assert outcomes["STRUCTURAL"] == "Failed"
    assert outcomes["SIGNATURES"] == "Passed"
    assert set(outcomes.values()) == {"Failed", "Passed", "NotReached"}


def test_independent_stages_report():
    """Stages that need not wait for each other all report at once."""
    world = World(account=Absent())
    outcomes = _outcomes(an_action(params={"name": "UPPER"}), an_action("good"), world=world)
    assert (outcomes["STRUCTURAL"], outcomes["ACCESS"], outcomes["CAPABILITIES"]) == ("Failed", "Failed", "Passed")
    assert (outcomes["SCHEMA"], outcomes["RISK"], outcomes["BUDGET"]) == ("NotReached",) * 3


def test_unavailable():
    """A stage that could not ask says so, and is no failure of the plan."""
    report = validate(a_review(world=World(refusals={"payments": Unavailable("timeout")})))
    assert dict(report.outcomes)[Stage.SCHEMA] == "Unavailable"
    assert (report.valid, report.undecided) == (False, True)


@pytest.mark.parametrize(
    ("findings", "valid", "undecided"),
    [
        ((), True, False),
        ((WARNING,), True, False),
        ((ERROR,), False, False),
        ((PASSING,), False, True),
        ((PASSING, WARNING), False, True),
        ((PASSING, ERROR), False, False),
    ],
    ids=["nothing", "a warning", "an error", "unavailable", "unavailable and a warning", "unavailable and an error"],
)
def test_verdict(findings, valid, undecided):
    """One error closes the gate; it stays undecided only while nothing is known to be wrong."""
    report = Report(outcomes=(), findings=findings)
    assert (report.valid, report.undecided) == (valid, undecided)


def test_findings_are_sorted():
    """By stage, then by path, whatever order they were found in."""
    world = World(refusals={name: Refused(Refusal.INVALID, "wrong") for name in ("b", "a")})
    findings = validate(a_review(an_action("b"), an_action("a"), an_action("c", extra=1), world=world)).findings
    assert said(findings) == [("Structural.InvalidSpec", "spec.actions[2].extra")]
    findings = validate(a_review(an_action("b"), an_action("a"), an_action("c", params={}), world=world)).findings
    assert said(findings) == [
        ("Structural.InvalidParams", "spec.actions[2].params.name"),
        ("Structural.InvalidParams", "spec.actions[2].params.spec"),
        ("Schema.Refused", "spec.actions[0].params"),
        ("Schema.Refused", "spec.actions[1].params"),
    ]


def test_same_input_same_output():
    """Validation twice gives the same, finding by finding."""
    world = World(account=Hidden())
    assert validate(a_review(world=world)) == validate(a_review(world=world))
