"""What is wrong with a plan, said so that its author can mend it. A finding is a value, never an exception.

Stages make findings; the core orders them and writes them to `status.validation`; `docs/reference/codes.md` is generated
from the `Code` enum here.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum

from countersign.model.stage import Stage

_AGAIN = "Nothing: it is tried again"
_AS_IT_SAYS = "Do as its message says"
_AT_THE_PATH = "Correct the field at the path"


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Code(Enum):
    """Every code a finding can carry, with what it means and what mends it. The stage is the part before the dot."""

    INVALID_SPEC = ("Structural.InvalidSpec", "The spec does not have the shape of a plan", _AT_THE_PATH)
    UNKNOWN_TYPE = ("Structural.UnknownType", "No such action type", "Use one of the types in the message")
    INVALID_PARAMS = ("Structural.InvalidParams", "The params do not fit the action type", _AT_THE_PATH)
    UNKNOWN_FIELD = ("Structural.UnknownField", "The action type has no such field", "Remove it or correct its name")
    DUPLICATE_ID = ("Structural.DuplicateId", "Two actions have one id", "Give each action its own id")
    DUPLICATE_KEY = (
        "Structural.DuplicateIdempotencyKey",
        "Two actions have one idempotencyKey",
        "Give each intent its own key",
    )
    BLANK_KEY = ("Structural.BlankIdempotencyKey", "The idempotencyKey has no visible character", "Name the intent")
    KEY_REUSED = (
        "Structural.IdempotencyKeyReused",
        "The key was applied by this plan with other params",
        "Use a new key for a new intent",
    )
    UNSAFE_INTEGER = (
        "Structural.UnsafeInteger",
        "An integer beyond 2^53 does not survive JSON",
        "Write it as a string or make it smaller",
    )
    OVERSIZED = ("Structural.Oversized", "The spec is larger than 256 KiB", "Split the plan")
    CREDENTIAL = (
        "Structural.CredentialInPlan",
        "A value looks like a credential",
        "Put it into a Secret and name the Secret",
    )
    UNSAFE_ADDRESS = (
        "Structural.UnsafeAddress",
        "The address may not be used",
        "Use an https address of a host that is reachable from outside, or set topology Internal",
    )
    NOT_FOUND = (
        "References.NotFound",
        "Something named in the plan does not exist",
        "Create it first or correct the name",
    )
    NOT_VERIFIED = (
        "References.NotVerified",
        "The executor may not read what is named, so its existence is not known",
        "Check it by hand or grant the executor get on it",
    )
    UNUSABLE = (
        "References.Unusable",
        "Something named in the plan exists but cannot serve what it is named for",
        "Do as its message says, or name something else",
    )
    REFERENCES_UNAVAILABLE = ("References.Unavailable", "The API server could not be asked", _AGAIN)
    KIND_NOT_ALLOWED = (
        "Capabilities.KindNotAllowed",
        "The action would write a kind that plans may not write",
        "Use an action type of the registry",
    )
    TYPE_NOT_ALLOWED = (
        "Capabilities.TypeNotAllowed",
        "An approval policy does not let plans hold this action type",
        "Leave the action out, or ask the platform team",
    )
    HOST_NOT_ALLOWED = (
        "Capabilities.HostNotAllowed",
        "The address leads to a host that an approval policy does not allow",
        "Use an allowed host, or ask the platform team",
    )
    POLICIES_UNAVAILABLE = ("Capabilities.PoliciesUnavailable", "The approval policies could not be read", _AGAIN)
    ACCOUNT_NOT_ALLOWED = (
        "Access.AccountNotAllowed",
        "Plans may not run as this service account",
        "Use one of the accounts in the message",
    )
    ACCOUNT_MISSING = (
        "Access.AccountMissing",
        "The service account does not exist",
        "Create it with the command in the message",
    )
    FORBIDDEN = ("Access.Forbidden", "The service account may not do this", "Grant it with the command in the message")
    MAY_NOT_ACT = (
        "Access.MayNotAct",
        "The operator may not act as the service accounts of this namespace",
        "Have the platform team bind the operator as the message says",
    )
    ACCOUNT_HAS_RIGHTS = (
        "Access.AccountHasRights",
        "The service account of an agent may do more than an account without role bindings",
        "Remove the role binding that names it, or choose another agent_name",
    )
    ACCESS_UNAVAILABLE = ("Access.Unavailable", "The API server could not be asked", _AGAIN)
    UNKNOWN_DEPENDENCY = (
        "Dependencies.UnknownAction",
        "The action depends on one that the plan does not have",
        "Correct the id or leave it out",
    )
    CYCLE = ("Dependencies.Cycle", "Actions wait for each other for ever", "Take one of the dependencies out")
    NOT_AN_ANCESTOR = (
        "Dependencies.NotAnAncestor",
        "The action uses what another one makes that may run at the same time",
        "Name the other action in dependsOn",
    )
    TOO_MANY_ACTIONS = (
        "Budget.TooManyActions",
        "The plan has more actions than an approval policy allows",
        "Split the plan",
    )
    TOO_LONG = (
        "Budget.TooLong",
        "Timeouts and retries add up to more than an approval policy allows",
        "Shorten timeouts, lower retries, or split the plan",
    )
    TOO_MANY_OPEN_PLANS = (
        "Budget.TooManyOpenPlans",
        "The namespace has more unfinished plans than the operator looks after",
        "Finish, cancel or delete some; the oldest that waits is then taken up by itself",
    )
    PREVIEW_TOO_LARGE = (
        "Budget.PreviewTooLarge",
        "The preview is larger than 1 MiB, or than an approval policy allows",
        "Split the plan",
    )
    OBJECT_TOO_LARGE = (
        "Budget.ObjectTooLarge",
        "An object would be larger than Kubernetes stores, or a variable larger than Linux passes on",
        "Use fewer or smaller files, tools and texts",
    )
    RECORD_TOO_LARGE = (
        "Budget.RecordTooLarge",
        "The record of the run would not fit into the status of the plan",
        "Shorten ids and idempotencyKeys, or split the plan",
    )
    SAME_OBJECT = (
        "Coherence.SameObject",
        "Two actions that may run at the same time write one object",
        "Make one of them depend on the other, or merge them into one",
    )
    OWNED_BY_OTHER = (
        "Coherence.OwnedByOther",
        "Another field manager owns a field that the action sets",
        "Leave the field out, or have its owner give it up",
    )
    NAME_TAKEN = (
        "Coherence.NameTaken",
        "An object of that name was made for something else",
        "Rename or delete it, or change it with the action type of its kind",
    )
    DRAFT_CHANGED = (
        "Coherence.DraftChanged",
        "The draft has another version than the plan expects",
        "Look at the draft and expect the version it has",
    )
    OTHER_PLAN = (
        "Coherence.OtherPlan",
        "Another plan that waits or runs writes the same object",
        "Cancel one of them, or decide on them in the order in which they are to run",
    )
    OF_ANOTHER = (
        "Coherence.OfAnother",
        "An object of the name that the agent needs exists and is not this agent's",
        "Choose another agent_name, or remove the object",
    )
    INSECURE_POD = ("Protection.InsecurePod", "The pods would not meet Pod Security restricted", _AS_IT_SAYS)
    PROTECTED = (
        "Protection.ObjectProtected",
        "The object carries the label countersign.dev/protected",
        "Remove the label first, or leave the object alone",
    )
    NAMESPACE_PROTECTED = (
        "Protection.NamespaceProtected",
        "The namespace carries the label countersign.dev/protected, so every action is at least of high risk",
        "Nothing, unless the label is a mistake",
    )
    FROZEN = (
        "Protection.Frozen",
        "An approval policy lets nothing start just now",
        "Wait until the freeze is over; the plan can be approved meanwhile",
    )
    REFUSED = ("Schema.Refused", "The API server refuses the object", _AT_THE_PATH)
    WEBHOOK_REFUSED = ("Schema.AdmissionRefused", "An admission webhook or policy refuses the object", _AS_IT_SAYS)
    WEBHOOK_SIDE_EFFECTS = (
        "Schema.WebhookSideEffects",
        "A webhook has side effects, so the object cannot be previewed",
        "Have the webhook declare sideEffects None or NoneOnDryRun",
    )
    KIND_NOT_SERVED = ("Schema.KindNotServed", "The API server does not serve the kind", "Install the CRD")
    SCHEMA_UNAVAILABLE = ("Schema.Unavailable", "The dry run could not be made", _AGAIN)
    OUTSIDE_NAMESPACE = (
        "Federation.OutsideNamespace",
        "The action would write outside the namespace of the plan",
        "Submit the plan in that namespace",
    )
    QUOTA_EXCEEDED = (
        "Quotas.Exceeded",
        "The plan as a whole would add more than a resource quota of the namespace leaves",
        "Leave actions out, delete what is no longer needed, or have the quota raised",
    )
    QUOTAS_UNAVAILABLE = (
        "Quotas.Unavailable",
        "The resource quotas of the namespace could not be read",
        "Grant it with the command in the message if it has one, else nothing: it is tried again",
    )
    NOT_COUNTED = ("Signatures.NotCounted", "A decision does not count", "See the reason in the message")
    POLICY_UNREADABLE = (
        "Risk.PolicyUnreadable",
        "Nobody can tell what an approval policy asks for, so every plan is blocked",
        "Have the platform team correct the policy",
    )
    RULES_TOO_LARGE = (
        "Risk.RulesTooLarge",
        "The approval policies name more groups and people than the status of a plan can hold",
        "Have the platform team name groups instead of people",
    )
    BLOCKED = ("Risk.Blocked", "Plans of this risk may not run here", "Lower the risk, or ask the platform team")

    def __init__(self, code: str, meaning: str, remedy: str) -> None:
        self.code = code
        self.meaning = meaning
        self.remedy = remedy

    @property
    def stage(self) -> Stage:
        return Stage[self.code.split(".", maxsplit=1)[0].upper()]


@dataclass(frozen=True, slots=True)
class Finding:
    """`path` points into the user's YAML; `message` is one sentence with the remedy; `action` is an id or empty."""

    code: Code
    message: str
    path: str = ""
    action: str = ""
    severity: Severity = Severity.ERROR
    retryable: bool = False

    @property
    def blocks(self) -> bool:
        return self.severity is Severity.ERROR
