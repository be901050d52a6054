"""What is said about one plan: by the operator, by the API server, or by the structural rules alone.

Takes a submission and where the verdict comes from; gives one value that is shown to people (render/verdict.py) and to
programs (runagents.py). Paths are those of the author's file.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby

from countersign.api.plan_status import ActionStatus, Diagnostic, LedgerEntry, PlanStatus
from countersign.cli.submission import Submission
from countersign.core.draft import parse
from countersign.core.snapshot import PlanObject
from countersign.core.verdict import diagnostic
from countersign.errors import Invalid
from countersign.model.finding import Code, Finding

_ACTION = re.compile(r"(?:spec\.)?actions\[([0-9]+)\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One action. `status` is None as long as the operator has not seen it."""

    id: str
    type: str
    key: str
    status: ActionStatus | None = None
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def valid(self) -> bool:
        return not any(diagnostic.severity == "error" for diagnostic in self.diagnostics)

    @property
    def reference(self) -> str:
        return self.status.resource_refs[0] if self.status and self.status.resource_refs else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`general` are the diagnostics of no action; `structural_only` means that no cluster was asked."""

    plan_id: str
    name: str
    namespace: str
    valid: bool
    actions: tuple[Judged, ...]
    general: tuple[Diagnostic, ...] = ()
    risk: str = ""
    omitted: int = 0
    structural_only: bool = False

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        return (*self.general, *(diagnostic for action in self.actions for diagnostic in action.diagnostics))

    def count(self, severity: str) -> int:
        return sum(diagnostic.severity == severity for diagnostic in self.diagnostics)


def judged(submission: Submission, status: PlanStatus, *, ledger: Sequence[LedgerEntry] = ()) -> Verdict:
    """By the operator; and by the `ledger` of the plan that is there, which the operator does not look at for a copy."""
    validation = status.validation
    reused = [diagnostic(finding) for finding in _reused_keys(submission, ledger)]
    diagnostics = [*(validation.diagnostics if validation else ()), *reused]
    valid = validation is not None and validation.valid and not reused
    verdict = _verdict(submission, diagnostics, valid=valid, statuses=status.actions)
    return replace(verdict, risk=status.max_risk or "", omitted=validation.omitted if validation else 0)


def _reused_keys(submission: Submission, ledger: Sequence[LedgerEntry]) -> list[Finding]:
    """By the rule that the operator uses when the plan itself is submitted."""
    plan = replace(_unsubmitted(submission), status=PlanStatus(ledger=list(ledger)))
    return [finding for finding in parse(plan).findings if finding.code is Code.KEY_REUSED]


def structural(submission: Submission) -> Verdict:
    """By the rules that need no cluster."""
    findings = submission.findings or parse(_unsubmitted(submission)).findings
    diagnostics = [diagnostic(finding) for finding in findings]
    valid = not any(finding.blocks for finding in findings)
    return replace(_verdict(submission, diagnostics, valid=valid), structural_only=True)


def refused(submission: Submission, error: Invalid) -> Verdict:
    """The API server would not even store it. Our own sentences for that are better, where there are some."""
    own = structural(submission)
    if not own.valid:
        return replace(own, structural_only=False)
    return _verdict(submission, [diagnostic(finding) for finding in _causes(error)], valid=False)


def _verdict(
    submission: Submission, diagnostics: Iterable[Diagnostic], *, valid: bool, statuses: Sequence[ActionStatus] = ()
) -> Verdict:
    told = sorted(
        (each.but(path=submission.path(each.path)) for each in diagnostics),
        key=lambda each: (_index(each, submission), each.path),
    )
    by_action = {index: tuple(group) for index, group in groupby(told, key=lambda each: _index(each, submission))}
    return Verdict(
        plan_id=submission.plan_id,
        name=submission.name,
        namespace=submission.namespace or "",
        valid=valid,
        actions=tuple(
            Judged(
                id=str(action.get("id") or f"action-{index + 1}"),
                type=str(action.get("type", "")),
                key=str(action.get("idempotencyKey", "")),
                status=statuses[index] if index < len(statuses) else None,
                diagnostics=by_action.get(index, ()),
            )
            for index, action in enumerate(submission.actions)
        ),
        general=by_action.get(-1, ()),
    )


def _index(diagnostic: Diagnostic, submission: Submission) -> int:
    """Of the action it belongs to; -1 for the plan as a whole. Ids may be there twice, so the path comes first."""
    found = _ACTION.match(diagnostic.path)
    if found and int(found[1]) < len(submission.actions):
        return int(found[1])
    ids = [str(action.get("id") or f"action-{n}") for n, action in enumerate(submission.actions, start=1)]
    return ids.index(diagnostic.action) if diagnostic.action in ids else -1


def _unsubmitted(submission: Submission) -> PlanObject:
    spec = submission.manifest["spec"]
    return PlanObject(
        namespace=submission.namespace or "",
        name=submission.name,
        uid="",
        resource_version="",
        generation=1,
        created_at=datetime(1970, 1, 1, tzinfo=UTC),
        spec=spec,
        spec_bytes=len(json.dumps(spec, separators=(",", ":")).encode()),
        status=PlanStatus(),
    )


def _causes(error: Invalid) -> list[Finding]:
    """The API server's own list of what is wrong, as far as it names fields."""
    causes = error.details.get("causes")
    named = [cause for cause in causes if isinstance(cause, dict)] if isinstance(causes, list) else []
    found = [
        Finding(Code.INVALID_SPEC, str(cause.get("message", "")), path=str(cause["field"]))
        for cause in named
        if str(cause.get("field", "")).startswith("spec")
    ]
    return found or [Finding(Code.INVALID_SPEC, error.message)]
