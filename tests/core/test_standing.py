"""From the record to who stands behind the plan now."""

from tests.support.snapshots import APPROVER, PROPOSER, SECOND

from countersign.api.approval_status import Approval, Decision
from countersign.api.plan_status import PlanStatus
from countersign.core.standing import standing

CURRENT = "sha256:" + "a" * 64
OTHER = "sha256:" + "b" * 64
ENDS = "2030-01-02T12:00:00Z"


def _status(*decisions, digest=CURRENT, **approval):
    recorded = decisions[-1].n if decisions else None
    approval = {"authors": [PROPOSER], "expires_at": ENDS, "generation": 1, "recorded": recorded, **approval}
    return PlanStatus(
        digest=digest, publication=1, observed_generation=1, approval=Approval(decisions=list(decisions), **approval)
    )


def _said(outcome="approve", by=APPROVER, *, n="1", digest=CURRENT, **rest):
    return Decision(n=n, outcome=outcome, by=by, digest=digest, at="2030-01-01T12:00:00Z", **rest)


class TestStanding:
    """From the record to who stands behind the plan now."""

    def test_last_word(self):
        """The last word of each person is the one that holds."""
        said = [_said(), _said("revise", SECOND), _said("revise", "cid"), _said("revoke"), _said("approve", SECOND)]
        found = standing(_status(*said))
        assert (found.approved_by, found.rejected_by, found.revision_by) == ((SECOND,), (), ("cid",))

    def test_rejection(self):
        """A rejection holds whatever its author says next, until he revokes it; then he may approve."""
        said = [_said("reject"), _said("revise"), _said("approve")]
        assert standing(_status(*said)).rejected_by == (APPROVER,)
        found = standing(_status(*said, _said("revoke"), _said("approve")))
        assert (found.approved_by, found.rejected_by) == ((APPROVER,), ())

    def test_current_digest_only(self):
        """What was said about another digest is void."""
        found = standing(_status(_said(digest=OTHER), _said("reject", SECOND, digest=OTHER)))
        assert (found.approved_by, found.rejected_by) == ((), ())

    def test_what_did_not_count(self):
        """A decision that did not count when it was made takes nothing back."""
        said = [_said("reject"), _said("approve", counts=False, why="too late")]
        assert standing(_status(*said)).rejected_by == (APPROVER,)

    def test_one_approval_more(self):
        """Takes nothing back of what the ones before it were good for; any other word does."""
        said = [_said(breaks_glass=True, counts=False, why="no member"), _said()]
        for order in (said, reversed(said)):
            found = standing(_status(*order))
            assert (found.approved_by, found.broken_by) == ((APPROVER,), (APPROVER,))
        for word in ("revoke", "revise", "reject"):
            found = standing(_status(*said, _said(word)))
            assert (found.approved_by, found.broken_by) == ((), ())
        found = standing(_status(*said, _said("revoke"), _said()))
        assert (found.approved_by, found.broken_by) == ((APPROVER,), ())

    def test_authors(self):
        """Whoever became an author approves no more, but may still hold the plan up."""
        said = [_said(), _said("reject", SECOND)]
        found = standing(_status(*said, authors=[APPROVER, SECOND]))
        assert (found.approved_by, found.rejected_by) == ((), (SECOND,))

    def test_comments(self):
        """The comments of the last words."""
        found = standing(_status(_said(comment="no"), _said(comment="yes")))
        assert found.comments == {APPROVER: "yes"}
