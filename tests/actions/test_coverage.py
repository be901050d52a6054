"""What rules of policies cover, judged by what they mean for single calls."""

from hypothesis import given
from hypothesis import strategies as st
from tests.support.agent_policies import PAYMENTS, a_rule
from tests.support.seeing import assessed
from tests.support.settings import MODEST

from countersign.actions.coverage import rule_of, uncovered
from countersign.actions.policy import PolicyUpsert
from countersign.model.risk import Level, highest

METHODS = st.lists(st.sampled_from(["GET", "POST", "DELETE"]), max_size=3, unique=True)
TAGS = st.lists(st.sampled_from(["pii", "own"]), max_size=2, unique=True)
RESOURCES = st.sampled_from(
    ["*", PAYMENTS, "https://payments.example.com/v1/*", "https://payments.example.com/v1/a", "https://b.example.com/*"]
)
RULES = st.builds(
    lambda permission, resource, operations, tags: {
        "permission": permission,
        "resource": resource,
        "operations": operations,
        "tags": tags,
    },
    st.sampled_from(["allow", "deny", "approval_required"]),
    RESOURCES,
    METHODS,
    TAGS,
)
CALLS = [
    (f"https://{path}", method, tag)
    for path in ("payments.example.com/v1/a", "payments.example.com/b", "b.example.com/")
    for method in ("GET", "POST", "PUT")
    for tag in ("pii", "own", "other")
]


def _verdict(policy, call):
    """RunAgents' order of evaluation, for one call."""
    url, method, tag = call
    said = {
        rule["permission"]
        for rule in policy
        if (url.startswith(rule["resource"][:-1]) if rule["resource"].endswith("*") else url == rule["resource"])
        and (not rule["operations"] or method in rule["operations"])
        and (not rule["tags"] or tag in rule["tags"])
    }
    return next((word for word in ("deny", "approval_required", "allow") if word in said), "deny")


@MODEST
@given(st.lists(RULES, min_size=1, max_size=3), st.lists(RULES, min_size=1, max_size=3))
def test_no_call_slips_through(old, new):
    """Whenever a call is treated more freely than before, the step is high and says why."""
    freedom = {"deny": 0, "approval_required": 1, "allow": 2}
    freer = any(freedom[_verdict(new, call)] > freedom[_verdict(old, call)] for call in CALLS)
    params, live = {"name": "p", "spec": {"policies": new}}, {"spec": {"policies": old}}
    factors = assessed(PolicyUpsert(), params, live=live)
    if freer:
        assert {factor.rule for factor in factors} & {"policy.denyLost", "policy.approvalLost", "policy.allowsMore"}
        assert highest(factors) >= Level.HIGH


def test_many_rules():
    """Comparing the largest policies takes no time that anybody notices."""
    methods, tags = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"], [f"tag-{n}" for n in range(32)]
    old = [a_rule("deny", f"https://{n}.example.com/*", operations=methods, tags=tags) for n in range(64)]
    new = [a_rule("deny", f"https://{n % 8}.example.com/*", operations=[methods[n % 7]], tags=tags) for n in range(64)]
    assert uncovered(map(rule_of, old), map(rule_of, new))
