"""What holds an approved plan back, and who can open it."""

import pytest
from tests.support.policed import policed
from tests.support.policies import HUMAN
from tests.support.snapshots import a_spec, an_action

from countersign.model import instant

AUTO = {**HUMAN, "low": "auto", "medium": "auto"}
ONLY_LOW = {"low": "humanInTheLoop"}
ROBOT = "system:serviceaccount:ci:robot"
FREEZE = {"name": "release", "starts": "2029-12-31T00:00:00Z", "ends": "2030-01-01T18:00:00Z"}


class TestFreeze:
    """Times in which nothing starts."""

    def test_waits(self):
        """The plan can be approved, and starts when the freeze is over."""
        life = policed({"freezes": [FREEZE]})
        assert (life.status.phase, life.status.reason) == ("Draft", "Frozen")
        assert "approvals still missing: 1, kubectl annotate plan" in life.status.message
        life.decide().turn()
        assert (life.status.phase, life.status.reason, life.world.writes) == ("Approved", "Frozen", [])
        assert [one.code for one in life.status.validation.diagnostics] == ["Protection.Frozen"]
        life.later(hours=5, minutes=59).turn()
        assert life.until == instant.parse(FREEZE["ends"])
        assert life.later(minutes=1).turn().status.reason == "Succeeded"

    def test_automatic(self):
        """It also holds what nobody has to approve, for as long as it lasts."""
        life = policed({"freezes": [{**FREEZE, "ends": "2030-02-01T00:00:00Z"}], "byRisk": AUTO})
        assert (life.status.phase, life.status.reason) == ("Approved", "Frozen")
        life.later(days=3).turn()
        assert (life.status.reason, life.until > life.now) == ("Frozen", True)

    def test_digest(self):
        """Its beginning and its end are no change of what was approved."""
        life = policed({"freezes": [FREEZE]}).decide().turn()
        digest = life.status.digest
        assert life.later(hours=6).turn().status.execution.digest == digest


class TestBreakingTheGlass:
    """A second group opens what is held shut, and everybody sees it."""

    GLASS = {"breakGlass": {"groups": ["oncall"], "quorum": 2}}  # noqa: RUF012  # read only

    def _emergency(self, life, *people):
        for name in people:
            life.decide(by=name, groups=["oncall"], comment="break-glass: down").turn()
        return life

    def test_blocked_gate(self):
        """With enough of that group, besides the usual approval, a blocked plan starts."""
        life = policed({"byRisk": ONLY_LOW, **self.GLASS})
        assert (life.status.reason, life.status.digest is None) == ("Blocked", False)
        assert "2 of oncall can break the glass" in life.status.message
        life.decide().turn()
        assert self._emergency(life, "olga").status.reason == "Blocked"
        self._emergency(life, "omar")
        assert (life.status.reason, life.status.approval.broken_by) == ("Succeeded", ["olga", "omar"])
        (condition,) = [one for one in life.status.conditions if one.type == "BreakGlass"]
        assert condition.message == "The glass was broken by olga, omar"

    def test_freeze(self):
        """The same for a freeze."""
        life = policed({"freezes": [FREEZE], "approvers": {"groups": ["dev"]}, **self.GLASS})
        self._emergency(life, "olga", "omar")
        assert (life.status.reason, life.world.writes) == ("AwaitingApproval", [])
        assert life.decide(groups=["dev"]).turns().status.reason == "Succeeded"

    def test_nobody_counts_for_both(self):
        """Who belongs to both groups fills one of the quorums; for the other one somebody else is needed."""
        life = policed({"byRisk": ONLY_LOW, "breakGlass": {"groups": ["oncall"]}})
        self._emergency(life, "olga")
        approval = life.status.approval
        assert (life.status.reason, approval.counted, approval.broken_by) == ("Blocked", ["olga"], [])
        assert (
            "1 of oncall can break the glass (0 did), besides 1 usual approvals by other people" in life.status.message
        )
        self._emergency(life, "olga")
        assert (life.status.reason, life.world.writes) == ("Blocked", [])
        life.decide(by="ann", groups=["dev"]).turns()
        approval = life.status.approval
        assert (life.status.reason, approval.counted, approval.broken_by) == ("Succeeded", ["ann"], ["olga"])

    def test_nobody_counts_for_both_in_a_freeze(self):
        """Nor there; and when the freeze is over everybody is a usual approver again."""
        glass = {"breakGlass": {"groups": ["oncall"]}, "quorum": {"medium": 2}}
        life = self._emergency(policed({"freezes": [FREEZE], **glass}), "olga", "omar")
        assert (life.status.reason, life.status.approval.progress) == ("Frozen", "2/2")
        assert "(0 did)" in life.status.message
        assert life.later(hours=7).turn().status.approval.counted == ["olga", "omar"]
        assert (life.status.reason, life.status.approval.broken_by) == ("Succeeded", [])

    def test_not_needed(self):
        """Where nothing is shut the same words are an approval like any other, and nothing is loud."""
        life = self._emergency(policed(self.GLASS), "olga")
        assert (life.status.reason, life.status.approval.broken_by) == ("Succeeded", [])

    @pytest.mark.parametrize(
        ("by", "groups", "comment"),
        [
            ("olga", ["oncall"], "fine"),
            ("olga", ["dev"], "break-glass"),
            ("pat", ["oncall"], "break-glass"),
            (ROBOT, ["oncall"], "break-glass"),
        ],
        ids=["without the word", "another group", "an author", "a program"],
    )
    def test_who_may_not(self, by, groups, comment):
        """It takes the word, the group, and somebody who is no author."""
        life = policed({"byRisk": ONLY_LOW, "breakGlass": {"groups": ["oncall"]}})
        life.decide(by=by, groups=groups, comment=comment).turn()
        assert (life.status.reason, life.status.approval.decisions[0].breaks_glass) == ("Blocked", None)

    def test_every_policy_that_stands_in_the_way(self):
        """It opens only what each policy that blocks says how to open."""
        life = policed({"byRisk": ONLY_LOW, **self.GLASS}, {"byRisk": ONLY_LOW})
        assert (life.status.reason, life.status.digest) == ("Blocked", None)

    def test_built_in(self):
        """What the built-in default blocks nobody opens."""
        spec = a_spec(an_action(risk="critical"))
        life = policed({**self.GLASS, "byRisk": ONLY_LOW, "match": {"actionTypes": ["deploy.*"]}}, spec=spec)
        assert (life.status.reason, life.status.digest) == ("Blocked", None)

    def test_revoked(self):
        """Who takes it back holds the glass."""
        life = self._emergency(policed({"byRisk": ONLY_LOW, **self.GLASS}), "olga")
        life.decide("revoke", by="olga").turn()
        assert self._emergency(life, "omar").status.reason == "Blocked"

    def test_frozen_in_part(self):
        """A plan that only a part of a policy's plans is like is under the built-in default as well."""
        match = {"authors": ["pat", "nobody"], "actionTypes": ["tool.*"]}
        life = policed({"freezes": [FREEZE], "match": match, **self.GLASS})
        self._emergency(life, "olga", "omar")
        assert life.decide().turns().status.reason == "Succeeded"
