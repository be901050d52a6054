"""An explanation repeats what was recorded, says of each decision whether it holds now, and names what is missing."""

from dataclasses import replace

import pytest
from tests.support.lives import Life
from tests.support.policed import policed
from tests.support.snapshots import APPROVER, DOWN, PROPOSER, SECOND, a_plan, a_spec, an_action

from countersign.api.plan_status import PlanStatus
from countersign.api.preview import PreviewedEffect, RiskReason
from countersign.core.explain import Explanation, explain
from countersign.core.situation import Situation

REASON = RiskReason(level="medium", rule="tool.base", why="a tool opens a way out")


def _explained(life: Life, **changes) -> Explanation:
    return explain(replace(life.plan, **changes), None)


def _an_effect(action: str) -> PreviewedEffect:
    named = {"api_version": "countersign.dev/v1alpha1", "kind": "Tool", "name": action, "digest": "sha256:1"}
    return PreviewedEffect(action=action, type="tool.upsert", operation="created", reasons=[REASON], **named)


def _whys(life: Life) -> list[tuple[str, str]]:
    return [(each.decision.by, each.why) for each in _explained(life).decisions]


def test_stages():
    """All thirteen with their results, each with its own findings."""
    life = Life(spec=a_spec(an_action(spec={"connection": {"baseUrl": "http://payments.example.com"}}))).turn()
    stages = _explained(life).stages
    assert [stage.number for stage in stages] == list(range(1, 14))
    assert [stage.result for stage in stages] == [stage.result for stage in life.status.validation.stages]
    found = {stage.name: [finding.code for finding in stage.findings] for stage in stages if stage.findings}
    assert found == {"Structural": ["Structural.UnsafeAddress"]}


def test_risks():
    """Each action with its level and the reasons that stand in the preview; without a preview nobody knows them."""
    life = Life(spec=a_spec(an_action(), an_action("second"))).turn()
    found = explain(life.plan, [_an_effect("payments"), _an_effect("payments")])
    assert [(risk.action, risk.level, risk.reasons) for risk in found.risks] == [
        ("payments", "medium", [REASON]),
        ("second", "medium", []),
    ]
    assert found.max_risk == "medium"
    assert [risk.reasons for risk in _explained(life).risks] == [None, None]


def test_gate():
    """What was asked for and by which policy; the decisions stand by themselves."""
    found = _explained(Life().turn().decide("reject").turn())
    assert found.gate is not None
    assert (found.gate.gate, found.gate.policies, found.gate.required) == ("humanInTheLoop", ["built-in"], 1)
    assert (found.gate.decisions, len(found.decisions)) == ([], 1)
    assert _explained(Life(spec={"actions": []}).turn()).gate is None


HUMAN_GATE = {"low": "auto", "medium": "humanInTheLoop", "critical": "humanInTheLoop"}


@pytest.mark.parametrize(
    ("policies", "risk", "because"),
    [
        (
            [],
            "high",
            [
                "the gate follows from byRisk.high of the built-in default, as no policy matches",
                "one approval is enough, as no policy asks for more",
                "how long approvals are good for is the operator's setting, as no policy asks for less time",
            ],
        ),
        (
            [{"byRisk": HUMAN_GATE, "quorum": {"low": 2}, "expiresAfter": "1h"}],
            "medium",
            [
                "the gate follows from byRisk.medium of the approval policy policy-0",
                "the number of approvals follows from quorum.low of the approval policy policy-0",
                "how long approvals are good for follows from expiresAfter of the approval policy policy-0",
            ],
        ),
        (
            [{"byRisk": {"low": "auto", "medium": "auto"}}],
            "low",
            ["the gate follows from byRisk.medium of the approval policy policy-0"],
        ),
        (
            [
                {"byRisk": HUMAN_GATE, "breakGlass": {"groups": ["oncall"]}},
                {"quorum": {"high": 3}, "expiresAfter": "48h"},
            ],
            "critical",
            [
                "the gate follows from byRisk.high (left out) of the approval policy policy-0",
                "the number of approvals follows from quorum.high of the approval policy policy-1",
                "how long approvals are good for is the operator's setting, as no policy asks for less time",
                "who may break the glass follows from breakGlass of the approval policy policy-0",
            ],
        ),
        (
            [
                {
                    "byRisk": {"low": "auto", "medium": "auto"},
                    "match": {"authors": ["pat", "eve"], "actionTypes": ["deploy.*", "tool.upsert"]},
                }
            ],
            "medium",
            ["the gate follows from byRisk.medium of the approval policy policy-0"],
        ),
    ],
    ids=["built-in", "one policy", "automatic", "several", "selected"],
)
def test_because(policies, risk, because):
    """Each thing that is asked for names the line of the policy that asks for it."""
    life = policed(*policies, spec=a_spec(an_action(risk=risk)))
    assert _explained(life).because == because


def test_because_of_the_default_for_a_part():
    """Where no policy is for all of the plan the built-in default decides too, and that is why."""
    policy = {"byRisk": {"low": "auto", "medium": "auto"}, "match": {"authors": ["pat"]}}
    life = policed(policy, spec=a_spec(suspend=True)).edit(by="eve", description="x").turn()
    assert _explained(life).because[0] == (
        "the gate follows from byRisk.medium of the built-in default, as no policy is for all of the plan"
    )


def test_risk_rules():
    """Whoever may read the plan is told by which rules each action has its risk, without a word of what they found."""
    life = policed({"riskRaises": [{"actionTypes": ["*"], "level": "high"}]})
    (risk,) = _explained(life).risks
    assert [(rule.level, rule.rule) for rule in risk.rules] == [("high", "policy.raised"), ("medium", "tool.base")]


def test_decisions_that_hold():
    """A rejection that nobody took back counts, and so does the approval of somebody else beside it."""
    life = Life().turn().edit(suspend=True).decide().turn().decide("reject", by=SECOND).turn()
    assert _whys(life) == [(APPROVER, ""), (SECOND, "")]


def test_decisions_that_do_not_hold():
    """Each says why: its own defect, a later word of the same person, another digest."""
    life = Life().turn().decide(by=PROPOSER).turn().decide("reject").turn().decide("revoke").turn()
    assert _whys(life) == [
        (PROPOSER, "an author of the plan cannot approve it: somebody else has to"),
        (APPROVER, "another decision of the same person holds (revoke)"),
        (APPROVER, ""),
    ]
    life.edit(description="new").turn()
    assert set(_whys(life)[1:]) == {(APPROVER, "the plan or its preview has changed since")}


def test_a_rejection_outlasts():
    """What its author says after a rejection does not hold while the rejection does."""
    life = Life().turn().decide("reject").turn().decide("revise").turn()
    assert _whys(life) == [(APPROVER, ""), (APPROVER, "another decision of the same person holds (reject)")]


def test_glass():
    """Where somebody may break the glass, what is missing says so."""
    policy = {"byRisk": {"low": "auto"}, "breakGlass": {"groups": ["oncall"]}}
    missing = _explained(policed(policy)).missing
    assert "1 of oncall can break the glass" in missing[0]


def test_glass_of_two_people():
    """Each approval says what it counts towards, and nobody's counts towards both."""
    policy = {"byRisk": {"low": "auto"}, "breakGlass": {"groups": ["oncall"]}, "approvers": {"groups": ["dev"]}}
    life = policed(policy).decide(by="olga", groups=["oncall", "dev"], comment="break-glass: down").turn()
    assert [(each.counts, each.towards) for each in _explained(life).decisions] == [(True, "approval")]
    life.decide(by="omar", groups=["oncall"], comment="break-glass: down").turns()
    found = _explained(life).decisions
    assert [(each.decision.by, each.why, each.towards) for each in found] == [
        ("olga", "", "approval"),
        ("omar", "", "break-glass"),
    ]
    assert life.status.reason == "Succeeded"
    repeated = policed(policy).decide(by="omar", groups=["oncall"], comment="break-glass: down").turn()
    repeated.decide(by="omar", groups=["dev"]).turn()
    assert [(each.why, each.towards) for each in _explained(repeated).decisions] == [("", "approval"), ("", "approval")]


def test_decision_without_a_reason():
    """What was recorded as not counting does not count, whatever else is missing."""
    life = Life().turn().decide(by=PROPOSER).turn()
    silent = [decision.but(why="") for decision in life.status.approval.decisions]
    life.status = life.status.but(approval=life.status.approval.but(decisions=silent))
    assert _whys(life) == [(PROPOSER, "it was recorded as one that does not count")]


def test_approver_who_may_no_more():
    """Who became an author after approving is not counted any more."""
    life = Life(spec=a_spec(suspend=True)).turn().decide().turn()
    approval = life.status.approval
    life.status = life.status.but(approval=approval.but(authors=[*approval.authors, APPROVER]))
    assert [why for _, why in _whys(life)] == [
        "who decided may not approve this plan any more, for example as one of its authors"
    ]


def test_expired():
    """An approval whose time is over does not hold, and the message says how to open a new one."""
    life = Life(spec=a_spec(suspend=True)).turn().decide().turn().later(hours=25).turn()
    found = _explained(life)
    assert life.status.reason == "Expired"
    assert [each.why for each in found.decisions] == ["the time for approving this digest is over"]
    assert found.missing == [life.status.message, "spec.suspend has to be false again"]


@pytest.mark.parametrize(
    ("life", "missing"),
    [
        (Life(), ["the verdict of the operator on the plan as it stands now"]),
        (Life().turn().edit(description="new"), ["the verdict of the operator on the plan as it stands now"]),
        (Life().turn(), ["1 more approval is needed, by people who are not among the authors (pat)"]),
        (Life(guard=DOWN).turn(), [DOWN.message]),
        (Life(spec=a_spec(suspend=True)).turn().decide().turn(), ["spec.suspend has to be false again"]),
        (Life().approved(), []),
    ],
    ids=["new", "edited", "awaiting", "guard", "suspended", "executed"],
)
def test_missing(life, missing):
    """What has to happen before the plan can start."""
    assert _explained(life).missing == missing


def test_missing_voices():
    """Who holds the plan up is named, with the two ways out."""
    life = Life().turn().decide("reject").turn().decide("revise", by=SECOND).turn()
    assert _explained(life).missing[:2] == [
        "ann has to revoke the rejection, or the plan has to change",
        "the plan has to change, or bob has to revoke the request for a revision",
    ]


def test_missing_several_approvals():
    """As many as are missing."""
    status = Life().turn().status
    status = status.but(approval=status.approval.but(required=3))
    assert explain(a_plan(status=status), None).missing == [
        "3 more approvals are needed, by people who are not among the authors (pat)"
    ]


def test_missing_mends():
    """Every error with its path, if it has one; warnings are not missing."""
    life = Life(spec=a_spec(an_action(params={"name": "a"}))).turn()
    errors = life.status.validation.diagnostics
    assert _explained(life).missing == [f"{error.path}: {error.message}" for error in errors]
    pathless = [errors[0].but(path=""), errors[0].but(severity="warning")]
    life.status = life.status.but(validation=life.status.validation.but(diagnostics=pathless))
    assert _explained(life).missing == [errors[0].message]


@pytest.mark.parametrize("situation", [pytest.param(each, id=each.name) for each in Situation])
def test_every_situation(situation):
    """Whatever stands in the way of a plan that has not started, something is said to be missing."""
    status = PlanStatus(
        phase=situation.phase, reason=situation.reason, message="m", observed_generation=1, approval={"required": 1}
    )
    starts = situation.phase not in ("Draft", "Approved")
    assert bool(explain(a_plan(status=status), None).missing) is not starts
