"""`policy.upsert`: what it accepts, what it refuses and what it does."""

import pytest
from pydantic import ValidationError
from tests.support.agent_policies import PAYMENTS, a_policy, a_rule, an_approval
from tests.support.seeing import complaints_about, parsed

from countersign.actions.base import Reference, World
from countersign.actions.policy import PolicyUpsert
from countersign.core.complaints import complaints
from countersign.model.effect import POLICY, TOOL, Target
from countersign.model.finding import Code, Severity

ACTION = PolicyUpsert()
WORLD = World("team-a")


def _issues(params):
    return complaints_about(ACTION, params)


def _said(params):
    with pytest.raises(ValidationError) as caught:
        parsed(ACTION, params)
    return [complaint.message for complaint in complaints(caught.value, model=ACTION.params, hints=ACTION.hints)]


class TestShape:
    """What the schema accepts and refuses."""

    def test_everything(self):
        """All of RunAgents' fields are taken under RunAgents' names, and come out as they went in."""
        rule = a_rule("approval_required", operations=["GET", "POST"], tags=["pii"])
        approval = {
            "name": "refunds",
            "toolIds": ["payments-api"],
            "capabilities": ["refund"],
            "operations": ["POST"],
            "resource": PAYMENTS,
            "tags": ["financial"],
            "approvers": {"groups": ["owners", "finance"], "match": "all"},
            "defaultDuration": "1h",
            "delivery": {"connectors": ["slack-finance"], "mode": "all", "fallbackToUI": False},
        }
        spec = {"policies": [rule], "approvals": [approval]}
        assert parsed(ACTION, {"name": "payments", "spec": spec}).spec.written() == spec

    @pytest.mark.parametrize(
        "params",
        [
            pytest.param({"name": "a.b", "spec": {}}, id="a name that is no label"),
            pytest.param(a_policy(a_rule("forbid")), id="a permission that does not exist"),
            pytest.param(a_policy(a_rule("Allow")), id="a permission in capitals"),
            pytest.param(a_policy({"resource": PAYMENTS}), id="no permission"),
            pytest.param(a_policy(a_rule(resource="tool:payments")), id="a resource that is no URL"),
            pytest.param(a_policy(a_rule(resource="https://*.example.com/*")), id="a wildcard for a part of the host"),
            pytest.param(a_policy(a_rule(resource="https://a.example.com/*/b")), id="a wildcard in the middle"),
            pytest.param(a_policy(a_rule(resource="")), id="an empty resource"),
            pytest.param(a_policy(a_rule(operations=["call"])), id="a verb that is no method"),
            pytest.param(a_policy(a_rule(operations="GET")), id="a method instead of methods"),
            pytest.param(a_policy(a_rule(tags=["customer data"])), id="a tag with a space"),
            pytest.param(a_policy(approvals=[{"name": "x"}]), id="an approval by nobody"),
            pytest.param(a_policy(approvals=[{"approvers": {"groups": []}}]), id="an approval by no group"),
            pytest.param(a_policy(approvals=[an_approval(" ")]), id="an approval by a blank group"),
            pytest.param(a_policy(approvals=[an_approval(defaultDuration="soon")]), id="a duration in words"),
            pytest.param(a_policy(approvals=[an_approval(delivery={"mode": "some"})]), id="a mode that does not exist"),
            pytest.param(a_policy(approvals=[an_approval(toolIds=["Payments API"])]), id="a tool that is no name"),
        ],
    )
    def test_refused(self, params):
        """What RunAgents' schema lets through and its documentation forbids is refused."""
        with pytest.raises(ValidationError):
            parsed(ACTION, params)

    @pytest.mark.parametrize(
        ("spec", "sentence"),
        [
            (
                {"rules": [{"permission": "allow", "resource": PAYMENTS}]},
                "spec.rules is not a field here: write spec.policies, a list of permission, resource, operations and tags",
            ),
            (
                {"policies": [{"permission": "allow", "resources": ["tool:x"]}]},
                "spec.policies[0].resources is not a field here: write resource, one rule for each",
            ),
            (
                {"policies": [a_rule(), {**a_rule(), "verbs": ["call"]}]},
                "spec.policies[1].verbs is not a field here: write operations, a list of HTTP methods",
            ),
            (
                {"policies": [{**a_rule(), "effect": "Allow"}]},
                "spec.policies[0].effect is not a field here: write permission: allow, deny or approval_required",
            ),
            (
                {"policies": [a_rule()], "subjects": []},
                "spec.subjects is not a field here: leave it out, because deploy.execute binds a policy to the agent that lists it",
            ),
        ],
    )
    def test_legacy_shapes(self, spec, sentence):
        """The two shapes of rules that RunAgents had before are refused, and the finding says how they are written now."""
        assert sentence in _said({"name": "payments", "spec": spec})


class TestRules:
    """What no single field shows."""

    @pytest.mark.parametrize(
        "params",
        [
            pytest.param(ACTION.example, id="the example"),
            pytest.param(a_policy(a_rule(resource="*")), id="everything, if it is said"),
            pytest.param(a_policy(a_rule("deny", None, tags=["pii"])), id="tags alone"),
            pytest.param(a_policy(a_rule(resource="http://echo.tools.svc:8092/v1*")), id="a host inside"),
            pytest.param(a_policy(a_rule(resource="https://a.example.com/v1")), id="one address"),
            pytest.param(a_policy(approvals=[an_approval()]), id="an approval for whatever needs one"),
            pytest.param(
                a_policy(approvals=[an_approval(toolIds=["payments"], capabilities=["refund"], delivery={})]),
                id="an approval for a capability",
            ),
        ],
    )
    def test_accepted(self, params):
        """What adds up has no issues."""
        assert _issues(params) == []

    @pytest.mark.parametrize("spec", [{}, {"policies": []}, {"policies": [], "approvals": []}])
    def test_empty(self, spec):
        """RunAgents' schema takes an empty spec, its command line refuses it; so do we."""
        message = "spec has no rule: write at least one entry in policies or approvals"
        assert _issues({"name": "payments", "spec": spec}) == [("spec", Code.INVALID_PARAMS, message)]

    def test_everything_by_omission(self):
        """A rule about nothing would be one about everything, which has to be said."""
        ((path, _, message),) = _issues(a_policy(a_rule("allow", None)))
        assert path == "spec.policies.0.resource"
        assert message.startswith("resource or tags is required: ")

    @pytest.mark.parametrize(
        ("resource", "code", "words"),
        [
            ("https://api*", Code.INVALID_PARAMS, "resource is no pattern that can be read: write https://"),
            ("https://api.example.com*", Code.INVALID_PARAMS, "resource is no pattern that can be read"),
            ("https://api.example.com:0/*", Code.INVALID_PARAMS, "resource is no pattern that can be read"),
            ("https://API.example.com/*", Code.INVALID_PARAMS, "resource does not spell its host as calls do"),
            ("https://api.example.com./*", Code.INVALID_PARAMS, "resource does not spell its host as calls do"),
            ("https://api.example.com:0443/*", Code.INVALID_PARAMS, "resource does not spell its host as calls do"),
            ("https://me@api.example.com/*", Code.INVALID_PARAMS, "resource holds a user name, query or fragment"),
            ("https://api.example.com/?all=*", Code.INVALID_PARAMS, "resource holds a user name, query or fragment"),
            ("http://169.254.169.254/*", Code.UNSAFE_ADDRESS, "resource names a link-local or metadata address"),
            ("https://2130706433/*", Code.UNSAFE_ADDRESS, "resource names an address not written as four decimal"),
        ],
    )
    def test_resource(self, resource, code, words):
        """A pattern means to everybody what it seems to: a host, whole, and a path that may go on."""
        for params, path in (
            (a_policy(a_rule(resource=resource)), "spec.policies.0.resource"),
            (a_policy(approvals=[an_approval(resource=resource)]), "spec.approvals.0.resource"),
        ):
            ((where, found, message),) = _issues(params)
            assert (where, found) == (path, code)
            assert message.startswith(words)

    def test_bare_address(self):
        """A rule about a bare address misses everything below it, which is worth a warning."""
        (issue,) = ACTION.check(parsed(ACTION, a_policy(a_rule(resource="https://api.example.com"))))
        assert (issue.path, issue.severity) == (("spec", "policies", 0, "resource"), Severity.WARNING)

    def test_repetitions(self):
        """Rules, methods, tags, tools, groups and connectors stand once each."""
        approval = an_approval(
            "a", "a", toolIds=["t", "t"], capabilities=["c", "c"], delivery={"connectors": ["x", "x"]}
        )
        params = a_policy(
            a_rule(operations=["GET", "GET"], tags=["pii", "pii"]),
            a_rule("deny"),
            a_rule("deny"),
            approvals=[approval, an_approval(), an_approval()],
        )
        assert [path for path, _, _ in _issues(params)] == [
            "spec.policies.0.operations.1",
            "spec.policies.0.tags.1",
            "spec.policies.2",
            "spec.approvals.0.toolIds.1",
            "spec.approvals.0.capabilities.1",
            "spec.approvals.0.approvers.groups.1",
            "spec.approvals.0.delivery.connectors.1",
            "spec.approvals.2",
        ]

    def test_capability_of_no_tool(self):
        """Names of capabilities mean something within a tool only."""
        ((path, _, message),) = _issues(a_policy(approvals=[an_approval(capabilities=["refund"])]))
        assert (path, message) == (
            "spec.approvals.0.capabilities",
            "capabilities are those of a tool: name it in toolIds",
        )


class TestCompile:
    """What it would do."""

    def test_effect(self):
        """One Policy, of that name, in the namespace of the plan."""
        (effect,) = ACTION.compile(parsed(ACTION, ACTION.example), WORLD)
        assert effect.target == Target(POLICY, "team-a", "payments-readers")
        assert effect.fields == {"spec": ACTION.example["spec"]}

    def test_defaults_are_written_out(self):
        """The server fills nothing into lists, so what a rule means stands there; what is empty does not."""
        params = a_policy(a_rule(), approvals=[an_approval(delivery={})])
        (effect,) = ACTION.compile(parsed(ACTION, params), WORLD)
        assert effect.fields["spec"] == {
            "policies": [{"permission": "allow", "resource": PAYMENTS}],
            "approvals": [
                {
                    "approvers": {"groups": ["owners"], "match": "any"},
                    "defaultDuration": "4h",
                    "delivery": {"mode": "first_success", "fallbackToUI": True},
                }
            ],
        }

    def test_references(self):
        """The tools that an approval names have to exist."""
        params = a_policy(approvals=[an_approval(), an_approval(toolIds=["a", "b"])])
        assert ACTION.references(parsed(ACTION, params), WORLD) == tuple(
            Reference(TOOL, name, ("spec", "approvals", 1, "toolIds", index)) for index, name in enumerate("ab")
        )
