"""How risky it is to make a Policy be what the plan says: it decides what agents may do, and who stops them.

Takes dry runs, gives factors. Only a step that does nothing but deny more is less than high. `judgement` says how the tables
are read, `coverage` which calls a rule covers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from countersign.actions.base import Seen
from countersign.actions.coverage import Rule, rule_of, uncovered
from countersign.actions.judgement import Rulebook, State, Step
from countersign.actions.policy_spec import Permission, PolicyParams
from countersign.actions.view import View
from countersign.model.risk import Factor, Level


@dataclass(frozen=True, slots=True)
class Posture(View):
    """What of a Policy matters to its risk."""

    @property
    def allowed(self) -> frozenset[Rule]:
        return self._rules(Permission.ALLOW)

    @property
    def asked_about(self) -> frozenset[Rule]:
        """Calls that need approval."""
        return self._rules(Permission.APPROVAL_REQUIRED)

    @property
    def denied(self) -> frozenset[Rule]:
        return self._rules(Permission.DENY)

    @property
    def approvals(self) -> tuple[Mapping[str, Any], ...]:
        """Who approves what; as it was written, because each word of it matters."""
        return self.items("approvals")

    def _rules(self, permission: Permission) -> frozenset[Rule]:
        return frozenset(rule_of(item) for item in self.items("policies") if item.get("permission") == permission)


RULES = Rulebook(
    view=Posture,
    states=(
        State(
            "policy.allowsEverything",
            "a rule allows calls to whatever host, now or after the change",
            lambda policy: any(rule.everywhere for rule in policy.allowed),
            level=Level.CRITICAL,
        ),
    ),
    steps=(
        Step(
            "policy.denyLost",
            "calls that were denied are denied no more, or only some of them",
            lambda old, new: uncovered(old.denied, new.denied),
        ),
        Step(
            "policy.approvalLost",
            "calls that needed approval need none any more, or only some of them",
            lambda old, new: uncovered(old.asked_about, new.asked_about | new.denied),
        ),
        Step(
            "policy.allowsMore",
            "calls become possible that were not, at once or with approval",
            lambda old, new: (
                uncovered(new.allowed, old.allowed) or uncovered(new.asked_about, old.allowed | old.asked_about)
            ),
        ),
        Step(
            "policy.approversChanged",
            "who approves, for what or for how long is not what it was",
            lambda old, new: bool(old.approvals) and old.approvals != new.approvals,
        ),
    ),
)

_DECIDES = Factor(Level.HIGH, "policy.base", "it decides what agents may do")
_DENIES = Factor(Level.MEDIUM, "policy.deniesMore", "it does nothing but deny more than before")
_NOTHING = Posture(None)


def factors(params: PolicyParams, seen: tuple[Seen, ...]) -> tuple[Factor, ...]:
    """The base, and each rule that holds anywhere, once."""
    proposed = Posture({"spec": params.spec.wire()})
    base = _DENIES if seen and all(_only_denies_more(one) for one in seen) else _DECIDES
    return (base, *RULES.judge(seen, proposed=[proposed]))


def _only_denies_more(seen: Seen) -> bool:
    """Compared with no policy at all, if there is none yet."""
    old, new = (_NOTHING if seen.live is None else Posture(seen.live)), Posture(seen.result)
    return (
        (old.allowed, old.asked_about, old.approvals) == (new.allowed, new.asked_about, new.approvals)
        and bool(new.denied)
        and not uncovered(old.denied, new.denied)
    )
