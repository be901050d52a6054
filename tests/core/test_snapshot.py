"""What a turn knows, and what it has to forget."""

from tests.support.snapshots import a_snapshot

from countersign.actions.base import Reference
from countersign.core.questions import AskAccount, AskObject, AskPreview, AskReference, Tracking, watched_by
from countersign.model.effect import TOOL, Apply, Target
from countersign.model.facts import Absent, Present


def test_forgetting():
    """What was looked up about an object that was written since is known no more; everything else is."""
    account = AskAccount("team-a", "countersign-executor")
    gone, named, kept = (
        AskObject("x", Target(TOOL, "team-a", "a")),
        AskReference("x", "team-a", Reference(TOOL, "a", ())),
        AskObject("x", Target(TOOL, "team-a", "b")),
    )
    snapshot = a_snapshot().with_answers({account: Present("1"), gone: Absent(), named: Absent(), kept: Absent()})
    assert set(snapshot.forgetting([Target(TOOL, "team-a", "a")]).answers) == {account, kept}


def test_watched_by():
    """A plan follows the objects that it looked into and those that it would change; what only has to exist says nothing more."""
    target, other = Target(TOOL, "team-a", "a"), Target(TOOL, "team-a", "b")
    tracking = Tracking(plan_uid="u", plan="p", action="t", key="k", params_digest="d")
    questions = (
        AskObject("x", target),
        AskPreview("x", Apply(other, {}), tracking),
        AskReference("x", "team-a", Reference(TOOL, "c", ())),
        AskAccount("team-a", "x"),
    )
    assert watched_by(questions) == {target, other}
