"""Accounts that somebody prepared: an agent is deployed under one that can do nothing, whatever labels it carries.

Takes the effects of an action, gives questions for the API server's authorizer, which knows the bindings of the namespace and of
the cluster. Nobody needs a right to read bindings for that. A binding shows by what it typically allows; one that allows
nothing of that, or only objects that it names, does not show.
"""

from countersign.actions.deploy.naming import agent_of
from countersign.core.draft import DraftAction
from countersign.core.projection import Projected
from countersign.core.questions import AskAccess
from countersign.model.effect import AGENT, GROUP, SERVICE_ACCOUNT, Target

_RBAC = "rbac.authorization.k8s.io"
_TELLING = (
    ("get", "", "pods"),
    ("get", "", "configmaps"),
    ("get", "", "secrets"),
    ("list", "", "secrets"),
    ("create", "", "pods"),
    ("create", "", "pods/exec"),
    ("patch", "apps", "deployments"),
    ("impersonate", "", "serviceaccounts"),
    ("create", "", "serviceaccounts/token"),
    ("create", _RBAC, "rolebindings"),
    ("create", GROUP, "plans"),
    ("approve", GROUP, "plans"),
    ("patch", GROUP, "tools"),
)
"""Something of each built-in role and of each of ours, and all by which one becomes more than one is."""


def account_questions(action: DraftAction) -> tuple[tuple[Target, AskAccess], ...]:
    return tuple(
        (effect.target, _question(effect.target, verb, group, resource))
        for effect in action.effects
        if effect.target.kind is SERVICE_ACCOUNT
        for verb, group, resource in _TELLING
    )


def is_new(account: Target, projected: Projected) -> bool:
    """Whose agent is there has been deployed by a plan before: what the account was given since, somebody gave the agent."""
    return projected.world.find(AGENT, agent_of(account.name)) is None


def _question(account: Target, verb: str, group: str, resource: str) -> AskAccess:
    """Without groups: what all accounts of a namespace may do was not prepared for this one."""
    user = f"system:serviceaccount:{account.namespace}:{account.name}"
    return AskAccess(user, (), verb, group, resource, account.namespace)
