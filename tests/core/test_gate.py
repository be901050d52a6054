"""What a level of risk asks for."""

from datetime import timedelta

import pytest
from tests.support.policies import a_policy
from tests.support.snapshots import RULES

from countersign.core.gate import Gate, requirements
from countersign.core.policies.matching import Matched
from countersign.model.risk import Level


@pytest.mark.parametrize(
    ("level", "gate", "required"),
    [
        (Level.LOW, Gate.HUMAN, 1),
        (Level.MEDIUM, Gate.HUMAN, 1),
        (Level.HIGH, Gate.HUMAN, 1),
        (Level.CRITICAL, Gate.BLOCKED, 1),
    ],
)
def test_built_in(level, gate, required):
    """Without any policy a person has to agree, and what is critical is blocked."""
    asked = requirements(level, rules=RULES)
    assert (asked.gate, asked.required, asked.policies) == (gate, required, ("built-in",))


def test_one_order():
    """What is asked of approvers is written in one order, whatever order people wrote it in."""
    specs = [
        {"groups": ["b", "a"], "serviceAccounts": [{"namespace": "ci", "name": name} for name in ("y", "x")]},
        {"groups": [], "serviceAccounts": [{"namespace": "ci", "name": name} for name in ("x", "z", "y")]},
    ]
    policies = tuple(a_policy(str(number), approvers=spec) for number, spec in enumerate(specs))
    asked = requirements(Level.LOW, rules=RULES, matched=Matched(policies, whole=True))
    assert asked.groups == (("a", "b"),)
    assert asked.accounts == ("system:serviceaccount:ci:x", "system:serviceaccount:ci:y")


def test_wire():
    """What is required is written into what is approved."""
    asked = requirements(Level.HIGH, rules=RULES)
    assert asked.expires_after == timedelta(hours=24)
    assert asked.wire() == {
        "gate": "humanInTheLoop",
        "required": 1,
        "expiresAfterSeconds": 86_400,
        "groups": [],
        "serviceAccounts": [],
        "deputies": [],
        "requireApproverAccess": False,
        "breakGlass": None,
    }
