"""`policy.upsert`: how risky it is to change what agents may do."""

import pytest
from tests.support.agent_policies import PAYMENTS, a_policy, a_rule, an_approval
from tests.support.seeing import assessed, parsed, rules

from countersign.actions.policy import PolicyUpsert
from countersign.model.risk import Level, highest

ACTION = PolicyUpsert()
V1 = "https://payments.example.com/v1/*"
DENY = a_rule("deny")
ASK = a_rule("approval_required")
ALLOW = a_rule("allow")


def _level(params, *, live=None):
    return highest(assessed(ACTION, params, live=live and {"spec": live["spec"]}))


def _step(old, new):
    return rules(ACTION, new, live={"spec": old["spec"]}) - {"policy.base", "policy.deniesMore"}


class TestBase:
    """What a policy is."""

    @pytest.mark.parametrize("params", [a_policy(ALLOW), a_policy(ASK), a_policy(DENY, approvals=[an_approval()])])
    def test_high(self, params):
        """A policy decides what agents may do."""
        assert _level(params) is Level.HIGH
        assert highest(ACTION.assess(parsed(ACTION, params), ())) is Level.HIGH

    def test_before_anything_was_seen(self):
        """As long as nobody knows what stands there, also a deny is high: it may replace something stricter."""
        assert highest(ACTION.assess(parsed(ACTION, a_policy(DENY)), ())) is Level.HIGH

    @pytest.mark.parametrize(
        "rule",
        [
            a_rule(resource="*"),
            a_rule(resource="*", operations=["GET"]),
            a_rule(resource="*", tags=["own"]),
            a_rule(resource=None, tags=["own"]),
        ],
    )
    def test_critical(self, rule):
        """To allow calls to whatever host is critical when it is proposed, when it is there and when it results."""
        assert _level(a_policy(rule)) is Level.CRITICAL
        assert _level(a_policy(ALLOW), live=a_policy(rule)) is Level.CRITICAL
        assert _level(a_policy(rule, DENY), live=a_policy(rule)) is Level.CRITICAL
        found = assessed(ACTION, a_policy(DENY), result={"spec": a_policy(rule)["spec"]})
        assert highest(found) is Level.CRITICAL

    @pytest.mark.parametrize("resource", ["https://*", "https://api*"])
    def test_half_a_host(self, resource):
        """The beginning of a host, which kubectl may have written, is no host."""
        assert _level(a_policy(ALLOW), live=a_policy(a_rule(resource=resource))) is Level.CRITICAL

    @pytest.mark.parametrize("permission", ["deny", "approval_required"])
    def test_everything_but_allowed(self, permission):
        """To deny everything, or to ask about everything, is not critical."""
        assert _level(a_policy(a_rule(permission, "*"))) < Level.CRITICAL


class TestDenials:
    """A plan that does nothing but deny more is of medium risk."""

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            (None, a_policy(DENY)),
            (a_policy(DENY), a_policy(DENY, a_rule("deny", "https://other.example.com/*"))),
            (a_policy(ALLOW), a_policy(ALLOW, DENY)),
            (a_policy(ALLOW, ASK, approvals=[an_approval()]), a_policy(DENY, ALLOW, ASK, approvals=[an_approval()])),
            (a_policy(a_rule("deny", V1)), a_policy(DENY)),
            (a_policy(a_rule("deny", operations=["GET", "POST"])), a_policy(a_rule("deny"))),
        ],
    )
    def test_medium(self, old, new):
        """A new policy of denials, one more of them, or a wider one."""
        if old and (approvals := new["spec"].get("approvals")):
            old["spec"]["approvals"] = approvals
        live = old and {"spec": old["spec"]}
        result = {"spec": new["spec"]}
        assert highest(assessed(ACTION, new, live=live, result=result)) is Level.MEDIUM

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            (a_policy(ALLOW, DENY), a_policy(DENY)),
            (a_policy(ASK), a_policy(DENY)),
            (a_policy(DENY), a_policy(DENY, ALLOW)),
            (a_policy(DENY), a_policy(DENY, ASK)),
            (a_policy(DENY), a_policy(DENY, approvals=[an_approval()])),
            (a_policy(DENY), a_policy(a_rule("deny", V1))),
            (a_policy(ALLOW), a_policy(approvals=[an_approval()])),
        ],
    )
    def test_high(self, old, new):
        """Anything else that changes on the way is high."""
        assert _level(new, live=old) >= Level.HIGH


DANGEROUS = {
    "a deny goes": (a_policy(ALLOW, DENY), a_policy(ALLOW), {"policy.denyLost"}),
    "a deny is narrowed to a path": (a_policy(DENY), a_policy(a_rule("deny", V1)), {"policy.denyLost"}),
    "a deny is narrowed to a method": (
        a_policy(DENY),
        a_policy(a_rule("deny", operations=["GET"])),
        {"policy.denyLost"},
    ),
    "a deny is narrowed to a tag": (a_policy(DENY), a_policy(a_rule("deny", tags=["pii"])), {"policy.denyLost"}),
    "a tag of a deny goes": (
        a_policy(a_rule("deny", None, tags=["pii", "own"])),
        a_policy(a_rule("deny", None, tags=["pii"])),
        {"policy.denyLost"},
    ),
    "a wildcard of a deny goes": (
        a_policy(DENY),
        a_policy(a_rule("deny", PAYMENTS.removesuffix("*"))),
        {"policy.denyLost"},
    ),
    "a deny becomes a question": (a_policy(DENY), a_policy(ASK), {"policy.denyLost", "policy.allowsMore"}),
    "a question comes": (a_policy(DENY), a_policy(DENY, ASK), {"policy.allowsMore"}),
    "a question goes": (a_policy(ALLOW, ASK), a_policy(ALLOW), {"policy.approvalLost"}),
    "a question becomes an allow": (a_policy(ASK), a_policy(ALLOW), {"policy.approvalLost", "policy.allowsMore"}),
    "an allow comes": (a_policy(DENY), a_policy(DENY, ALLOW), {"policy.allowsMore"}),
    "an allow is widened": (a_policy(a_rule(resource=V1)), a_policy(ALLOW), {"policy.allowsMore"}),
    "a tag of an allow goes": (a_policy(a_rule(tags=["own"])), a_policy(ALLOW), {"policy.allowsMore"}),
    "approvers go": (a_policy(ASK, approvals=[an_approval()]), a_policy(ASK), {"policy.approversChanged"}),
    "others approve": (
        a_policy(ASK, approvals=[an_approval("owners")]),
        a_policy(ASK, approvals=[an_approval("agents")]),
        {"policy.approversChanged"},
    ),
    "approvals last longer": (
        a_policy(ASK, approvals=[an_approval(defaultDuration="1h")]),
        a_policy(ASK, approvals=[an_approval(defaultDuration="24h")]),
        {"policy.approversChanged"},
    ),
    "somebody else may approve too": (
        a_policy(ASK, approvals=[an_approval("owners")]),
        a_policy(ASK, approvals=[an_approval("owners"), an_approval("agents")]),
        {"policy.approversChanged"},
    ),
}
HARMLESS = {
    "nothing": (a_policy(ALLOW, ASK, DENY), a_policy(ALLOW, ASK, DENY)),
    "the order": (a_policy(ALLOW, ASK, DENY), a_policy(DENY, ASK, ALLOW)),
    "a rule is split": (
        a_policy(a_rule("deny", operations=["GET", "POST"], tags=["a", "B"])),
        a_policy(
            a_rule("deny", operations=["GET"], tags=["b", "a"]), a_rule("deny", operations=["POST"], tags=["a", "b"])
        ),
    ),
    "a question becomes a deny": (a_policy(ASK), a_policy(DENY)),
    "an allow is narrowed": (a_policy(ALLOW), a_policy(a_rule(resource=V1, operations=["GET"]))),
    "approvers come": (a_policy(ASK), a_policy(ASK, approvals=[an_approval()])),
}


class TestSteps:
    """What a policy turns into."""

    @pytest.mark.parametrize(("old", "new", "expected"), DANGEROUS.values(), ids=DANGEROUS)
    def test_dangerous(self, old, new, expected):
        """A step that lets more calls through, or others decide, is of high risk at least."""
        assert _step(old, new) == expected
        assert _level(new, live=old) is Level.HIGH

    @pytest.mark.parametrize(("old", "new"), HARMLESS.values(), ids=HARMLESS)
    def test_harmless(self, old, new):
        """A step that lets nothing more through gives no further reason."""
        assert _step(old, new) == set()

    @pytest.mark.parametrize(
        "live",
        [
            {},
            {"spec": None},
            {"spec": {"policies": "x", "approvals": {}}},
            {"spec": {"policies": [None, 7, {}, {"permission": [], "operations": {}, "tags": "pii"}]}},
        ],
    )
    def test_garbage(self, live):
        """Whatever stands there now, it is judged without an exception."""
        assert highest(assessed(ACTION, a_policy(DENY), live=live)) >= Level.MEDIUM

    def test_no_values(self):
        """Reasons name no values, because they stand in the status of the plan."""
        for old, new, _ in DANGEROUS.values():
            for factor in assessed(ACTION, new, live={"spec": old["spec"]}):
                assert "example" not in factor.why
                assert not factor.why.endswith(".")
