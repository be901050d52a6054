"""Whose approval counts under approval policies, and why not."""

from datetime import timedelta

import pytest
from tests.support.lives import Life
from tests.support.policed import policed
from tests.support.policies import a_policy_spec
from tests.support.pretend import World
from tests.support.snapshots import SECOND, an_action

from countersign.core.questions import AskAccess
from countersign.model.facts import Allowed, Unavailable

ROBOT = "system:serviceaccount:ci:robot"


def _why(life):
    return life.status.approval.decisions[-1].why


class TestWhoCounts:
    """Approvals that policies make conditions for."""

    def test_every_policy(self):
        """An approver belongs to a group of each policy that names some."""
        life = policed({"approvers": {"groups": ["dev", "ops"]}}, {"approvers": {"groups": ["leads"]}}, {})
        life.decide(groups=["dev"]).turn()
        assert _why(life) == "its author belongs to no group that may approve: leads"
        assert life.decide(by=SECOND, groups=["ops", "leads"]).turns().status.reason == "Succeeded"

    def test_service_accounts(self):
        """A program counts where every policy names it."""
        named = {"approvers": {"serviceAccounts": [{"namespace": "ci", "name": "robot"}], "groups": ["leads"]}}
        life = policed(named).decide(by=ROBOT).turns()
        assert life.status.reason == "Succeeded"
        assert "service account that the policies do not all name" in _why(policed(named, {}).decide(by=ROBOT).turn())

    def test_deputies(self):
        """Deputies of an author are treated as authors, those of others are not."""
        life = policed({"deputies": [{"author": "p*", "deputies": ["ann"]}, {"author": "eve", "deputies": ["bob"]}]})
        assert "deputy" in _why(life.decide().turn())
        assert life.decide(by=SECOND).turns().status.reason == "Succeeded"

    @pytest.mark.parametrize(
        ("who", "verb", "name", "words"),
        [
            ("ann", "impersonate", "pat", "ann could act as pat"),
            ("ann", "impersonate:user-info", "pat", "ann could act as pat"),
            ("masters", "impersonate", "users", "ann could act as pat"),
            ("pat", "impersonate", "ann", "pat could act as ann"),
        ],
    )
    def test_impersonation(self, who, verb, name, words):
        """Who could act as the author, or could be acted as by him, is no second person."""
        life = policed(rights={(who, verb, name): Allowed()}).decide(groups=["masters"]).turn()
        assert words in _why(life)

    def test_between_approvers(self):
        """Two approvers who could be one person are not two."""
        life = policed({"quorum": {"medium": 2}}, rights={("bob", "impersonate", "ann"): Allowed()})
        life.decide().turn().decide(by=SECOND).turn()
        assert (_why(life).startswith("bob could act as ann"), life.status.approval.approved) == (True, 1)
        assert life.decide(by="cid").turns().status.reason == "Succeeded"

    @pytest.mark.parametrize(
        ("who", "verb", "what"),
        [
            ("ann", "impersonate", "planner"),
            ("ann", "create", "serviceaccounts/token"),
            ("system:serviceaccounts:ci", "impersonate", "ann"),
        ],
    )
    def test_programs_as_authors(self, who, verb, what):
        """An approver who can get a token of the agent that wrote the plan is no second person, nor the other way round."""
        world = World(rights={(who, verb, what): Allowed()})
        life = Life(by="system:serviceaccount:ci:planner", world=world).turn().decide().turn()
        assert "could act as" in _why(life)

    def test_how_old_an_answer_may_be(self):
        """That two people could not act as each other may have been said a moment ago; what an approver may do is asked now."""
        world = World(policies={"strict": a_policy_spec(requireApproverAccess=True)})
        life = Life(by="system:serviceaccount:ci:planner", world=world).turn().decide().turn()
        asked = [question for question in life.world.asked if isinstance(question, AskAccess)]
        what = {recently: {one.resource for one in asked if one.recently is recently} for recently in (True, False)}
        assert what == {True: {"users", "serviceaccounts", "serviceaccounts/token"}, False: {"tools"}}

    def test_not_known(self):
        """Until the authorizer can be asked the approval waits, and is not recorded."""
        life = policed(rights={("ann", "impersonate", "pat"): Unavailable("busy")}).decide().turn()
        assert (life.status.approval.decisions, life.status.reason) == ([], "AwaitingApproval")
        assert life.until == life.now + timedelta(seconds=6.25)
        life.world.rights.clear()
        assert life.turn().status.reason == "Succeeded"

    def test_not_known_and_cancelled(self):
        """Meanwhile nothing else waits."""
        life = policed(rights={("ann", "impersonate", "pat"): Unavailable("busy")}).decide().edit(cancel=True).turn()
        assert life.status.reason == "Cancelled"

    def test_brakes_ask_nothing(self):
        """A rejection counts whatever its author could do."""
        life = policed(rights={("ann", "impersonate", "pat"): Unavailable("busy")}).decide("reject").turn()
        assert life.status.reason == "Rejected"

    def test_approver_access(self):
        """Where it is asked for, an approver may do himself what the plan does."""
        rights = {("ann", "patch", "payments"): Allowed(), ("bob", "patch", "payments"): Allowed()}
        life = policed({"requireApproverAccess": True}, rights={**rights, ("bob", "create", "tools"): Allowed()})
        assert "may not create tools here" in _why(life.decide().turn())
        assert life.decide(by=SECOND).turns().status.reason == "Succeeded"
        life.edit(actions=[an_action(key="v2", spec={"description": "new"})]).turn()
        assert life.decide().turns().status.reason == "Succeeded"
