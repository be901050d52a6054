"""Publication: what an approval binds, as one digest that never comes back.

`content` covers the spec, the executor, every effect and what is required of the approvers. When it differs from what is
published, the publication number goes up and enters the digest, so that there and back again is two new digests.
"""

from dataclasses import dataclass
from datetime import datetime

from countersign.api.plan_status import PlanStatus
from countersign.core.gate import Requirements
from countersign.core.moments import moment
from countersign.core.review import Review
from countersign.model import instant
from countersign.model.digest import sha256


@dataclass(frozen=True, slots=True)
class Published:
    """`fresh` tells that this digest has not been shown to anybody yet."""

    digest: str
    publication: int
    ends: datetime
    """When the time for approving it is over."""
    fresh: bool


def spec_digest(review: Review) -> str:
    return sha256(review.draft.approved_spec())


def content(review: Review, asked: Requirements) -> str:
    plan = review.snapshot.plan
    return sha256(
        {
            "v": 2,
            "namespace": plan.namespace,
            "planUid": plan.uid,
            "spec": review.draft.approved_spec(),
            "executorUid": review.account_uid,
            "effects": [[item.digest for item in action.weighed] for action in review.actions],
            "requirements": asked.wire(),
        }
    )


def digest_of(content_digest: str, publication: int) -> str:
    return sha256({"content": content_digest, "publication": publication})


def publish(status: PlanStatus, review: Review, asked: Requirements, *, now: datetime) -> Published:
    """The published digest if it still says the same and was not used up; otherwise the next one."""
    current = content(review, asked)
    ends = moment(status.approval.expires_at)
    if status.digest == digest_of(current, status.publication) and ends and not status.approval.consumed_at:
        return Published(status.digest, status.publication, ends, fresh=False)
    publication = status.publication + 1
    ends = instant.parse(instant.show(now + asked.expires_after))
    return Published(digest_of(current, publication), publication, ends, fresh=True)


def unpublished(status: PlanStatus) -> PlanStatus:
    """The published digest goes, and with it whatever was said about it. Its publication is never used again."""
    approval = status.approval.but(
        gate=None,
        policies=[],
        because=[],
        required=0,
        approved=0,
        counted=[],
        expires_at=None,
        progress="",
        groups=[],
        service_accounts=[],
        deputies=[],
        approver_access=None,
        break_glass=None,
        broken_by=[],
        labels={},
    )
    return status.but(digest=None, preview=None, approval=approval)
