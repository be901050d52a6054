"""What the policies say about one plan, in a form that the stages ask: limits, raises, freezes and what has to be fulfilled.

Made by `governing` from the rulebook; part of the review.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from countersign.core.gate import Requirements, requirements
from countersign.core.policies.freezes import Frozen, frozen
from countersign.core.policies.matching import NO_POLICIES, Matched, fits_any
from countersign.core.policies.policy import Unreadable
from countersign.core.snapshot import Rules
from countersign.model import duration
from countersign.model.risk import Factor, Level


@dataclass(frozen=True, slots=True)
class Limits:
    """The smallest budget of all policies; None where none sets one."""

    actions: int | None
    duration: timedelta | None
    preview_bytes: int | None


@dataclass(frozen=True, slots=True)
class Ruling:
    """`unknown` is a sentence when the policies could not be asked for; then nothing else here means anything."""

    matched: Matched = NO_POLICIES
    authors: tuple[str, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    protected: bool = False
    unknown: str = ""

    def requirements(self, level: Level, *, rules: Rules) -> Requirements:
        return requirements(level, rules=rules, matched=self.matched, authors=self.authors)

    def frozen(self, now: datetime) -> Frozen | None:
        return frozen(self.matched.policies, now=now)

    def forbids_type(self, name: str) -> str | None:
        """The first policy that does not let plans hold this type."""
        for policy in self.matched.policies:
            allow, deny = policy.spec.actions.allow, policy.spec.actions.deny
            if fits_any(name, deny) or not (allow is None or fits_any(name, allow)):
                return policy.name
        return None

    def forbids_host(self, host: str | None) -> str | None:
        """The first policy that does not let tools lead there; a host that cannot be read is none of the allowed ones."""
        for policy in self.matched.policies:
            allowed = policy.spec.egress.allowed_hosts
            if allowed is not None and not any(_is_host(host or "", pattern) for pattern in allowed):
                return policy.name
        return None

    def factors(self, action_type: str) -> Iterator[Factor]:
        """Reasons for a risk that lie not in the action but in where it is done."""
        if self.protected:
            yield Factor(Level.HIGH, "namespace.protected", "the namespace is labelled as protected")
        for policy in self.matched.policies:
            for rise in policy.spec.risk_raises:
                if fits_any(action_type, rise.action_types):
                    why = f"the approval policy {policy.name} raises {action_type} to this level"
                    yield Factor(Level(rise.level), "policy.raised", why)

    @property
    def limits(self) -> Limits:
        budgets = [policy.spec.budgets for policy in self.matched.policies]
        return Limits(
            actions=min((each.max_actions for each in budgets if each.max_actions), default=None),
            duration=min((duration.parse(each.max_duration) for each in budgets if each.max_duration), default=None),
            preview_bytes=min((each.max_preview_bytes for each in budgets if each.max_preview_bytes), default=None),
        )

    @property
    def labels(self) -> dict[str, str]:
        """What people call the phases, by the first policy that has a name for each."""
        found: dict[str, str] = {}
        for policy in self.matched.policies:
            found = policy.spec.labels.wire() | found
        return found


UNASKED = Ruling()
"""Before anybody asked for the policies: the built-in default alone."""


def _is_host(host: str, pattern: str) -> bool:
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern
