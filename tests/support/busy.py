"""A busy time for an operator: plans that end in every way, and a tally of what it has to have counted by then.

Tests compare the metrics with the tally; the picture of the dashboard is drawn from the same life.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import yaml
from tests.support.identities import Identity, path_of
from tests.support.refusing import refusing
from tests.support.rules import Rules
from tests.support.scene import Scene, a_plan, tool_action
from tests.support.waiting import eventually

from countersign.api.admission import admission
from countersign.api.install import Install
from countersign.api.names import AUTHORS, RETRY
from countersign.generate import ROOT

_SAMPLE = ROOT / "manifests" / "samples" / "payments-access.yaml"
_BINDINGS = tuple(
    manifest
    for manifest in admission(Install())
    if manifest["kind"].endswith("Binding")
    and manifest["metadata"]["name"] in ("countersign-stamp", "countersign-decisions")
)


@dataclass
class Tally:
    """`waits` are the times that enough people had approved; `plans` is what stands in the end, by phase and reason."""

    actions: Counter[tuple[str, str]] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    decisions: Counter[tuple[str, str]] = field(default_factory=Counter)
    plans: Counter[tuple[str, str]] = field(default_factory=Counter)
    waits: int = 0
    broken: int = 0

    def decided(self, outcome: str, *, counts: bool = True) -> None:
        self.decisions[outcome, str(counts).lower()] += 1

    def approved(self) -> None:
        self.decided("approve")
        self.waits += 1

    def tools(self, status: str, count: int = 1) -> None:
        self.actions["tool.upsert", status] += count


@dataclass(frozen=True)
class Busy:
    """`own` is the plan name's first part, so that several can live in one namespace; `both` may propose and approve."""

    scene: Scene
    both: Identity
    own: str = "busy"
    tally: Tally = field(default_factory=Tally)

    def live(self, between: Callable[[], None] = lambda: None) -> Tally:
        """All of it, one after the other."""
        for part in (self.guard_lapses, self.applied, self.several_types, self.refused, self.disputed, self.revoked,
                     self.retried, self.failed, self.cancelled):  # fmt: skip
            part()
            between()
        return self.tally

    def applied(self) -> None:
        plan = self.scene.approved(self._plan("applied", 2))
        assert plan["status"]["reason"] == "Succeeded"
        self._stands("Executed", "Succeeded")
        self.tally.approved()
        self.tally.tools("applied", 2)

    def several_types(self) -> None:
        sample = yaml.safe_load(_SAMPLE.read_text())
        for action in sample["spec"]["actions"]:
            action["idempotencyKey"] += f".{self.own}"
        plan = a_plan(f"{self.own}-types", *sample["spec"]["actions"])
        self.scene.approved(plan)
        self._stands("Executed", "Succeeded")
        self.tally.approved()
        self.tally.actions.update((action["type"], "applied") for action in sample["spec"]["actions"])

    def refused(self) -> None:
        """By the validation, by a person, and by a person who wants something else."""
        self.scene.submit(self._plan("invalid", 1, url="not an address"))
        self.scene.until(self._name("invalid"), "Invalid")
        self._stands("Draft", "Invalid")
        for verb, reason in (("reject", "Rejected"), ("revise", "RevisionRequested")):
            self._waiting(self._plan(reason.lower(), 1))
            self._decide(reason.lower(), verb)
            self.scene.until(self._name(reason.lower()), reason)
            self._stands("Draft", reason)
            self.tally.decided(verb)

    def disputed(self) -> None:
        """An author's own approval does not count."""
        self._waiting(self._plan("disputed", 1), by=self.both)
        self._decide("disputed", "approve", by=self.both)
        self.scene.until_true(self._name("disputed"), lambda plan: plan["status"]["approval"].get("decisions"))
        self._stands("Draft", "AwaitingApproval")
        self.tally.decided("approve", counts=False)

    def revoked(self) -> None:
        self._approved_and_suspended("revoked")
        self._decide("revoked", "revoke")
        self.scene.until(self._name("revoked"), "AwaitingApproval")
        self._stands("Draft", "AwaitingApproval")
        self.tally.decided("revoke")

    def cancelled(self) -> None:
        """Before it ran, so none of its actions has ended."""
        self._approved_and_suspended("cancelled")
        assert self.scene.edit(self._name("cancelled"), cancel=True).ok
        self.scene.until(self._name("cancelled"), "Cancelled")
        self._stands("Failed", "Cancelled")

    def failed(self) -> None:
        """The last action is not reached."""
        name = self._name("failed")
        with refusing(self.scene, f"{name}-2"):
            self._failing(name, 3)
        self._stands("Failed", "ActionFailed")
        self.tally.tools("skipped")

    def retried(self) -> None:
        """What was applied by the failed run is skipped by the next one."""
        name = self._name("retried")
        with refusing(self.scene, f"{name}-2"):
            self._failing(name, 2)
        assert self.scene.annotate(name, RETRY, "1", by=self.scene.proposer).ok
        self.scene.until(name, "AwaitingApproval", "PreviewChanged")
        self._decide("retried", "approve")
        self.scene.until(name, "Succeeded")
        self._stands("Executed", "Succeeded")
        self.tally.approved()
        self.tally.tools("applied")
        self.tally.tools("skipped")

    def guard_lapses(self) -> None:
        """What was waiting waits again afterwards; what was submitted meanwhile cannot be trusted."""
        self._waiting(self._plan("before", 1))
        with self.unguarded():
            self.scene.until(self._name("before"), "GuardMissing")
            assert eventually(lambda: self._unstamped("meanwhile"), within=20)
            self.scene.until(self._name("meanwhile"), "GuardMissing")
        self.scene.until(self._name("before"), "AwaitingApproval")
        self.scene.until(self._name("meanwhile"), "GuardMissing")
        self._stands("Draft", "AwaitingApproval")
        self._stands("Draft", "GuardMissing")

    def under_rules(self, rules: Rules) -> None:
        """One expires and one breaks the glass; the rules are for every plan of the namespace, so it is another one."""
        rules.put(expiresAfter="1s")
        self.scene.submit(self._plan("expired", 1))
        self.scene.until(self._name("expired"), "Expired")
        rules.put(byRisk={"low": "auto"}, breakGlass={"groups": ["oncall"]})
        self.scene.until(self._name("expired"), "Blocked")
        self._stands("Draft", "Blocked")
        self.scene.submit(self._plan("urgent", 1))
        self.scene.until(self._name("urgent"), "Blocked")
        oncall = self.scene.admin.acting_as("olga", "oncall", "countersign:approvers")
        self._decide("urgent", "approve")
        self.scene.until_true(self._name("urgent"), lambda plan: plan["status"]["approval"]["progress"] == "1/1")
        assert self.scene.decide(self._name("urgent"), "approve", by=oncall, comment="break-glass: down").ok
        self.scene.until(self._name("urgent"), "Succeeded")
        self._stands("Executed", "Succeeded")
        self.tally.decided("approve")
        self.tally.decided("approve")
        self.tally.tools("applied")
        self.tally.broken += 1

    @contextmanager
    def unguarded(self) -> Iterator[None]:
        admin = self.scene.admin
        assert all(admin.delete(path_of(manifest)).ok for manifest in _BINDINGS)
        try:
            yield
        finally:
            for manifest in _BINDINGS:
                assert admin.apply(path_of(manifest), manifest, fieldManager="countersign-install").ok

    def _unstamped(self, name: str) -> bool:
        """Policies stop biting a moment after they are gone."""
        submitted = self.scene.submit(self._plan(name, 1))
        if submitted.ok and AUTHORS in submitted.annotations:
            self.scene.admin.delete(self.scene.path(self._name(name)))
        return submitted.ok and AUTHORS not in submitted.annotations

    def _failing(self, name: str, count: int) -> None:
        """The second of `count` actions fails."""
        assert self.scene.approved(a_plan(name, *self._actions(name, count)))["status"]["reason"] == "ActionFailed"
        self.tally.approved()
        self.tally.tools("applied")
        self.tally.tools("failed")
        self.tally.failures["AdmissionRefused"] += 1

    def _approved_and_suspended(self, name: str) -> None:
        self._waiting(self._plan(name, 1, suspend=True))
        self._decide(name, "approve")
        self.scene.until(self._name(name), "Suspended")
        self.tally.approved()

    def _waiting(self, plan: dict[str, Any], *, by: Identity | None = None) -> None:
        submitted = self.scene.submit(plan, by=by)
        assert submitted.ok, submitted.message
        self.scene.until(plan["metadata"]["name"], "AwaitingApproval")

    def _decide(self, name: str, verb: str, *, by: Identity | None = None) -> None:
        decided = self.scene.decide(self._name(name), verb, by=by)
        assert decided.ok, decided.message

    def _stands(self, phase: str, reason: str) -> None:
        self.tally.plans[phase, reason] += 1

    def _name(self, name: str) -> str:
        return f"{self.own}-{name}"

    def _plan(self, name: str, count: int, *, url: str = "", **spec: Any) -> dict[str, Any]:
        return a_plan(self._name(name), *self._actions(self._name(name), count, url=url), **spec)

    def _actions(self, name: str, count: int, *, url: str = "") -> list[dict[str, Any]]:
        return [tool_action(f"{name}-{number}", url=url) for number in range(1, count + 1)]
