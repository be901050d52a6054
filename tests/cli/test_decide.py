"""`approve`, `reject`, `revise` and `revoke` show what is decided, decide exactly that, and tell what it led to."""

import json

import pytest
from tests.support.fake_plans import FakePlans
from tests.support.golden import matches
from tests.support.plans import (
    DIGEST,
    a_change,
    a_decision,
    a_plan,
    a_preview,
    an_approval,
    an_effect,
    executed,
    waiting,
)
from tests.support.typed import typed

from countersign.api.names import DECISION
from countersign.errors import Forbidden

APPROVED = an_approval(approved=1, progress="1/1", counted=["ann"])
RUNNING = {"phase": "Executing", "reason": "Running", "approval": {"approved": 1, "progress": "1/1"}}


@pytest.fixture
def fake():
    return FakePlans().holds(a_plan(description="Register payments", rationale="They asked"), a_preview())


def decisions(fake):
    return [what for verb, what in fake.calls if verb == "patch"]


def stamped(fake):
    stamp = json.loads(fake.plan("payments")["metadata"]["annotations"][DECISION])
    return stamp["outcome"], stamp["quotes"]


def test_what_is_shown(fake):
    """Who wants what and why, the risk, every change, and the digest right above the question."""
    status = waiting(
        approval=an_approval(decisions=[a_decision(by="bob", outcome="reject", comment="too late")], recorded="7"),
        validation={
            "valid": True,
            "diagnostics": [
                {"stage": 2, "code": "x", "severity": "warning", "path": "spec", "message": "check by hand"}
            ],
        },
    )
    fake.holds(a_plan(status=status, description="Register payments", planId="p-1", serviceAccountName="executor"))
    result = typed("approve", "payments", fake=fake, answers="n\n")
    assert matches("approve", result.stdout)


def test_approved(fake):
    """Who says yes approves the digest that was shown, and hears what it led to."""
    fake.then(fake.records("payments", **RUNNING))
    result = typed("approve", "payments", "-m", "fine with me", fake=fake, answers="y\n")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-2:] == [
        "✓ Your approval is recorded and counts",
        "  1 of 1 approvals: the plan has started",
    ]
    stamp = json.loads(fake.plan("payments")["metadata"]["annotations"][DECISION])
    assert (stamp["outcome"], stamp["quotes"]) == ("approve", f"{DIGEST} fine with me")


@pytest.mark.parametrize(
    ("why", "counted", "told"),
    [
        ("its author belongs to no group", [], ", towards breaking the glass"),
        ("", [], ", towards breaking the glass"),
        ("", ["ann"], ", as a usual approval and not to break the glass"),
    ],
    ids=["of the other group only", "the usual seats are taken", "a usual seat was free"],
)
def test_broke_the_glass(fake, why, counted, told):
    """Whoever asks to break the glass hears what the approval counts towards: never towards both."""
    approval = {"approved": len(counted), "counted": counted}
    fake.then(fake.records("payments", why=why, breaks=True, reason="Frozen", message="Frozen", approval=approval))
    result = typed("approve", "payments", "--yes", "-m", "break-glass: down", fake=fake)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-2:] == [
        f"✓ Your approval is recorded and counts{told}",
        "  Draft (Frozen): Frozen",
    ]


@pytest.mark.parametrize("answer", ["n\n", "\n"])
def test_declined(fake, answer):
    """Anything but yes decides nothing, and says so by the exit code."""
    result = typed("approve", "payments", fake=fake, answers=answer)
    assert (result.exit_code, result.stderr) == (1, "Nothing was decided\n")
    assert decisions(fake) == []


def test_more_needed(fake):
    """An approval that is not the last says how many are missing."""
    fake.holds(a_plan(status=waiting(approval=an_approval(required=3))))
    fake.then(fake.records("payments", approval={"approved": 1}))
    result = typed("approve", "payments", "--yes", fake=fake)
    assert result.stdout.splitlines()[-1] == "  1 of 3 approvals: 2 more needed before it starts"


def test_does_not_count(fake):
    """An approval that does not count says why, and exits with 1."""
    fake.then(fake.records("payments", why="an author of the plan cannot approve it"))
    result = typed("approve", "payments", "--yes", fake=fake)
    assert result.exit_code == 1
    assert "✗ Your approval is recorded, but does not count: an author of the plan cannot approve it" in result.stdout


def test_nobody_to_ask(fake):
    """Without a terminal there has to be --yes: nothing is read, nothing is decided."""
    result = typed("approve", "payments", fake=fake)
    assert (result.exit_code, fake.calls) == (2, [])
    assert "There is nobody to ask" in result.stderr


def test_changed_since_it_was_shown(fake):
    """A digest that changed between showing and answering is not approved."""
    shown_first = fake.get

    def edited_later(kind, **where):
        found = shown_first(kind, **where)
        if len(fake.calls) >= 3:
            found["status"]["digest"] = "sha256:" + "b" * 64
        return found

    fake.get = edited_later
    result = typed("approve", "payments", fake=fake, answers="y\n")
    assert result.exit_code == 1
    assert "The plan payments has changed since it was shown, nothing was decided: look at it again" in result.stderr
    assert decisions(fake) == []


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (executed(), "it is Executed (Succeeded)"),
        (waiting(reason="Invalid", digest=None, message="spec: is wrong"), "Invalid, spec: is wrong"),
        (waiting(observedGeneration=0), "the operator has not validated it yet, try again in a moment"),
        ({}, "the operator has not validated it yet, try again in a moment"),
    ],
)
def test_nothing_to_decide(fake, status, why):
    """A plan that cannot be decided says why."""
    fake.holds(a_plan(status=status))
    result = typed("approve", "payments", "--yes", fake=fake)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"Error: The plan payments cannot be decided now: {why}\n"


def test_waits_for_the_verdict(fake):
    """A plan that was edited a moment ago is shown as soon as its new digest is there."""
    fake.holds(a_plan(status=waiting(observedGeneration=0)))
    fake.then(fake.verdict("payments"), fake.records("payments", **RUNNING))
    assert typed("approve", "payments", "--yes", fake=fake).exit_code == 0


def test_waits_for_the_other_decision(fake):
    """A decision that somebody else made a moment ago is recorded first."""
    other = {"n": "6", "outcome": "approve", "quotes": DIGEST, "by": "bob"}
    fake.plan("payments")["metadata"]["annotations"] = {DECISION: json.dumps(other)}
    fake.then(fake.records("payments"), fake.records("payments", **RUNNING))
    result = typed("approve", "payments", "--yes", fake=fake)
    assert result.exit_code == 0
    assert [decision["by"] for decision in fake.plan("payments")["status"]["approval"]["decisions"]] == ["bob", "ann"]


def test_refused_by_admission(fake):
    """What admission says is shown, and nothing else."""
    fake.refuses["patch"] = Forbidden("user ann may not decide about plans in namespace default", code=403)
    result = typed("approve", "payments", "--yes", fake=fake)
    assert result.exit_code == 3
    assert result.stderr == "Error: user ann may not decide about plans in namespace default\n"


def test_not_stamped(fake):
    """Where the admission policies are missing, a decision is none, and this is said."""
    fake.stamps = False
    result = typed("approve", "payments", "--yes", fake=fake)
    assert result.exit_code == 1
    assert "The API server did not stamp the decision" in result.stderr


def test_not_recorded(fake):
    """A decision that the operator does not record in time is neither denied nor claimed."""
    result = typed("approve", "payments", "--yes", fake=fake)
    assert result.exit_code == 4
    assert "is made, but the operator has not recorded it yet" in result.stderr


def test_whole_preview(fake):
    """All parts of a large preview are shown."""
    first, second = (an_effect(a_change(), name=name) for name in ("one", "two"))
    fake.holds(a_preview("payments", first, part=1, parts=2), a_preview("payments", second, part=2, parts=2))
    result = typed("approve", "payments", fake=fake, answers="n\n")
    assert "create Tool one" in result.stdout
    assert "create Tool two" in result.stdout


@pytest.mark.parametrize("wrong", [{"digest": "sha256:other"}, {"planUid": "other"}, {"part": 2}])
def test_preview_of_something_else(fake, wrong):
    """A preview that is not the one of the digest is never shown as if it were."""
    fake.holds(a_preview("payments", **wrong) | {"metadata": a_preview()["metadata"]})
    result = typed("approve", "payments", "--yes", fake=fake)
    assert result.exit_code == 3
    assert "is not the one of this plan and digest: do not approve" in result.stderr
    assert decisions(fake) == []


def test_missing_part(fake):
    """Nor is a preview that is not complete."""
    fake.holds(a_preview("payments", parts=2))
    result = typed("approve", "payments", "--yes", fake=fake)
    assert (result.exit_code, decisions(fake)) == (3, [])


def test_json(fake):
    """-o json is the recorded decision alone; what is shown moves to stderr."""
    fake.then(fake.records("payments", **RUNNING))
    result = typed("approve", "payments", "--yes", "-o", "json", fake=fake)
    answer = json.loads(result.stdout)
    assert answer["decision"]["counts"] is True
    assert answer["approvals"] == {"approved": 1, "required": 1}
    assert "create Tool payments-api" in result.stderr


def test_rejected(fake):
    """A rejection asks for its reason, which the authors will read."""
    fake.then(fake.records("payments", reason="Rejected", message="Rejected by ann: too late"))
    result = typed("reject", "payments", fake=fake, answers="too late\ny\n")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "  Draft (Rejected): Rejected by ann: too late"
    stamp = json.loads(fake.plan("payments")["metadata"]["annotations"][DECISION])
    assert (stamp["outcome"], stamp["quotes"]) == ("reject", f"{DIGEST} too late")


def test_rejection_without_reason(fake):
    """Without a question a rejection brings its reason along."""
    result = typed("reject", "payments", "--yes", fake=fake)
    assert (result.exit_code, fake.calls) == (2, [])
    assert "A rejection needs a reason: give it with -m" in result.stderr


def test_approved_plan_can_be_rejected(fake):
    """A plan that is approved and suspended can still be stopped."""
    fake.holds(a_plan(status=waiting(phase="Approved", reason="Suspended", approval=APPROVED)))
    fake.then(fake.records("payments", phase="Draft", reason="Rejected"))
    assert typed("reject", "payments", "--yes", "-m", "stop", fake=fake).exit_code == 0


def test_interrupted_question(fake):
    """Ctrl-C or the end of input at the question decides nothing."""
    result = typed("reject", "payments", fake=fake, answers="too late\n")
    assert (result.exit_code, decisions(fake)) == (130, [])


def test_revision(fake):
    """A request for a revision asks for what is wanted, and tells the authors."""
    fake.then(fake.records("payments", reason="RevisionRequested", message="ann asks for a revision: use https"))
    result = typed("revise", "payments", fake=fake, answers="use https\ny\n")
    assert result.exit_code == 0
    assert "Ask for a revision of payments? [y/N]: y" in result.stdout
    assert result.stdout.splitlines()[-2] == "✓ Your request for a revision is recorded and counts"
    assert stamped(fake) == ("revise", f"{DIGEST} use https")


@pytest.mark.parametrize(("feedback", "rest"), [((), ""), (("-m", "as said"), ',"feedback":"as said"')])
def test_proposal(fake, tmp_path, feedback, rest):
    """A proposal travels as JSON that programs can read, with the words for people beside it."""
    file = tmp_path / "better.yaml"
    file.write_text("description: größer\n")
    fake.then(fake.records("payments", reason="RevisionRequested"))
    result = typed("revise", "payments", "--yes", "--partial", str(file), *feedback, fake=fake)
    assert result.exit_code == 0, result.stderr
    assert stamped(fake) == ("revise", f'{DIGEST} {{"partial":{{"description":"gr\\u00f6\\u00dfer"}}{rest}}}')


@pytest.mark.parametrize(
    ("text", "why"),
    [("a: 1\n---\nb: 2\n", "holds 2 documents: write one"), (f"a: {'x' * 1100}\n", "characters, 1024 are recorded")],
)
def test_no_proposal(fake, tmp_path, text, why):
    """A proposal that cannot be recorded whole is refused before anything is asked."""
    file = tmp_path / "better.yaml"
    file.write_text(text)
    result = typed("revise", "payments", "--yes", "--partial", str(file), fake=fake)
    assert (result.exit_code, fake.calls) == (2, [])
    assert why in result.stderr


@pytest.mark.parametrize("verb", ["approve", "reject", "revise", "revoke"])
def test_long_comment(fake, verb):
    """A comment is never cut in silence."""
    result = typed(verb, "payments", "--yes", "-m", "x" * 1025, fake=fake)
    assert (result.exit_code, fake.calls) == (2, [])
    assert "The comment has 1025 characters, 1024 are recorded: shorten it" in result.stderr


@pytest.mark.parametrize("state", [{"reason": "Rejected"}, {"phase": "Approved", "reason": "Suspended"}])
def test_revoked(fake, state):
    """A decision is taken back without a reason, also while the approved plan is suspended."""
    fake.holds(a_plan(status=waiting(approval={**APPROVED, "decisions": [a_decision(n="5")]}, **state)))
    fake.then(fake.records("payments", phase="Draft", reason="AwaitingApproval"))
    result = typed("revoke", "payments", fake=fake, answers="y\n")
    assert result.exit_code == 0
    assert "Revoke what you decided about payments? [y/N]: y" in result.stdout
    assert stamped(fake) == ("revoke", DIGEST)


@pytest.mark.parametrize("made", [{"counts": False}, {"digest": "sha256:other"}, {"outcome": "revoke"}])
def test_nothing_to_revoke(fake, made):
    """Where no decision holds none can be taken back."""
    fake.holds(a_plan(status=waiting(approval=an_approval(decisions=[a_decision(**made)]))))
    result = typed("revoke", "payments", "--yes", fake=fake)
    assert (result.exit_code, decisions(fake)) == (1, [])
    assert "nobody's decision about it holds, so there is nothing to revoke" in result.stderr


@pytest.mark.parametrize("verb", ["reject", "revise", "revoke"])
def test_started(fake, verb):
    """What has started is not decided any more."""
    fake.holds(a_plan(status=waiting(phase="Executing", reason="Running")))
    result = typed(verb, "payments", "--yes", "-m", "stop", fake=fake)
    assert (result.exit_code, decisions(fake)) == (1, [])
    assert "cannot be decided now: it is Executing (Running)" in result.stderr


@pytest.mark.parametrize("reason", ["GuardMissing", "TooManyDecisions"])
@pytest.mark.parametrize("verb", ["approve", "reject", "revise", "revoke"])
def test_nobody_is_heard(fake, verb, reason):
    """Where no decision would be recorded none is made."""
    fake.holds(a_plan(status=waiting(reason=reason, message="see why")))
    result = typed(verb, "payments", "--yes", "-m", "so", fake=fake)
    assert (result.exit_code, decisions(fake)) == (1, [])
    assert f"cannot be decided now: {reason}, see why" in result.stderr


def test_expired(fake):
    """A plan whose time is over is not approved but asked for again; a rejection is still heard."""
    fake.holds(a_plan(status=waiting(reason="Expired")))
    result = typed("approve", "payments", "--yes", fake=fake)
    assert (result.exit_code, decisions(fake)) == (1, [])
    assert "a new one is opened by 'countersign retry payments -n default'" in result.stderr
    fake.then(fake.records("payments", reason="Rejected"))
    assert typed("reject", "payments", "--yes", "-m", "no", fake=fake).exit_code == 0
