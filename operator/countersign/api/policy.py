"""Admission policies and their bindings as objects, written out with every default of the API server.

Because nothing is left for the server to fill in, what it stores is exactly what was generated, and the guard can compare.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from countersign.api.manifest import JSON, labelled
from countersign.api.names import PLAN
from countersign.model.effect import GROUP

API_VERSION = "admissionregistration.k8s.io/v1"

Variables = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Check:
    """A request passes when `holds` is true, else it is refused with `message`; both are CEL.

    `otherwise` is the plain sentence for when the message cannot be used, for example because a name breaks the line.
    """

    holds: str
    otherwise: str
    message: str = ""
    reason: Literal["Forbidden", "Invalid"] = "Invalid"


def rule(*, resources: Sequence[str], operations: Sequence[str], group: str = GROUP) -> JSON:
    return {
        "apiGroups": [group],
        "apiVersions": ["*"],
        "operations": list(operations),
        "resources": list(resources),
        "scope": "*",
    }


PLANS = rule(resources=[PLAN.plural], operations=["CREATE", "UPDATE"])


def mutating(name: str, *, rules: list[JSON], variables: Variables, patch: str) -> JSON:
    """Never invoked a second time: a second pass would no longer see the command."""
    return {
        "apiVersion": API_VERSION,
        "kind": "MutatingAdmissionPolicy",
        "metadata": labelled(name),
        "spec": {
            **_common(rules=rules, variables=variables),
            "reinvocationPolicy": "Never",
            "mutations": [{"patchType": "JSONPatch", "jsonPatch": {"expression": patch.strip()}}],
        },
    }


def validating(
    name: str,
    *,
    rules: list[JSON],
    checks: Iterable[Check],
    variables: Variables = (),
    only_if: dict[str, str] | None = None,
    audited: dict[str, str] | None = None,
) -> JSON:
    """`only_if` names the conditions under which the policy looks at a request, `audited` what it notes in the audit log."""
    conditions = [{"name": key, "expression": value.strip()} for key, value in (only_if or {}).items()]
    notes = [{"key": key, "valueExpression": value.strip()} for key, value in (audited or {}).items()]
    return {
        "apiVersion": API_VERSION,
        "kind": "ValidatingAdmissionPolicy",
        "metadata": labelled(name),
        "spec": {
            **_common(rules=rules, variables=variables),
            **({"matchConditions": conditions} if conditions else {}),
            "validations": [_validation(check) for check in checks],
            **({"auditAnnotations": notes} if notes else {}),
        },
    }


def binding(policy: JSON) -> JSON:
    """Everywhere and for everybody. What a check refuses is also noted in the audit log."""
    actions = {"validationActions": ["Deny", "Audit"]} if policy["kind"] == "ValidatingAdmissionPolicy" else {}
    return {
        "apiVersion": API_VERSION,
        "kind": f"{policy['kind']}Binding",
        "metadata": labelled(policy["metadata"]["name"]),
        "spec": {"policyName": policy["metadata"]["name"], **actions},
    }


def _common(*, rules: list[JSON], variables: Variables) -> JSON:
    named = [{"name": name, "expression": expression.strip()} for name, expression in variables]
    return {
        "failurePolicy": "Fail",
        "matchConstraints": {
            "matchPolicy": "Equivalent",
            "namespaceSelector": {},
            "objectSelector": {},
            "resourceRules": rules,
        },
        **({"variables": named} if named else {}),
    }


def _validation(check: Check) -> JSON:
    return {
        "expression": check.holds.strip(),
        "message": check.otherwise,
        **({"messageExpression": check.message.strip()} if check.message else {}),
        "reason": check.reason,
    }
