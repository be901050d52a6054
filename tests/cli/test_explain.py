"""`explain` lays the reasoning out; what somebody may not read is said to be missing, the rest is told."""

import json

import pytest
from tests.support.fake_plans import FakePlans
from tests.support.golden import matches
from tests.support.plans import a_decision, a_plan, a_preview, an_approval, an_effect, an_entry, executed, waiting
from tests.support.typed import typed

from countersign.errors import Forbidden

REASONS = [
    {"level": "high", "rule": "tool.dangerousTag", "why": "tagged financial\x1b[2J"},
    {"level": "medium", "rule": "tool.base", "why": "agents can call it"},
]
RULES = [{"level": "high", "rule": "tool.dangerousTag"}, {"level": "medium", "rule": "tool.base"}]
STAGES = [
    {"number": 1, "name": "Structural", "result": "Passed"},
    {"number": 2, "name": "References", "result": "Passed"},
    {"number": 5, "name": "Dependencies", "result": "NotReached"},
    {"number": 9, "name": "Schema", "result": "Unavailable"},
    {"number": 12, "name": "Signatures", "result": "Failed"},
    {"number": 13, "name": "Risk", "result": "NotReached"},
]
WARNING = {"stage": 2, "code": "References.NotVerified", "severity": "warning", "path": "spec", "message": "by hand"}
STATUS = waiting(
    validation={"valid": True, "stages": STAGES, "diagnostics": [WARNING]},
    approval=an_approval(
        required=2,
        approved=1,
        policies=["built-in"],
        counted=["ann"],
        because=[
            {"asks": "gate", "policy": "built-in", "line": "byRisk.high"},
            {"asks": "quorum", "policy": "team", "line": "quorum.high"},
            {"asks": "expiry", "line": "default"},
        ],
        decisions=[a_decision(by="pat", counts=False, why="an author"), a_decision(n="8", comment="fine")],
    ),
    actions=[an_entry(riskRules=RULES), an_entry(id="second", risk=None)],
)


@pytest.fixture
def fake():
    return FakePlans().holds(a_plan(status=STATUS), a_preview("payments", an_effect(reasons=REASONS)))


def test_looks(fake):
    """Stages with their findings, each risk with its rules, the gate, every decision, what is missing."""
    result = typed("explain", "payments", fake=fake)
    assert (result.exit_code, result.stderr) == (0, "")
    assert matches("explain", result.stdout)


def test_glass(fake):
    """Of each approval that asks to break the glass it is said what it counts towards."""
    usual, emergency = (
        a_decision(breaksGlass=True),
        a_decision(n="8", by="olga", counts=False, why="x", breaksGlass=True),
    )
    approval = an_approval(counted=["ann"], approved=1, decisions=[usual, emergency])
    shown = typed("explain", "payments", fake=fake.holds(a_plan(status=waiting(approval=approval)))).stdout
    assert "yes, as a usual approval and not to break the glass" in shown
    assert "yes, towards breaking the glass" in shown


def test_executed(fake):
    """Of a plan that ran nothing is missing, and the approvals are used."""
    approval = {**executed()["approval"], "consumedAt": "2026-01-01T12:06:00Z"}
    shown = typed("explain", "payments", fake=fake.holds(a_plan(status=executed() | {"approval": approval}))).stdout
    assert "Missing" not in shown
    assert "Used at       2026-01-01T12:06:00Z" in shown
    assert "Open until" not in shown


def test_new(fake):
    """A plan that nobody has looked at has no reasoning yet."""
    shown = typed("explain", "payments", fake=fake.holds(a_plan(status={}))).stdout
    assert "- the verdict of the operator on the plan as it stands now" in shown


def test_without_preview(fake):
    """Without the right to read previews everything but the sentences about the risk is told: its rules are."""
    get = fake.get

    def forbidding(kind, **where):
        if kind.plural == "planpreviews":
            raise Forbidden("ask for the role countersign-approver", code=403)
        return get(kind, **where)

    fake.get = forbidding
    result = typed("explain", "payments", fake=fake)
    assert result.exit_code == 0
    assert "- tool-1 (tool.upsert): high, the sentences stand in the PlanPreview" in result.stdout
    assert "  · high: tool.dangerousTag\n  · medium: tool.base\n" in result.stdout
    assert result.stderr == "Of the risk only the rules are shown. ask for the role countersign-approver\n"


def test_preview_of_another_digest(fake):
    """Reasons of another digest are not those of this plan."""
    fake.holds(a_preview("payments", an_effect(reasons=REASONS), digest="sha256:" + "b" * 64))
    assert "tagged financial" not in typed("explain", "payments", fake=fake).stdout


def test_json(fake):
    """Programs get the same reasoning."""
    answer = json.loads(typed("explain", "payments", "-o", "json", fake=fake).stdout)
    assert answer["risks"][0]["reasons"] == REASONS
    assert answer["risks"][0]["rules"] == RULES
    assert answer["because"][0] == "the gate follows from byRisk.high of the built-in default, as no policy matches"
    assert [(each["counts"], each["why"]) for each in answer["decisions"]] == [(False, "an author"), (True, "")]
    assert (answer["reason"], answer["gate"]["required"], len(answer["missing"])) == ("AwaitingApproval", 2, 1)


def test_proposal(fake):
    """What somebody proposes instead is laid out, and nothing in it can pass for a line of ours."""
    asked = a_decision(outcome="revise", comment='{"partial":{"description":"x\\nGate\\u001b[2J"},"feedback":"so"}')
    status = waiting(reason="RevisionRequested", approval=an_approval(decisions=[asked]))
    shown = typed("explain", "payments", fake=fake.holds(a_plan(status=status))).stdout
    assert 'Proposed by ann\n| description: "x\\nGate\\e[2J"\n' in shown


@pytest.mark.parametrize("comment", ["use https", "[1]", '{"other": 1}', "{", "[" * 1000])
def test_no_proposal(fake, comment):
    """A comment that proposes nothing is a comment."""
    asked = a_decision(outcome="revise", comment=comment)
    status = waiting(reason="RevisionRequested", approval=an_approval(decisions=[asked]))
    result = typed("explain", "payments", fake=fake.holds(a_plan(status=status)))
    assert (result.exit_code, "Proposed" in result.stdout) == (0, False)
