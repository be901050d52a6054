"""`policy.upsert`: make a Policy be what the plan says.

What its params are stands in `policy_spec`, what is wrong with them in `policy_rules`, how risky they are in `policy_risk`.
"""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from countersign.actions.base import ActionType, Issue, Reference, Seen, World
from countersign.actions.policy_risk import factors
from countersign.actions.policy_rules import issues
from countersign.actions.policy_spec import PolicyParams
from countersign.model.effect import POLICY, TOOL, Apply, Effect
from countersign.model.risk import Factor

_NO_MANIFEST = "params are no manifest: write name and spec only"
_RULES = "write spec.policies, a list of permission, resource, operations and tags"
_PERMISSION = "write permission: allow, deny or approval_required"
_OPERATIONS = "write operations, a list of HTTP methods"
_BOUND_BY = "leave it out, because deploy.execute binds a policy to the agent that lists it"


class PolicyUpsert(ActionType[PolicyParams]):
    """Creates a Policy or makes an existing one be what the plan says, as a whole: rules that are left out go away.

    It grants nothing by itself. It is in force for the agents it is bound to, and a deployment that lists it binds it.
    """

    type = "policy.upsert"
    params = PolicyParams
    kinds = (POLICY,)
    example: ClassVar[Mapping[str, Any]] = {
        "name": "payments-readers",
        "spec": {
            "policies": [
                {"permission": "allow", "resource": "https://payments.example.com/v1/*", "operations": ["GET"]},
                {"permission": "approval_required", "resource": "https://payments.example.com/v1/payments/*"},
                {"permission": "deny", "resource": "https://payments.example.com/v1/admin/*"},
                {"permission": "deny", "tags": ["destructive"]},
            ],
            "approvals": [
                {
                    "name": "refunds",
                    "operations": ["POST"],
                    "resource": "https://payments.example.com/v1/payments/*",
                    "approvers": {"groups": ["payments-owners"], "match": "any"},
                    "defaultDuration": "1h",
                    "delivery": {"connectors": ["slack-finance"], "mode": "first_success", "fallbackToUI": True},
                }
            ],
        },
    }
    hints: ClassVar[Mapping[str, str]] = {
        "apiVersion": _NO_MANIFEST,
        "kind": _NO_MANIFEST,
        "metadata": _NO_MANIFEST,
        "rules": _RULES,
        "policies": "write spec.policies",
        "approvals": "write spec.approvals",
        "spec.rules": _RULES,
        "spec.permission": _RULES,
        "spec.subjects": _BOUND_BY,
        "spec.agents": _BOUND_BY,
        "spec.approvers": "write spec.approvals, a list in which each entry has approvers",
        "spec.policies[].effect": _PERMISSION,
        "spec.policies[].action": _PERMISSION,
        "spec.policies[].requireApproval": "write permission: approval_required",
        "spec.policies[].resources": "write resource, one rule for each",
        "spec.policies[].verbs": _OPERATIONS,
        "spec.policies[].methods": _OPERATIONS,
        "spec.policies[].riskTags": "write tags",
        "spec.policies[].ttl": "write defaultDuration in an entry of spec.approvals",
        "spec.approvals[].groups": "write approvers.groups",
        "spec.approvals[].tools": "write toolIds",
        "spec.approvals[].tool_ids": "write toolIds",
        "spec.approvals[].duration": "write defaultDuration",
        "spec.approvals[].connectors": "write delivery.connectors",
    }

    def check(self, params: PolicyParams) -> Iterable[Issue]:
        return tuple(issues(params.spec))

    def references(self, params: PolicyParams, world: World) -> tuple[Reference, ...]:
        """An approval for a tool that is not there would wait for calls that never come."""
        del world
        return tuple(
            Reference(kind=TOOL, name=name, path=("spec", "approvals", at, "toolIds", index))
            for at, approval in enumerate(params.spec.approvals)
            for index, name in enumerate(approval.tool_ids)
        )

    def compile(self, params: PolicyParams, world: World) -> tuple[Effect, ...]:
        """With every default written out: the server fills nothing into lists, and what it means must stand there."""
        return (Apply(world.at(POLICY, params.name), {"spec": _stated(params.spec.wire())}),)

    def assess(self, params: PolicyParams, seen: tuple[Seen, ...]) -> tuple[Factor, ...]:
        return factors(params, seen)


def _stated(value: Any) -> Any:
    """Without empty lists, which say as much as nothing."""
    match value:
        case dict():
            return {key: _stated(item) for key, item in value.items() if item != []}
        case list():
            return [_stated(item) for item in value]
        case _:
            return value
