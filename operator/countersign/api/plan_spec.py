"""What people write into a Plan. The CRD's `spec` is generated from `PlanSpec`; the core reads it back through it.

`params` stays free here: its shape depends on the action type, so stage 1 parses it with that type's own model.
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from countersign.model.base import Model
from countersign.model.duration import Duration

MAX_ACTIONS = 200
MAX_SPEC_BYTES = 256 * 1024
MAX_CONTEXT_BYTES = 16 * 1024
DEFAULT_ACCOUNT = "countersign-executor"
DEFAULT_PARALLEL = 8
DEFAULT_TIMEOUT = "60s"
DEFAULT_RETRIES = 3
# These two are no defaults of the schema: kubectl apply and GitOps tools would see a difference in the list for ever.

RiskLevel = Literal["low", "medium", "high", "critical"]
_PRINTABLE = r"^[^\x00-\x1f\x7f-\x9f]+$"
_FREE = {"x-kubernetes-preserve-unknown-fields": True}
ANY_JSON: Any = {**_FREE, "x-countersign-any": True}
"""Marks a field that holds any JSON value, also a plain string or number."""


class PlannedAction(Model):
    """One thing to be done."""

    id: Annotated[str | None, Field(min_length=1, max_length=128, pattern=_PRINTABLE)] = None
    """Name of the action, unique in the plan. Left out, it is action-1, action-2 and so on."""
    type: Annotated[str, Field(min_length=1, max_length=128, pattern=_PRINTABLE)]
    """What kind of action: one of the registered types, for example tool.upsert."""
    idempotency_key: Annotated[str, Field(min_length=1, max_length=128, pattern=_PRINTABLE)]
    """Name of the intent, unique in the plan and stable over retries. The same key with other params is refused once it was applied."""
    depends_on: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=128)]] | None,
        Field(max_length=MAX_ACTIONS, json_schema_extra={"x-kubernetes-list-type": "atomic"}),
    ] = None
    """Ids of actions that have to succeed before this one begins. If no action has any, they run one after another in order."""
    risk: RiskLevel | None = None
    """Raises the computed risk of the action to at least this level; it never lowers it."""
    timeout: Duration | None = None
    """How long one attempt may take. Left out, 60s."""
    retries: Annotated[int | None, Field(ge=0, le=10)] = None
    """How often an attempt that failed for a passing reason is repeated, with growing pauses. Left out, 3 times."""
    params: Annotated[dict[str, Any], Field(json_schema_extra=_FREE)] = Field(default_factory=dict)
    """What the action type needs to know. Unknown fields are refused."""


class PlanSpec(Model):
    """What the plan asks for."""

    plan_id: Annotated[str | None, Field(min_length=1, max_length=253, pattern=_PRINTABLE)] = None
    """Correlation id of the proposer. Left out, it is the name of the Plan."""
    description: Annotated[str | None, Field(max_length=1024)] = None
    """What the plan does, for the approver; part of what is approved."""
    rationale: Annotated[str | None, Field(max_length=8192)] = None
    """Why it should be done, for the approver; part of what is approved."""
    context: Annotated[Any, Field(json_schema_extra=ANY_JSON)] = None
    """Any JSON to be carried along, at most 16 KiB; part of what is approved."""
    continue_on_error: bool = False
    """Go on with the remaining actions after one failed."""
    suspend: bool = False
    """Do not start, or stop before the next action, until this is false again."""
    cancel: Annotated[
        bool,
        Field(
            json_schema_extra={
                "x-kubernetes-validations": [{"rule": "self || !oldSelf", "message": "cancel cannot be taken back"}]
            }
        ),
    ] = False
    """Give the plan up: what has not run yet is skipped. Cannot be taken back."""
    validate_only: Annotated[
        bool,
        Field(
            json_schema_extra={
                "x-kubernetes-validations": [
                    {"rule": "self == oldSelf", "message": "validateOnly cannot be changed: submit another plan"}
                ]
            }
        ),
    ] = False
    """Validate and preview only. Such a plan never runs and is removed after 60 seconds."""
    service_account_name: Annotated[str, Field(min_length=1, max_length=253)] = DEFAULT_ACCOUNT
    """Service account of the plan's namespace as which every action runs."""
    ttl_after_finished: Duration | None = None
    """Remove the plan this long after it finished."""
    max_parallel: Annotated[int, Field(ge=1, le=32)] = DEFAULT_PARALLEL
    """How many actions may run at the same time, in a plan with dependencies."""
    actions: Annotated[
        list[PlannedAction],
        Field(min_length=1, max_length=MAX_ACTIONS, json_schema_extra={"x-kubernetes-list-type": "atomic"}),
    ]
    """What is to be done, in this order unless dependsOn says otherwise."""


FREELY_CHANGEABLE = ("suspend", "cancel")
"""Fields that approvers may set too, that make nobody an author and may change while the plan is executing."""

NOT_APPROVED = (*FREELY_CHANGEABLE, "ttl_after_finished")
"""Fields that the digest leaves out, because they decide when something happens but never what."""
