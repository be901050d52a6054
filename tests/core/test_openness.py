"""From the first matching policy on, one more never opens anything: the property that makes policies safe to add."""

from datetime import timedelta

from hypothesis import event, given
from hypothesis import strategies as st
from tests.support.policies import a_policy
from tests.support.settings import MODEST
from tests.support.snapshots import NOW, RULES

from countersign.core.gate import requirements
from countersign.core.openness import weigh_voices
from countersign.core.policies.matching import Subject, matching
from countersign.core.policies.ruling import Ruling
from countersign.model.risk import Factor, Level, highest

GATES = st.sampled_from(["auto", "humanInTheLoop", "blocked", None])
GROUPS = st.lists(st.sampled_from(["dev", "leads", "ops"]), unique=True, max_size=2)
ACCOUNTS = st.lists(st.sampled_from(["a", "b"]).map(lambda name: {"namespace": "ci", "name": name}), max_size=2)
FREEZE = {"name": "now", "starts": "2029-12-31T00:00:00Z", "ends": "2030-02-01T00:00:00Z"}
LEVELS = st.sampled_from(["low", "medium", "high", "critical"])
SPECS = st.fixed_dictionaries(
    {"byRisk": st.dictionaries(LEVELS, GATES.filter(bool), max_size=4)},
    optional={
        "match": st.fixed_dictionaries(
            {},
            optional={
                "authors": st.sampled_from([["pat"], ["eve"], ["pat", "eve"]]),
                "actionTypes": st.sampled_from([["tool.upsert"], ["deploy.*"], ["*"]]),
            },
        ),
        "quorum": st.dictionaries(LEVELS, st.integers(1, 3), max_size=4),
        "approvers": st.fixed_dictionaries({"groups": GROUPS, "serviceAccounts": ACCOUNTS}),
        "deputies": st.just([{"author": "p*", "deputies": ["dan"]}]),
        "expiresAfter": st.sampled_from(["1h", "48h"]),
        "requireApproverAccess": st.booleans(),
        "actions": st.fixed_dictionaries({"deny": st.sampled_from([[], ["tool.*"]])}),
        "budgets": st.sampled_from([{}, {"maxActions": 1}, {"maxActions": 5}]),
        "egress": st.sampled_from([{}, {"allowedHosts": ["*.example.com"]}, {"allowedHosts": ["a.example.com"]}]),
        "freezes": st.sampled_from([[], [FREEZE]]),
        "riskRaises": st.sampled_from([[], [{"actionTypes": ["*"], "level": "high"}]]),
        "breakGlass": st.fixed_dictionaries({"groups": st.just(["ops"]), "quorum": st.integers(1, 2)}),
    },
)
LEVEL = st.sampled_from(list(Level))
SUBJECTS = st.builds(
    Subject,
    authors=st.sampled_from([("pat",), ("pat", "eve")]),
    action_types=st.sampled_from([("tool.upsert",), ("tool.upsert", "deploy.execute")]),
)
PEOPLE = (("ann", {"dev"}), ("bob", {"leads", "ops"}), ("dan", {"dev", "leads", "ops"}), ("ci:a", set()))


def _ruling(specs, subject):
    policies = [a_policy(f"p{number}", **spec) for number, spec in enumerate(specs)]
    return Ruling(matched=matching(policies, subject), authors=subject.authors)


def _counts(person, groups, asked):
    if person.startswith("ci:"):
        return f"system:serviceaccount:{person}" in asked.accounts
    return person not in asked.deputies and all(groups & set(each) for each in asked.groups)


def _open(ruling, level, voters, *, age, access):
    """Whether a plan of this level would start, with these people behind it."""
    types, hosts, actions = ("tool.upsert", "deploy.execute"), ("a.example.com", "b.other.com"), 3
    level = highest([*ruling.factors("tool.upsert"), *_at(level)])
    asked = requirements(level, rules=RULES, matched=ruling.matched, authors=ruling.authors)
    late = age > asked.expires_after and asked.required > 0
    if late or (asked.approver_access and not access):
        voters = ()
    approved_by = [name for name, groups in voters if _counts(name, groups, asked)]
    broken_by = [name for name, groups in voters if "ops" in groups and name not in asked.deputies]
    way = weigh_voices(asked, ruling.frozen(NOW), approved_by=approved_by, broken_by=broken_by)
    limit = ruling.limits.actions
    return {
        "start": way.is_open,
        "size": limit is None or actions <= limit,
        **{name: ruling.forbids_type(name) is None for name in types},
        **{name: ruling.forbids_host(name) is None for name in hosts},
    }


def _at(level):

    return [Factor(level, "test", "test")]


@MODEST
@given(
    st.lists(SPECS, min_size=1, max_size=3),
    SPECS,
    SUBJECTS,
    LEVEL,
    st.lists(st.sampled_from(PEOPLE), unique_by=lambda person: person[0]),
    st.fixed_dictionaries(
        {"age": st.sampled_from([timedelta(0), timedelta(hours=2), timedelta(hours=30)]), "access": st.booleans()}
    ),
)
def test_one_more_never_opens(specs, extra, subject, level, voters, rest):
    """Whatever was shut with some policies that match stays shut with one more, in every respect."""
    before, after = _ruling(specs, subject), _ruling([*specs, extra], subject)
    if not before.matched.policies:
        event("none matched")
        return
    was = _open(before, level, voters, **rest)
    now = _open(after, level, voters, **rest)
    event(f"start {was['start']} -> {now['start']}")
    assert all(was[what] for what in now if now[what])


@MODEST
@given(st.lists(SPECS, min_size=1, max_size=4), SUBJECTS, LEVEL, st.randoms(use_true_random=False))
def test_order_does_not_matter(specs, subject, level, random):
    """Policies are combined, not read one after the other."""
    shuffled = random.sample(specs, len(specs))
    one, other = (
        requirements(level, rules=RULES, matched=_ruling(each, subject).matched, authors=subject.authors).wire()
        for each in (specs, shuffled)
    )
    assert one == other
