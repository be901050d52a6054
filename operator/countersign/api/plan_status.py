"""What the operator writes into a Plan: its verdicts, its approvals and its journal. Nobody else may write it.

Values never stand here, only names, counts and digests; the values stand in the PlanPreview.
"""

from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field

from countersign.api.approval_status import Approval
from countersign.api.plan_spec import MAX_ACTIONS, RiskLevel
from countersign.api.status_words import Digest, Moment, Name, Sentence, Word, atomic, grows
from countersign.model.base import Recorded
from countersign.model.condition import Condition

MAX_LEDGER = 400
MAX_HISTORY = 5
MAX_RULES = 8
MAX_EFFECTS = 400
"""Of one action: more than any type can have; all of them together have to fit into the record of the run."""

Phase = Literal["Draft", "Approved", "Executing", "Executed", "Failed"]
ActionState = Literal["pending", "running", "waiting", "unknown", "applied", "failed", "skipped", "invalid"]
OperationName = Literal["created", "configured", "unchanged", "deleted", "called"]


StageEnd = Literal["Passed", "Failed", "NotReached", "Unavailable"]


def _told_today(end: object) -> object:
    """Versions told of other ends. Nothing hangs on them, and a plan that has ended keeps the status that it ended with."""
    return end if end in get_args(StageEnd) else "NotReached"


class StageResult(Recorded):
    """How one of the thirteen stages ended."""

    number: Annotated[int, Field(ge=1, le=13)]
    name: Word
    result: Annotated[StageEnd, BeforeValidator(_told_today)]
    """Unavailable: it is tried again."""


class Diagnostic(Recorded):
    """One finding of the validation."""

    stage: Annotated[int, Field(ge=1, le=13)]
    code: Word
    severity: Literal["error", "warning", "info"]
    action: Annotated[str, Field(max_length=128)] = ""
    path: Annotated[str, Field(max_length=1024)] = ""
    """Where in the YAML of the plan, for example spec.actions[3].params.name."""
    message: Sentence
    retryable: bool = False


class Validation(Recorded):
    """The verdict of the thirteen stages."""

    valid: bool
    stages: Annotated[list[StageResult], Field(max_length=13, json_schema_extra=atomic())] = []
    diagnostics: Annotated[list[Diagnostic], Field(max_length=200, json_schema_extra=atomic())] = []
    omitted: int = 0
    """How many further diagnostics found no room."""


class Execution(Recorded):
    """The run that the approval was consumed for."""

    generation: int
    publication: int
    digest: Digest
    started_at: Moment
    finished_at: Moment | None = None


class ActionError(Recorded):
    """Why an action failed."""

    type: Word
    message: Sentence


class Intent(Recorded):
    """A call that was about to be made. It stands here until it is known whether it happened."""

    effect: Annotated[int, Field(ge=0, le=MAX_EFFECTS)]
    """Which of the action's effects it is, from 0."""
    attempt: int
    at: Moment


class RiskRule(Recorded):
    """One reason for the risk of an action, without the sentence that stands in the preview."""

    level: RiskLevel
    rule: Word


class ActionStatus(Recorded):
    """The journal of one action."""

    id: Annotated[str, Field(max_length=128)]
    type: Annotated[str, Field(max_length=128)]
    status: ActionState
    reason: Annotated[str, Field(max_length=64)] = ""
    message: Annotated[str, Field(max_length=512)] = ""
    risk: RiskLevel | None = None
    risk_rules: Annotated[list[RiskRule], Field(max_length=MAX_RULES, json_schema_extra=atomic())] = []
    """The rules that gave the action its risk, the weightiest first."""
    idempotency_key: Annotated[str, Field(max_length=128)] = ""
    params_digest: Digest = ""
    resource_refs: Annotated[
        list[Annotated[str, Field(max_length=512)]], Field(max_length=MAX_EFFECTS, json_schema_extra=atomic())
    ] = []
    operation: OperationName | None = None
    operations: Annotated[list[OperationName], Field(max_length=MAX_EFFECTS, json_schema_extra=atomic())] = []
    """What each of the effects does, in the order of resourceRefs, if not all of them do the same."""
    effects_done: Annotated[int, Field(ge=0, le=MAX_EFFECTS)] | None = None
    """How many of the effects, in their order, are in place, as long as the action is not applied."""
    changes: int = 0
    paths: Annotated[list[Annotated[str, Field(max_length=256)]], Field(max_length=10, json_schema_extra=atomic())] = []
    """Paths of the first changes, without values."""
    effect_digests: Annotated[list[Digest], Field(max_length=MAX_EFFECTS, json_schema_extra=atomic())] = []
    attempts: int = 0
    intent: Intent | None = None
    started_at: Moment | None = None
    finished_at: Moment | None = None
    error: ActionError | None = None


class Outcome(Recorded):
    """What came of the run, in the shape of an action dispatcher's result."""

    entities_affected: int = 0
    summary: Sentence = ""
    details: Annotated[
        dict[str, Annotated[list[Annotated[str, Field(max_length=512)]], Field(max_length=MAX_LEDGER)]],
        Field(max_length=8),
    ] = {}
    """Lists of objects under created, configured, unchanged and called, and of actions under failed and unknown."""


class LedgerEntry(Recorded):
    """An intent that was carried out by this plan."""

    key: Annotated[str, Field(max_length=128)]
    params_digest: Digest
    publication: int
    effects_done: Annotated[int, Field(ge=0, le=MAX_EFFECTS)] | None = None
    """How many of its effects, if not all, and calls among them: those are not made again."""


class PastRun(Recorded):
    """A finished run of an earlier publication."""

    publication: int
    digest: Digest
    started_at: Moment
    finished_at: Moment
    result: Word
    summary: Sentence = ""


class PlanStatus(Recorded):
    """What the operator found out, what people decided, and what was done."""

    observed_generation: int = -1
    phase: Phase = "Draft"
    reason: Word = "Validating"
    message: Annotated[str, Field(max_length=2048)] = ""
    label: Word = ""
    """What the phase is called for people, by the approval policies."""
    digest: Digest | None = None
    """What an approval has to quote. It stands for the whole content of the plan and all that it would change."""
    publication: int = 0
    """Counts the published contents; an approval of an earlier publication is void for good."""
    spec_digest: Digest | None = None
    """Digest of the spec that was published last; tells an edit from a changed world."""
    preview: Name | None = None
    """Name of the PlanPreview that shows what the digest stands for."""
    risks: Annotated[list[RiskLevel], Field(max_length=MAX_ACTIONS, json_schema_extra=atomic())] = []
    max_risk: RiskLevel | None = None
    validation: Validation | None = None
    approval: Approval = Approval()
    execution: Execution | None = None
    actions: Annotated[list[ActionStatus], Field(max_length=MAX_ACTIONS, json_schema_extra=atomic())] = []
    progress: Word = ""
    outcome: Outcome | None = None
    ledger: Annotated[
        list[LedgerEntry],
        Field(max_length=MAX_LEDGER, json_schema_extra=grows("the ledger only grows")),
    ] = []
    history: Annotated[list[PastRun], Field(max_length=MAX_HISTORY, json_schema_extra=atomic())] = []
    conditions: Annotated[
        list[Condition],
        Field(
            max_length=16,
            json_schema_extra={"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"]},
        ),
    ] = []

    def wire(self) -> dict[str, Any]:
        """Without what is empty: two hundred journal entries have to fit."""
        return _filled(super().wire())


def _filled(value: dict[str, Any]) -> dict[str, Any]:
    return {key: _inner(item) for key, item in value.items() if item not in ("", [], {})}


def _inner(value: Any) -> Any:
    match value:
        case dict():
            return _filled(value)
        case list():
            return [_inner(item) for item in value]
        case _:
            return value


STATUS_RULES: Any = [
    {
        "rule": "!has(oldSelf.publication) || (has(self.publication) && self.publication >= oldSelf.publication)",
        "message": "the publication only grows",
    },
    {
        "rule": "!has(oldSelf.approval) || !has(oldSelf.approval.decisions) || size(oldSelf.approval.decisions) == 0"
        " || (has(self.approval) && has(self.approval.decisions))",
        "message": "decisions are never removed or changed",
    },
    {
        "rule": "!has(oldSelf.approval) || !has(oldSelf.approval.recorded)"
        " || (has(self.approval) && has(self.approval.recorded) && (self.approval.recorded == oldSelf.approval.recorded"
        " || (has(self.approval.decisions)"
        " && (!has(oldSelf.approval.decisions) || size(self.approval.decisions) > size(oldSelf.approval.decisions)))))",
        "message": "recorded moves only with a new decision",
    },
    {
        "rule": "!has(oldSelf.approval) || !has(oldSelf.approval.consumedAt)"
        " || (has(self.approval) && has(self.approval.consumedAt) && self.approval.consumedAt == oldSelf.approval.consumedAt)"
        " || (has(self.publication) && (!has(oldSelf.publication) || self.publication > oldSelf.publication))",
        "message": "an approval is consumed once: consumedAt changes only with the publication",
    },
    {
        "rule": "!has(oldSelf.ledger) || size(oldSelf.ledger) == 0 || has(self.ledger)",
        "message": "the ledger only grows",
    },
]
"""Transition rules that need to see a field go away, which a rule on the field itself cannot."""
