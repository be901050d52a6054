"""What a level of risk asks for. Until ApprovalPolicy objects exist, the built-in default policy answers."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from countersign.core.snapshot import Rules
from countersign.model.risk import Level


class Gate(StrEnum):
    AUTO = "auto"
    HUMAN = "humanInTheLoop"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Requirements:
    """What has to be fulfilled before the plan may start; part of what is approved."""

    gate: Gate
    policies: tuple[str, ...]
    required: int
    expires_after: timedelta

    def wire(self) -> dict[str, object]:
        return {
            "gate": self.gate.value,
            "policies": list(self.policies),
            "required": self.required,
            "expiresAfterSeconds": int(self.expires_after.total_seconds()),
        }


DEFAULT_POLICY = "built-in"
BY_RISK = {Level.LOW: Gate.HUMAN, Level.MEDIUM: Gate.HUMAN, Level.HIGH: Gate.HUMAN, Level.CRITICAL: Gate.BLOCKED}


def requirements(level: Level, *, rules: Rules) -> Requirements:
    gate = BY_RISK[level]
    return Requirements(
        gate=gate,
        policies=(DEFAULT_POLICY,),
        required=1 if gate is Gate.HUMAN else 0,
        expires_after=rules.expires_after,
    )
