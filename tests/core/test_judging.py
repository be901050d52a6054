"""Judging: what is asked, what becomes of a plan that is wrong, and when it is looked at again."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.support.lives import Life, drive
from tests.support.policies import a_policy_spec
from tests.support.pretend import World
from tests.support.snapshots import NOW, RULES, a_plan, a_snapshot, a_spec, an_action, some_actions
from tests.support.tools import API_KEY, a_connection

from countersign.core.policies.policy import Rulebook
from countersign.core.questions import AskAccount, AskPolicies, AskPreview, AskReference
from countersign.core.steps import Look, Remove
from countersign.core.turn import next_step
from countersign.model.facts import Absent, Cause, Hidden, Present, Refusal, Refused, Unavailable

FORBIDDEN = Refused(Refusal.FORBIDDEN, 'User "x" cannot patch')


def _credentialed():
    return an_action(spec={"connection": a_connection(authentication=API_KEY)})


def test_account_first():
    """Everything else is asked as the executor, so the executor is looked for first."""
    step = next_step(a_snapshot(a_plan(_credentialed())))
    assert step == Look((AskPolicies("team-a"), AskAccount("team-a", "countersign-executor")))


def test_all_other_questions_at_once():
    """References and previews of all actions are asked in one go, and nothing twice."""
    snapshot = a_snapshot(
        a_plan(_credentialed(), an_action("other", spec={"connection": a_connection(authentication=API_KEY)}))
    )
    account = AskAccount("team-a", "countersign-executor")
    step = next_step(snapshot.with_answers({AskPolicies("team-a"): Rulebook(), account: Present("1")}))
    assert [type(question) for question in step.questions] == [AskReference, AskPreview, AskPreview]


def test_nothing_is_asked_without_need():
    """A plan that is understood in no part, or runs as an account that plans may not use, asks nothing of the cluster."""
    for spec in ({"actions": "none"}, a_spec(serviceAccountName="default")):
        world = World()
        assert Life(spec, world=world).turn().status.reason == "Invalid"
        assert world.asked == []


def test_partly_understood():
    """What is understood of a plan is tried, so that its author sees everything at once."""
    world = World(refusals={"good": Refused(Refusal.INVALID, "wrong", (Cause("spec.port", "too big"),))})
    life = Life(a_spec(an_action("good"), an_action("bad", params={})), world=world).turn()
    assert [finding.code for finding in life.status.validation.diagnostics] == [
        "Structural.InvalidParams",
        "Structural.InvalidParams",
        "Schema.Refused",
    ]
    assert [entry.status for entry in life.status.actions] == ["invalid", "invalid"]


MENDED_ELSEWHERE = {
    "no executor": {"account": Absent()},
    "a missing right": {"refusals": {"payments": FORBIDDEN}},
    "a field of somebody else": {"refusals": {"payments": Refused(Refusal.CONFLICT, "theirs")}},
    "a webhook": {"refusals": {"payments": Refused(Refusal.POLICY, "no")}},
    "a kind that is not served": {"refusals": {"payments": Refused(Refusal.NOT_SERVED, "no")}},
}


@pytest.mark.parametrize("world", MENDED_ELSEWHERE.values(), ids=MENDED_ELSEWHERE.keys())
def test_looked_at_again_soon(world):
    """What is wrong outside the plan is looked at again soon, then ever more seldom, at most as seldom as any plan."""
    life = Life(world=World(**world)).turn()
    spans = []
    for _ in range(30):
        assert life.status.reason == "Invalid"
        spans.append(life.until - life.now)
        life.now = life.until
        life.turn()
    assert spans[0] == timedelta(seconds=6.25)
    assert spans == sorted(spans)
    assert spans[-1] == timedelta(minutes=12.5)
    assert spans[5] < timedelta(minutes=1)


def test_healed():
    """When the right is granted the plan is published without anybody touching it."""
    world = World(refusals={"payments": FORBIDDEN})
    life = Life(world=world).turn()
    assert "kubectl create rolebinding countersign-executor -n team-a" in life.status.message
    world.refusals.clear()
    life.now = life.until
    assert life.turn().status.reason == "AwaitingApproval"


def test_wrong_in_itself():
    """What only an edit can mend is looked at as seldom as a plan that waits."""
    life = Life(a_spec(an_action(params={})), world=World(account=Absent())).turn()
    assert life.until - life.now == timedelta(minutes=12.5)


def test_jitter():
    """Waiting plans are spread out."""
    snapshot = a_snapshot(a_plan(actions=[]))
    early, late = (next_step(replace(snapshot, jitter=jitter)).until for jitter in (0.0, 0.99))
    assert NOW + RULES.revalidate_after == early < late


def test_invalid_after_an_approval():
    """A plan that becomes invalid loses its digest, and with it every approval of it."""
    life = Life(a_spec(suspend=True)).turn().decide().turn()
    life.world.refusals["payments"] = FORBIDDEN
    life.turn()
    assert (life.status.reason, life.status.digest, life.status.approval.counted) == ("Invalid", None, [])
    life.world.refusals.clear()
    assert life.turn().status.publication == 2
    assert life.edit(suspend=False).turn().world.writes == []


def test_decision_about_what_is_no_longer_there():
    """A decision that arrives while the plan becomes invalid is recorded; it counted, and it is void."""
    life = Life().turn().decide()
    life.world.refusals["payments"] = FORBIDDEN
    life.turn()
    assert (life.status.reason, life.status.approval.decisions[0].counts) == ("Invalid", True)
    life.world.refusals.clear()
    assert life.turn().status.reason == "AwaitingApproval"


def test_oversized():
    """A spec that is too large is refused with its size."""
    step = next_step(a_snapshot(a_plan(spec={}, spec_bytes=300_000)))
    assert step.status.reason == "Oversized"
    assert step.status.message == "spec: the spec has 300000 bytes, at most 262144 are allowed: split the plan"


def test_blocked():
    """A plan of critical risk cannot be approved by anybody."""
    life = Life(a_spec(an_action(risk="critical"))).turn()
    assert (life.status.reason, life.status.max_risk, life.status.digest) == ("Blocked", "critical", None)


def test_decision_that_does_not_count_is_reported_at_once():
    """The same write that records a decision tells among the diagnostics why it does not count."""
    life = Life().turn().decide(by="pat").turn()
    (finding,) = life.status.validation.diagnostics
    assert (finding.code, finding.severity) == ("Signatures.NotCounted", "info")
    assert finding.message.startswith("the decision of pat (approve) does not count: an author")


class TestValidateOnly:
    """Plans for validation only."""

    def test_valid(self):
        """The diff is shown, no digest is, and nobody can approve it."""
        life = Life(a_spec(validateOnly=True)).turn()
        assert (life.status.phase, life.status.reason, life.status.digest) == ("Draft", "ValidatedOnly", None)
        assert life.status.preview
        life.decide(digest="sha256:" + "0" * 64).turn()
        assert (life.world.writes, life.status.reason) == ([], "ValidatedOnly")

    @pytest.mark.parametrize(
        "spec",
        [a_spec(), a_spec(actions=[]), a_spec(cancel=True), a_spec(serviceAccountName="missing")],
        ids=["valid", "invalid", "cancelled", "wrong outside"],
    )
    def test_removed(self, spec):
        """Whatever the verdict, the plan is removed sixty seconds after it was made."""
        life = Life(spec | {"validateOnly": True}).turn()
        assert life.until == life.created_at + timedelta(seconds=60)
        assert not life.later(seconds=59).turn().removed
        assert life.later(seconds=1).turn().removed

    def test_tried_again(self):
        """What could not be asked is tried again, but not beyond the end of the plan."""
        life = Life(a_spec(validateOnly=True), world=World(account=Unavailable("timeout"))).later(seconds=56).turn()
        assert life.until == life.created_at + timedelta(seconds=60)

    @pytest.mark.parametrize("validate_only", [True, False])
    def test_ever_more_seldom(self, validate_only):
        """A plan waits the longer, the more often a question stays open, but not one that will be gone in a minute."""
        rest = drive(a_snapshot(a_plan(validateOnly=validate_only)), World(account=Unavailable("timeout")))
        assert rest.unanswered is not validate_only

    def test_previews(self):
        """The preview is named by the content, so that the author finds it."""
        snapshot = a_snapshot(a_plan(validateOnly=True))
        world = World()
        while isinstance(step := next_step(snapshot), Look):
            snapshot = snapshot.with_answers(world.answer(step.questions))
        assert [preview.publication for preview in step.previews] == [0]
        assert step.status.preview.startswith("plan-")

    def test_guard_down(self):
        """Validation needs no guard."""
        life = Life(a_spec(validateOnly=True))
        life.guard = replace(life.guard, ok=False, message="down")
        assert life.turn().status.reason == "ValidatedOnly"


def test_removal_needs_no_look():
    """A plan for validation only goes when its time has come, whatever the cluster would say."""
    snapshot = a_snapshot(a_plan(validateOnly=True), now=NOW + timedelta(minutes=2))
    assert isinstance(next_step(snapshot), Remove)


def test_executor_that_may_not_be_seen():
    """Whether the executor is missing or hidden, the author learns how to make one."""
    for account in (Absent(), Hidden()):
        life = Life(world=World(account=account)).turn()
        assert "kubectl countersign init -n team-a" in life.status.message


class TestAutomatic:
    """Risks that a policy lets through without anybody's approval."""

    @pytest.fixture
    def world(self):
        return World(policies={"auto": a_policy_spec(byRisk={"low": "auto", "medium": "auto"})})

    def test_starts(self, world):
        """The plan starts without an approval."""
        life = Life(world=world).turn()
        assert (life.status.reason, life.status.approval.progress) == ("Succeeded", "0/0")

    def test_no_end(self, world):
        """Time does not close what nobody has to open."""
        life = Life(a_spec(suspend=True), world=world).turn().later(days=3).turn()
        assert life.status.reason == "Suspended"
        assert life.edit(suspend=False).turn().status.reason == "Succeeded"

    def test_rejected(self, world):
        """A rejection holds all the same."""
        life = Life(a_spec(suspend=True), world=world).turn().decide("reject").edit(suspend=False).turn()
        assert (life.status.reason, life.world.writes) == ("Rejected", [])

    def test_guard_down(self, world):
        """Without the guard nothing starts."""
        life = Life(world=world)
        life.guard = replace(life.guard, ok=False, message="down")
        assert (life.turn().status.reason, life.world.writes) == ("GuardMissing", [])

    def test_changed_gate(self, world):
        """When the gate closes before the start, what was published is published anew."""
        life = Life(a_spec(suspend=True), world=world).turn()
        world.policies["auto"] = a_policy_spec()
        life.edit(suspend=False).turn()
        assert (life.status.publication, life.world.writes) == (2, [])


def test_size_of_the_questions():
    """A plan of two hundred actions asks one question per object, and one each for executor, policies, quotas and rivals."""
    world = World()
    Life(a_spec(*some_actions(200)), world=world).turn()
    assert len(world.asked) == 204
