"""The thirteen stages that a plan is validated in: each code of a finding belongs to one, `core/validation` has the checks."""

from enum import IntEnum


class Stage(IntEnum):
    """The thirteen stages in their order."""

    STRUCTURAL = 1
    REFERENCES = 2
    CAPABILITIES = 3
    ACCESS = 4
    DEPENDENCIES = 5
    BUDGET = 6
    COHERENCE = 7
    PROTECTION = 8
    SCHEMA = 9
    FEDERATION = 10
    QUOTAS = 11
    SIGNATURES = 12
    RISK = 13

    @property
    def title(self) -> str:
        return self.name.capitalize()
