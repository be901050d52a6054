"""What an approver could do besides approving: act as somebody whose word has to be another one's, or do what the plan does.

Takes a waiting approval, gives questions for the API server's authorizer; the answers say why the approval does not count.
"""

from collections.abc import Iterator
from itertools import product

from countersign.api.plan_status import ActionStatus, PlanStatus
from countersign.core.questions import AskAccess
from countersign.core.snapshot import Snapshot
from countersign.core.stamps import Stamp
from countersign.core.standing import standing
from countersign.model.facts import Allowed, Denied

_ACCOUNT = "system:serviceaccount:"
_AS_ACCOUNT = (
    ("impersonate", "", "serviceaccounts"),
    ("impersonate:serviceaccount", "authentication.k8s.io", "serviceaccounts"),
    ("create", "", "serviceaccounts/token"),
)
_AS_USER = (
    ("impersonate", "", "users"),
    ("impersonate:user-info", "authentication.k8s.io", "users"),
)


def crossings(stamp: Stamp, status: PlanStatus) -> Iterator[tuple[str, str, AskAccess]]:
    """Who could act as whom, and the question that tells. Between the approver and all others, in both directions."""
    voices = standing(status)
    others = dict.fromkeys((*status.approval.authors, *voices.approved_by, *voices.broken_by))
    for other in (name for name in others if name != stamp.by):
        yield from ((stamp.by, other, question) for question in _as(other, by=stamp.by, groups=stamp.groups))
        yield from ((other, stamp.by, question) for question in _as(stamp.by, by=other, groups=_groups(other, status)))


def own_access(stamp: Stamp, status: PlanStatus, *, namespace: str) -> Iterator[AskAccess]:
    """Each effect of the plan, asked for the approver."""
    if not status.approval.approver_access:
        return
    for entry in status.actions:
        for reference, verb in product(entry.resource_refs, _verbs(entry)):
            kind, _, name = reference.partition("/")
            plural, _, group = kind.partition(".")
            # A name that does not exist yet is not known to the authorizer when something is created.
            named = "" if verb == "create" else name
            yield AskAccess(stamp.by, stamp.groups, verb, group, plural, namespace, named)


def questions(snapshot: Snapshot, stamp: Stamp) -> tuple[AskAccess, ...]:
    """What has to be known before the approval is recorded."""
    plan = snapshot.plan
    asked = [question for _, _, question in crossings(stamp, plan.status)]
    return tuple(dict.fromkeys((*asked, *own_access(stamp, plan.status, namespace=plan.namespace))))


def why_too_powerful(snapshot: Snapshot, stamp: Stamp) -> str:
    for actor, other, question in crossings(stamp, snapshot.plan.status):
        if not isinstance(snapshot.access(question), Denied):
            return f"{actor} could act as {other}, so the two are no two people: take the right to impersonate away"
    return ""


def why_no_access(snapshot: Snapshot, stamp: Stamp) -> str:
    plan = snapshot.plan
    for question in own_access(stamp, plan.status, namespace=plan.namespace):
        if not isinstance(snapshot.access(question), Allowed):
            return f"its author may not {question.verb} {question.resource} here, and policies ask that approvers may"
    return ""


def _groups(name: str, status: PlanStatus) -> tuple[str, ...]:
    """As far as they are known: those of a program follow from its name, those of an author are not recorded."""
    if name.startswith(_ACCOUNT):
        namespace = name.removeprefix(_ACCOUNT).partition(":")[0]
        return ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated")
    said = [decision for decision in status.approval.decisions if decision.by == name]
    return tuple(said[-1].groups) if said else ("system:authenticated",)


def _as(other: str, *, by: str, groups: tuple[str, ...]) -> Iterator[AskAccess]:
    if other.startswith(_ACCOUNT):
        namespace, _, name = other.removeprefix(_ACCOUNT).partition(":")
        for verb, group, resource in _AS_ACCOUNT:
            yield AskAccess(by, groups, verb, group, resource, namespace, name, recently=True)
        return
    for verb, group, resource in _AS_USER:
        yield AskAccess(by, groups, verb, group, resource, "", other, recently=True)


def _verbs(entry: ActionStatus) -> tuple[str, ...]:
    match entry.operation:
        case "created":
            return ("patch", "create")
        case "called":
            return ("create",)
        case _:
            return ("patch",)
