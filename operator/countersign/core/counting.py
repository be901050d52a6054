"""Why a decision does not count. Each rule is one sentence for its author; what is asked of approvers is what was published.

The digest covers what is asked, so a decision is judged once, when it is recorded, by all that is known of its author then.
"""

from countersign.core.moments import moment
from countersign.core.powers import why_no_access, why_too_powerful
from countersign.core.snapshot import Snapshot
from countersign.core.stamps import Stamp
from countersign.core.standing import rejects

LONGEST_NAME = 1024
_ACCOUNT = "system:serviceaccount:"
_NOBODY = ("system:node:", "system:kube-", "system:apiserver", "system:anonymous")
_PROGRAM = "it was made by a program, and approvals are given by people"
_NOT_NAMED = "it was made by a service account that the policies do not all name, and approvals are given by people"


def why_not(stamp: Stamp, snapshot: Snapshot) -> str:
    """Empty if it counts."""
    void = why_void(stamp, snapshot)
    if void or stamp.outcome != "approve":
        return void
    return _why_not_eligible(stamp, snapshot) or why_too_powerful(snapshot, stamp) or why_no_access(snapshot, stamp)


def breaks_glass(stamp: Stamp, snapshot: Snapshot) -> bool:
    """It asks to, and its author may. Being no usual approver is the only thing that does not matter then."""
    glass = snapshot.plan.status.approval.break_glass
    if glass is None or not stamp.asks_to_break_glass or stamp.by.startswith(_ACCOUNT):
        return False
    member = all(set(stamp.groups) & set(one.groups) for one in glass.lists)
    return member and not (
        why_void(stamp, snapshot) or why_too_powerful(snapshot, stamp) or why_no_access(snapshot, stamp)
    )


def why_void(stamp: Stamp, snapshot: Snapshot) -> str:
    """What can be told without asking the cluster or the policies."""
    plan = snapshot.plan
    if stamp.digest != plan.status.digest:
        return "it quotes a digest that is not the current one"
    if plan.distrusted:
        return "it was made while the admission policies were not in place: decide again"
    if plan.status.approval.consumed_at:
        return "it came after the plan had started: to stop what is left, set spec.cancel"
    return _why_no_approval(stamp, snapshot) if stamp.outcome == "approve" else ""


def _why_no_approval(stamp: Stamp, snapshot: Snapshot) -> str:
    approval = snapshot.plan.status.approval
    if len(stamp.by) > LONGEST_NAME:
        return f"user names of more than {LONGEST_NAME} characters cannot approve"
    if stamp.by in approval.authors:
        return "an author of the plan cannot approve it: somebody else has to"
    if stamp.by in approval.deputies:
        return (
            "it comes from a deputy of an author, and policies treat deputies as authors: somebody else has to approve"
        )
    if stamp.by.startswith(_NOBODY):
        return _PROGRAM
    if rejects(snapshot.plan.status, stamp.by):
        return "its author rejected this digest: revoke the rejection first, then approve"
    ends = moment(approval.expires_at)
    return "the time for approving this digest is over" if ends and snapshot.now >= ends else ""


def _why_not_eligible(stamp: Stamp, snapshot: Snapshot) -> str:
    approval = snapshot.plan.status.approval
    if stamp.by.startswith(_ACCOUNT):
        return "" if stamp.by in approval.service_accounts else _NOT_NAMED
    for one in approval.groups:
        if not set(one.groups) & set(stamp.groups):
            return f"its author belongs to no group that may approve: {', '.join(one.groups)}"
    return ""
