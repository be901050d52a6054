"""Plans under approval policies: gates, limits, and how the policies are read."""

import pytest
from tests.support.lives import Life
from tests.support.policed import policed
from tests.support.policies import HUMAN, a_policy_spec
from tests.support.pretend import World
from tests.support.snapshots import a_spec, an_action

from countersign.core.questions import AskPolicies
from countersign.model.facts import Refusal, Refused, Unavailable

AUTO = {**HUMAN, "low": "auto", "medium": "auto"}


class TestGate:
    """From risk to gate."""

    def test_auto(self):
        """A plan that a policy lets through starts by itself."""
        assert policed({"byRisk": AUTO}).status.reason == "Succeeded"

    def test_part_of_a_plan(self):
        """A policy that is for a part of a plan opens nothing."""
        life = policed({"byRisk": AUTO, "match": {"authors": ["pat"]}}, spec=a_spec(suspend=True))
        assert life.status.reason == "Suspended"
        life.edit(by="eve", description="more").turn()
        assert (life.status.reason, life.status.approval.policies) == ("AwaitingApproval", ["policy-0", "built-in"])

    def test_raise(self):
        """A policy may raise the risk of an action type, and says so."""
        life = policed({"riskRaises": [{"actionTypes": ["tool.*"], "level": "critical"}], "byRisk": AUTO})
        assert (life.status.max_risk, life.status.reason) == ("critical", "AwaitingApproval")

    def test_no_raise(self):
        """Other types stay as they are."""
        life = policed({"riskRaises": [{"actionTypes": ["deploy.*"], "level": "critical"}]})
        assert life.status.max_risk == "medium"

    def test_too_many_people(self):
        """What does not fit into status cannot be judged by, so it blocks."""
        people = [f"deputy-{number}-of-somebody-with-a-long-name" for number in range(32)]
        entries = [{"author": "pat", "deputies": [f"{name}-{entry}" for name in people]} for entry in range(8)]
        life = policed({"deputies": entries})
        assert (life.status.reason, "at most 4096 fit into status" in life.status.message) == ("Blocked", True)

    def test_protected_namespace(self):
        """In a protected namespace every action is at least of high risk."""
        life = policed({"byRisk": AUTO}, namespace_labels={"countersign.dev/protected": ""})
        assert (life.status.max_risk, life.status.reason) == ("high", "AwaitingApproval")
        assert [one.code for one in life.status.validation.diagnostics] == ["Protection.NamespaceProtected"]

    def test_raises_wait_for_the_preview(self):
        """What could not be previewed has no risk yet, whatever policies raise."""
        world = World(
            policies={"p": a_policy_spec(riskRaises=[{"actionTypes": ["*"], "level": "low"}])},
            refusals={"payments": Refused(Refusal.INVALID, "no")},
        )
        assert Life(world=world).turn().status.max_risk is None

    def test_unreadable(self):
        """A policy that nobody can make sense of blocks everything, and the message says which it is."""
        life = policed({"quorum": 2}, {"byRisk": AUTO})
        assert life.status.reason == "Blocked"
        assert "the approval policy policy-0 cannot be read" in life.status.message
        assert "spec.quorum" in life.status.message

    def test_no_json(self):
        """So does one that is no JSON."""
        life = policed({"description": float("nan")})
        assert "it cannot be written as JSON" in life.status.message

    def test_unavailable(self):
        """While the policies cannot be asked nothing is published, and what is stays."""
        life = Life(world=World(no_policies=Unavailable("timeout"))).turn()
        assert (life.status.reason, "timeout" in life.status.message) == ("Validating", True)
        life.world.no_policies = None
        assert life.turn().status.reason == "AwaitingApproval"
        digest = life.status.digest
        life.world.no_policies = Unavailable("timeout")
        assert life.decide().turn().status.digest == digest
        assert life.world.writes == []

    def test_label(self):
        """Phases have the names that people give them, by the first policy that has one."""
        labels = [{"labels": {"Draft": "Waiting"}}, {"labels": {"Draft": "Other", "Executed": "Shipped"}}]
        life = policed(*labels)
        assert life.status.label == "Waiting"
        assert life.decide().turns().status.label == "Shipped"


class TestConsistentReading:
    """Watches may be late; nothing starts by what they told alone."""

    def test_asked_before_the_start(self):
        """The policies are read consistently right before the start, and not before."""
        life = policed()
        assert life.world.asked.count(AskPolicies("team-a", consistent=True)) == 0
        life.decide().turn()
        assert life.world.asked.count(AskPolicies("team-a", consistent=True)) == 1

    def test_a_policy_that_the_watch_missed(self):
        """What was approved under the old rules does not start under the new ones."""
        life = policed(watched={})
        life.world.policies["new"] = a_policy_spec(quorum={"medium": 2})
        life.decide().turn()
        assert (life.status.reason, life.status.publication, life.world.writes) == ("PreviewChanged", 2, [])


class TestLimits:
    """What plans may hold."""

    @pytest.mark.parametrize(
        ("policy", "code", "words"),
        [
            ({"actions": {"deny": ["tool.*"]}}, "Capabilities.TypeNotAllowed", "policy-0 does not allow tool.upsert"),
            ({"actions": {"allow": ["deploy.*"]}}, "Capabilities.TypeNotAllowed", "policy-0"),
            (
                {"egress": {"allowedHosts": ["*.corp.example"]}},
                "Capabilities.HostNotAllowed",
                "spec.connection.baseUrl",
            ),
            ({"egress": {"allowedHosts": []}}, "Capabilities.HostNotAllowed", "policy-0"),
            ({"budgets": {"maxActions": 1}}, "Budget.TooManyActions", "has 2 actions, approval policies allow 1"),
            ({"budgets": {"maxDuration": "7m59s"}}, "Budget.TooLong", "add up to 8m, approval policies allow 7m59s"),
            ({"budgets": {"maxPreviewBytes": 10}}, "Budget.PreviewTooLarge", "at most 10 can be shown"),
        ],
    )
    def test_exceeded(self, policy, code, words):
        """Each is a finding that says what is allowed."""
        life = policed(policy, {}, spec=a_spec(an_action("a"), an_action("b")))
        found = [one for one in life.status.validation.diagnostics if one.code == code]
        assert (life.status.reason, bool(found)) == ("Invalid", True)
        assert words in found[0].message

    def test_kept(self):
        """Within them nothing is said."""
        policy = {
            "actions": {"allow": ["tool.upsert"]},
            "egress": {"allowedHosts": ["*.example.com"]},
            "budgets": {"maxActions": 1, "maxDuration": "4m", "maxPreviewBytes": 100_000},
        }
        life = policed(policy, {"egress": {"allowedHosts": ["payments.example.com"]}})
        assert (life.status.reason, life.status.validation.diagnostics) == ("AwaitingApproval", [])
