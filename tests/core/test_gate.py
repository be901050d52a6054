"""What a level of risk asks for."""

from datetime import timedelta

import pytest
from tests.support.snapshots import RULES

from countersign.core.gate import BY_RISK, Gate, requirements
from countersign.model.risk import Level


@pytest.mark.parametrize(
    ("level", "gate", "required"),
    [
        (Level.LOW, Gate.HUMAN, 1),
        (Level.MEDIUM, Gate.HUMAN, 1),
        (Level.HIGH, Gate.HUMAN, 1),
        (Level.CRITICAL, Gate.BLOCKED, 0),
    ],
)
def test_built_in(level, gate, required):
    """Without any policy a person has to agree, and what is critical is blocked."""
    asked = requirements(level, rules=RULES)
    assert (asked.gate, asked.required, asked.policies) == (gate, required, ("built-in",))


def test_every_level():
    """No level is without an answer."""
    assert set(BY_RISK) == set(Level)


def test_wire():
    """What is required is written into what is approved."""
    asked = requirements(Level.HIGH, rules=RULES)
    assert asked.expires_after == timedelta(hours=24)
    assert asked.wire() == {
        "gate": "humanInTheLoop",
        "policies": ["built-in"],
        "required": 1,
        "expiresAfterSeconds": 86_400,
    }
