"""The account of an agent: new or its own, and without rights."""

import pytest
from tests.support.deploys import IMAGE
from tests.support.pretend import Tool, World
from tests.support.reviews import a_review

from countersign.core.questions import AskAccess
from countersign.core.validation.access import access
from countersign.model.facts import Allowed, Unavailable
from countersign.model.finding import Severity

ACCOUNT = "system:serviceaccount:team-a:agent-support"
GROUPS = "system:serviceaccounts:team-a"


class Untried(World):
    """Where no dry run is answered: what the account may do is asked all the same."""

    def preview(self, question):
        return Unavailable("not tried")


def _found(*rights, answer=None, **world):
    params = {"agent_name": "support", "image": IMAGE}
    action = {"id": "a", "type": "deploy.execute", "idempotencyKey": "k", "params": params}
    known = {right: answer or Allowed() for right in rights}
    return list(access(a_review(action, world=Untried(rights=known, **world))))


def test_without_rights():
    """Nobody prepared the account."""
    assert _found() == []


@pytest.mark.parametrize("right", [("get", "secrets"), ("create", "serviceaccounts/token"), ("approve", "plans")])
def test_with_rights(right):
    """An account to which somebody bound a role before there was an agent is not used."""
    (finding,) = _found((ACCOUNT, *right))
    assert (finding.code.code, finding.path, finding.severity) == (
        "Access.AccountHasRights",
        "spec.actions[0].params",
        Severity.ERROR,
    )
    verb, resource = right
    assert finding.message == (
        f"ServiceAccount agent-support may {verb} {resource} before its agent is there: "
        "remove the role binding that names it, or choose another agent_name"
    )


def test_with_many_rights():
    """Some are enough to find the binding by."""
    rights = [(ACCOUNT, verb, what) for what in ("pods", "configmaps", "secrets") for verb in ("get", "create", "list")]
    (finding,) = _found(*rights)
    assert "may get pods, get configmaps, get secrets, list secrets and more before" in finding.message


def test_of_an_agent_that_is_there():
    """Whoever bound a role since the agent was deployed gave it to that agent: it is said to the approvers."""
    (finding,) = _found((ACCOUNT, "get", "secrets"), tools={"support": Tool("1", 1)})
    assert finding.severity is Severity.WARNING
    assert "and so may its agent" in finding.message


def test_what_all_accounts_may():
    """Rights of every account of the namespace are no rights of this one."""
    assert _found((GROUPS, "get", "secrets")) == []


def test_not_known():
    """What could not be asked is asked again, and nothing runs before."""
    (finding,) = _found((ACCOUNT, "get", "secrets"), answer=Unavailable("timeout"))
    assert (finding.code.code, finding.retryable) == ("Access.Unavailable", True)
    assert (
        finding.message
        == "the rights of ServiceAccount agent-support could not be asked for and will be tried again: timeout"
    )


def test_nothing_else_is_asked():
    """A plan without an account of its own asks for nobody's rights."""
    world = World()
    a_review(world=world)
    assert not [question for question in world.asked if isinstance(question, AskAccess)]
