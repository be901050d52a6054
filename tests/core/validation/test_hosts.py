"""Stage 3: hosts that approval policies allow, whatever kind of object leads there."""

from dataclasses import replace

import pytest
from tests.support.policies import a_policy_spec
from tests.support.pretend import World
from tests.support.reviews import a_review, said

from countersign.core.validation.capabilities import capabilities
from countersign.model.effect import TOOL, Apply, Target

NOT_ALLOWED = "Capabilities.HostNotAllowed"
IN = "spec.actions[0].params"


def _found(spec):
    """With this in place of the spec of the action's object."""
    review = a_review(world=World(policies={"p": a_policy_spec(egress={"allowedHosts": ["*.example.com"]})}))
    (item,) = review.actions
    changed = replace(item.action, effects=(Apply(Target(TOOL, "team-a", "x"), {"spec": spec}),))
    return said(capabilities(replace(review, actions=(replace(item, action=changed),))))


@pytest.mark.parametrize(
    ("spec", "paths"),
    [
        ({"connection": {"baseUrl": "https://a.example.com"}, "endpoint": "https://b.example.com/v1"}, []),
        ({"endpoint": "https://evil.test"}, [f"{IN}.spec.endpoint"]),
        ({"endpoint": "https://user@evil.test/.example.com"}, [f"{IN}.spec.endpoint"]),
        ({"endpoint": "https://example.com"}, [f"{IN}.spec.endpoint"]),
        ({"endpoint": ["no", "url"]}, [f"{IN}.spec.endpoint"]),
        (
            {"connection": {"baseUrl": "http://evil.test"}, "endpoint": "http://evil.test"},
            [f"{IN}.spec.connection.baseUrl", f"{IN}.spec.endpoint"],
        ),
        ({"connection": "a name"}, []),
        ("text", []),
    ],
    ids=["allowed", "elsewhere", "disguised", "the domain itself", "no address", "both", "another shape", "no spec"],
)
def test_hosts(spec, paths):
    """Every address counts, and one that cannot be read is not among the allowed ones."""
    assert _found(spec) == [(NOT_ALLOWED, path) for path in paths]
