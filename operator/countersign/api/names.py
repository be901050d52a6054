"""Names that the API server, the operator, the command line and people have to agree on."""

from countersign.model.effect import GROUP, VERSION, ResourceKind

PLAN = ResourceKind(group=GROUP, version=VERSION, kind="Plan", plural="plans")
PLAN_PREVIEW = ResourceKind(group=GROUP, version=VERSION, kind="PlanPreview", plural="planpreviews")
APPROVAL_POLICY = ResourceKind(
    group=GROUP, version=VERSION, kind="ApprovalPolicy", plural="approvalpolicies", namespaced=False
)

FIELD_MANAGER = "countersign"
"""Owner of the fields that effects set. Load-bearing: another name would leave every field it ever set behind."""
STATUS_MANAGER = "countersign-status"

COMMANDS = ("approve", "reject", "revise", "revoke")
DECISION = f"{GROUP}/decision"
AUTHORS = f"{GROUP}/authors"
RETRY = f"{GROUP}/retry"
DRILL = f"{GROUP}/drill"
"""A request that carries this annotation is a forgery of the guard's own and must be refused."""
UNKNOWN_AUTHOR = "unknown author"

EPOCH_STORE = "countersign-guard"
"""ConfigMap in which the guard remembers since when the policies stand."""

PLAN_UID = f"{GROUP}/plan-uid"
PLAN_NAME = f"{GROUP}/plan"
ACTION_ID = f"{GROUP}/action"
IDEMPOTENCY_KEY = f"{GROUP}/idempotency-key"
PARAMS_DIGEST = f"{GROUP}/params-digest"
PROTECTED = f"{GROUP}/protected"
EXTRA_PLAN = f"{GROUP}/plan"
"""Extra of the impersonated executor: <plan uid>/<action id>. Without it the executor can write nothing."""


def command(verb: str) -> str:
    """The annotation that carries a decision."""
    return f"{GROUP}/{verb}"
