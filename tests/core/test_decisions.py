"""Decisions: what is recorded of them, which count, and who stands behind the plan."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.support.pretend import World
from tests.support.snapshots import APPROVER, DOWN, NOW, PROPOSER, a_plan, a_snapshot, a_stamp, authors_text

from countersign.api.approval_status import Approval, Decision, GroupList
from countersign.api.names import AUTHORS, DECISION, UNKNOWN_AUTHOR
from countersign.api.plan_status import PlanStatus
from countersign.core.decisions import authors, full, open_access, record, unrecorded

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


def _recorded(outcome="approve", *, quotes=CURRENT, status=None, distrusted=False, now=NOW, world=None, **stamp):
    """The decision as it is recorded."""
    annotations = a_stamp(outcome, quotes=quotes, n="9", **stamp)
    plan = a_plan(status=status or _status(), annotations=annotations, distrusted=distrusted)
    snapshot = a_snapshot(plan, now=now)
    answered = snapshot.with_answers((world or World()).answer(open_access(snapshot)))
    return record(answered).approval.decisions[-1]


def test_recorded_as_it_was_made():
    """Who, what, when and on which state, with groups and comment."""
    decision = _recorded(quotes=f"{CURRENT}  looks good ", groups=["approvers", "staff"])
    assert decision == _said(n="9", groups=["approvers", "staff"], comment="looks good")


@pytest.mark.parametrize("outcome", ["approve", "reject", "revise", "revoke"])
def test_counts(outcome):
    """Each kind of decision of a person who is no author counts."""
    assert (_recorded(outcome).counts, _recorded(outcome).why) == (True, "")


WHY_NOT = {
    "another digest": ({"quotes": OTHER}, "it quotes a digest that is not the current one"),
    "no digest is published": ({"status": _status(digest=None)}, "it quotes a digest that is not the current one"),
    "during a lapse": (
        {"distrusted": True},
        "it was made while the admission policies were not in place: decide again",
    ),
    "after the start": (
        {"status": _status(consumed_at="2030-01-01T12:00:00Z")},
        "it came after the plan had started: to stop what is left, set spec.cancel",
    ),
    "by an author": ({"by": PROPOSER}, "an author of the plan cannot approve it: somebody else has to"),
    "by a service account": (
        {"by": "system:serviceaccount:team-a:robot"},
        "it was made by a service account that the policies do not all name, and approvals are given by people",
    ),
    "by a node": ({"by": "system:node:worker-1"}, "it was made by a program, and approvals are given by people"),
    "by nobody": ({"by": "system:anonymous"}, "it was made by a program, and approvals are given by people"),
    "by too long a name": ({"by": "x" * 1025}, "user names of more than 1024 characters cannot approve"),
    "after one's own rejection": (
        {"status": _status(_said("reject"))},
        "its author rejected this digest: revoke the rejection first, then approve",
    ),
    "by a deputy": (
        {"status": _status(deputies=[APPROVER])},
        "it comes from a deputy of an author, and policies treat deputies as authors: somebody else has to approve",
    ),
    "by somebody of another group": (
        {"status": _status(groups=[GroupList(groups=["leads", "owners"])]), "groups": ["staff"]},
        "its author belongs to no group that may approve: leads, owners",
    ),
    "too late": ({"now": NOW + timedelta(days=1)}, "the time for approving this digest is over"),
}


@pytest.mark.parametrize(("given", "why"), WHY_NOT.values(), ids=WHY_NOT.keys())
def test_does_not_count(given, why):
    """An approval that does not count is recorded with the reason."""
    decision = _recorded(**given)
    assert (decision.counts, decision.why) == (False, why)


def test_authors_and_programs_may_stop():
    """Whoever holds the verb may reject, whoever they are and however late."""
    for by in (PROPOSER, "system:serviceaccount:team-a:robot", "x" * 1025):
        assert _recorded("reject", by=by, now=NOW + timedelta(days=2)).counts


def test_persons_of_the_system():
    """Some clusters call their administrator system:admin; that is a person."""
    assert _recorded(by="system:admin").counts


def test_once():
    """A decision that is recorded is not recorded again."""
    plan = a_plan(status=_status(), annotations=a_stamp(quotes=CURRENT))
    once = record(a_snapshot(plan))
    assert record(a_snapshot(replace(plan, status=once))) == once
    assert once.approval.recorded == "1"


def test_same_words_twice():
    """The same words of the same person on another state of the plan are another decision."""
    plan = a_plan(status=_status(_said(n="1")), annotations=a_stamp(quotes=CURRENT, n="2"))
    assert [decision.n for decision in record(a_snapshot(plan)).approval.decisions] == ["1", "2"]


def test_old_annotation():
    """An annotation that repeats an earlier decision than the last one is not recorded again."""
    plan = a_plan(status=_status(_said(n="1"), _said("revoke", n="2")), annotations=a_stamp(quotes=CURRENT, n="1"))
    assert unrecorded(plan) is None


def test_names_twice():
    """The check makes sure of how a record ends, so of two names the last one is that of its author."""
    text = '{"n":"1","outcome":"approve","quotes":"d","by":"somebody else","groups":["leads"],"by":"ann","groups":[]}'
    stamp = unrecorded(a_plan(status=_status(), annotations={DECISION: text}))
    assert (stamp.by, stamp.groups) == ("ann", ())


UNREADABLE = {
    "no JSON": "approve",
    "no mapping": "[]",
    "an unknown outcome": json.dumps({"n": "1", "outcome": "bless", "quotes": CURRENT, "by": "x"}),
    "nothing quoted": json.dumps({"n": "1", "outcome": "approve", "quotes": "", "by": "x"}),
    "a comment only": json.dumps({"n": "1", "outcome": "approve", "quotes": " fine", "by": "x"}),
    "nobody": json.dumps({"n": "1", "outcome": "approve", "quotes": CURRENT, "by": ""}),
    "a number as name": json.dumps({"n": "1", "outcome": "approve", "quotes": CURRENT, "by": 7}),
    "no state": json.dumps({"n": "", "outcome": "approve", "quotes": CURRENT, "by": "x"}),
    "a state of any length": json.dumps({"n": "1" * 65, "outcome": "approve", "quotes": CURRENT, "by": "x"}),
    "nested too deeply": "[" * 100_000,
    "half a character": '{"n":"1","outcome":"approve","quotes":"x","by":"\\ud800"}',
}


@pytest.mark.parametrize("text", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_unreadable_decision(text):
    """What the admission policy cannot have written is no decision."""
    plan = a_plan(status=_status(), annotations={DECISION: text})
    assert unrecorded(plan) is None
    assert record(a_snapshot(plan)).approval.decisions == []


def test_nothing_is_recorded_while_the_guard_is_down():
    """Whether a decision or an author is genuine is not known then."""
    plan = a_plan(status=_status(authors=[]), annotations=a_stamp(quotes=CURRENT))
    assert record(a_snapshot(plan, guard=DOWN)) == plan.status


def test_long_records_are_cut():
    """However many groups and however long a comment somebody has, a decision stays small."""
    decision = _recorded(quotes=f"{CURRENT} {'x' * 2000}", groups=["g" * 600] * 50)
    assert (len(decision.comment), [len(group) for group in decision.groups]) == (1024, [512, 512])


def test_full_by_number():
    """A hundred decisions find room."""
    decisions = [_said("revoke", n=str(number)) for number in range(100)]
    assert not full(_status(*decisions[:99]).approval)
    assert full(_status(*decisions).approval)


def test_full_by_size():
    """Long decisions find room only as far as the status can hold them."""
    decisions = [_said("revoke", n=str(number), comment="x" * 1024) for number in range(50)]
    assert full(_status(*decisions).approval)


def test_no_room():
    """A decision that finds no room is not recorded."""
    decisions = [_said("revoke", n=str(number)) for number in range(100)]
    plan = a_plan(status=_status(*decisions), annotations=a_stamp(quotes=CURRENT, n="200"))
    assert record(a_snapshot(plan)).approval.recorded == "99"
    assert unrecorded(plan).n == "200"


class TestAuthors:
    """Everyone who ever wrote a part of the plan."""

    def test_in_order(self):
        """Known ones stay, new ones are added, nobody twice."""
        plan = a_plan(status=_status(authors=["eve", PROPOSER]), authors=(PROPOSER, "mallory"))
        assert authors(plan) == ("eve", PROPOSER, "mallory")

    @pytest.mark.parametrize(
        "name",
        ['o"brien', "smith, john", "back\\slash", "名前", "line\nbreak", 'a","b'],
        ids=["a quote", "a comma", "a backslash", "other letters", "a line break", "made to look like two"],
    )
    def test_unusual_names(self, name):
        """Whatever people are called, they are told apart."""
        assert authors(a_plan(authors=(name, "pat"))) == (name, "pat")

    @pytest.mark.parametrize(
        "text",
        [None, "", "pat", '"pat"]', '"pat", 7', '"pat", ""', '{"a": 1}', "[" * 100_000, "9" * 5000, '"\\ud800"', "NaN"],
        ids=lambda text: str(text)[:12],
    )
    def test_unreadable(self, text):
        """What the admission policy cannot have written names nobody, so the author is unknown."""
        plan = a_plan()
        annotations = {} if text is None else {AUTHORS: text}
        assert authors(replace(plan, annotations=annotations)) == (UNKNOWN_AUTHOR,)

    def test_too_many(self):
        """Beyond what the status can hold somebody is left out, so the authors count as unknown."""
        assert len(authors(a_plan(authors=tuple(map(str, range(100)))))) == 100
        many = authors(a_plan(authors=tuple(map(str, range(101)))))
        assert (len(many), many[-1]) == (100, UNKNOWN_AUTHOR)

    def test_too_long(self):
        """So do names that are longer together than the status can hold."""
        found = authors(a_plan(authors=tuple(f"{number}{'x' * 1000}" for number in range(20))))
        assert (len(found), found[-1]) == (17, UNKNOWN_AUTHOR)

    @pytest.mark.parametrize(
        ("generation", "named", "unknown"),
        [(1, (PROPOSER,), False), (2, (PROPOSER,), True), (1, (PROPOSER, "eve"), True)],
        ids=["as recorded", "edited", "another author"],
    )
    def test_distrusted(self, generation, named, unknown):
        """After a lapse of the guard an edit that was not recorded before has an unknown author."""
        plan = a_plan(status=_status(), generation=generation, authors=named, distrusted=True)
        assert (UNKNOWN_AUTHOR in authors(plan)) is unknown

    def test_once_unknown(self):
        """An unknown author stays one."""
        plan = a_plan(status=_status(authors=[PROPOSER, UNKNOWN_AUTHOR]))
        assert UNKNOWN_AUTHOR in authors(plan)

    def test_known_up_to_a_generation(self):
        """The record says up to which generation of the plan the authors are known."""
        plan = a_plan(generation=5, annotations={AUTHORS: authors_text("pat")})
        assert record(a_snapshot(plan)).approval.generation == 5
