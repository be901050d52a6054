"""`tool.upsert`: how risky it is to make a tool be what the plan says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.tools import API_KEY, OAUTH2, REFUND, a_connection, params_of, parsed

from countersign.actions.base import Seen, World
from countersign.actions.tool import ToolUpsert
from countersign.model.change import compare
from countersign.model.risk import Level, highest

ACTION = ToolUpsert()


def _assess(params, *, live=None, result=None):
    """Factors for a dry run that ended in `result`, by default in exactly what the params say."""
    typed = parsed(params)
    (effect,) = ACTION.compile(typed, World("team-a"))
    result = result or effect.fields
    changes = compare(live if isinstance(live, dict) else None, result, desired=effect.fields)
    return ACTION.assess(typed, (Seen(effect=effect, live=live, result=result, changes=changes),))


def _rules(params, **seen):
    return {factor.rule for factor in _assess(params, **seen)} - {"tool.base", "tool.credentialNamed"}


def _step(old, new):
    """The rules that hold for the step between two specs and for neither of the two alone."""
    live = {"spec": params_of(**old)["spec"]}
    return _rules(params_of(**new), live=live) - _rules(params_of(**old)) - _rules(params_of(**new))


class TestStates:
    """Risk of what a tool is, before the change or after it."""

    def test_base(self):
        """A new tool is of medium risk."""
        factors = _assess(params_of())
        assert [factor.rule for factor in factors] == ["tool.base"]
        assert highest(factors) is Level.MEDIUM

    def test_credential_is_said(self):
        """A tool that sends a credential says so, without being riskier for it."""
        factors = _assess(params_of(connection=a_connection(authentication=API_KEY)))
        assert [factor.rule for factor in factors] == ["tool.base", "tool.credentialNamed"]
        assert highest(factors) is Level.MEDIUM

    @pytest.mark.parametrize(
        ("spec", "rule"),
        [
            pytest.param({"riskTags": ["destructive"]}, "tool.dangerousTag", id="destructive"),
            pytest.param({"riskTags": ["own", "Financial"]}, "tool.dangerousTag", id="financial, in capitals"),
            pytest.param(
                {"capabilities": [{**REFUND, "riskTags": ["pii"]}]}, "tool.dangerousTag", id="pii, on a capability"
            ),
            pytest.param(
                {"governance": {"accessControl": {"mode": "Critical"}}}, "tool.criticalMode", id="mode Critical"
            ),
            pytest.param(
                {"connection": a_connection("http://billing.example.com", topology="Internal")},
                "tool.plainHttpOutside",
                id="http to a public name that is called internal",
            ),
            pytest.param(
                {"connection": a_connection(tls={"insecureSkipVerify": True})},
                "tool.certificateNotVerified",
                id="any certificate",
            ),
        ],
    )
    def test_high(self, spec, rule):
        """What is dangerous is of high risk when it is proposed, when it is there already and when it only results."""
        assert _rules(params_of(**spec)) == {rule}
        assert rule in _rules(params_of(), live={"spec": params_of(**spec)["spec"]})
        assert rule in _rules(params_of(), result={"spec": params_of(**spec)["spec"]})
        assert highest(_assess(params_of(**spec))) is Level.HIGH

    @pytest.mark.parametrize(
        "spec",
        [
            pytest.param({"riskTags": ["own"]}, id="a tag of one's own"),
            pytest.param({"governance": {"accessControl": {"mode": "Open"}}}, id="mode Open"),
            pytest.param(
                {"connection": a_connection("http://echo.tools.svc:8092", topology="Internal")}, id="http inside"
            ),
        ],
    )
    def test_medium(self, spec):
        """What is usual is of medium risk."""
        assert _rules(params_of(**spec)) == set()

    def test_before_anything_was_seen(self):
        """Without a dry run what is proposed still counts."""
        assert highest(ACTION.assess(parsed(params_of(riskTags=["pii"])), ())) is Level.HIGH


HOST = "https://other.example.com"
OTHER_TOKENS = {**OAUTH2, "oauth2Config": {**OAUTH2["oauth2Config"], "tokenUrl": "https://evil.example.com/token"}}
OTHER_KEY = {"type": "APIKey", "apiKeyConfig": {"name": "X-API-Key", "secretRef": {"name": "another-key"}}}
TAGGED = {**REFUND, "riskTags": ["own"]}
LIST = {"name": "list", "method": "GET", "path": "/v1/payments"}


def _auth(authentication, base_url="https://payments.example.com", **rest):
    return {"connection": a_connection(base_url, authentication=authentication, **rest)}


def _access(**access):
    return {"governance": {"accessControl": access}}


def _approval(**approval):
    return {"governance": {"approval": approval}}


DANGEROUS_STEPS = {
    "the host changes under a key": (_auth(API_KEY), _auth(API_KEY, HOST), {"tool.hostChangedWithCredential"}),
    "the host changes and the key goes": (
        _auth(API_KEY),
        {"connection": a_connection(HOST)},
        {"tool.hostChangedWithCredential", "tool.authenticationWeakened"},
    ),
    "the host changes and a key comes": (
        {},
        _auth(API_KEY, HOST),
        {"tool.hostChangedWithCredential", "tool.credentialChanged"},
    ),
    "the port changes under a key": (
        _auth(API_KEY),
        _auth(API_KEY, port=8443),
        {"tool.hostChangedWithCredential"},
    ),
    "the port changes in the address": (
        _auth(API_KEY),
        _auth(API_KEY, "https://payments.example.com:8443"),
        {"tool.hostChangedWithCredential"},
    ),
    "tokens come from another host": (_auth(OAUTH2), _auth(OTHER_TOKENS), {"tool.tokenHostChanged"}),
    "another Secret is sent": (_auth(API_KEY), _auth(OTHER_KEY), {"tool.credentialChanged"}),
    "a Secret is sent to what had none": ({}, _auth(API_KEY), {"tool.credentialChanged"}),
    "another certificate is accepted": (
        _auth(API_KEY),
        _auth(API_KEY, tls={"caSecretRef": {"name": "ca"}}),
        {"tool.trustChanged"},
    ),
    "https becomes http": (
        {"connection": a_connection("https://echo.tools.svc", topology="Internal")},
        {"connection": a_connection("http://echo.tools.svc", topology="Internal")},
        {"tool.encryptionDropped"},
    ),
    "authentication goes": (_auth(API_KEY), {}, {"tool.authenticationWeakened"}),
    "users become a shared key": (
        _auth(OAUTH2),
        _auth(API_KEY),
        {"tool.authenticationWeakened", "tool.credentialChanged"},
    ),
    "a tag goes": ({"riskTags": ["own", "other"]}, {"riskTags": ["other"]}, {"tool.riskTagDropped"}),
    "a tag of a capability goes": ({"capabilities": [TAGGED]}, {"capabilities": [REFUND]}, {"tool.riskTagDropped"}),
    "a tag goes with a new name": (
        {"capabilities": [TAGGED]},
        {"capabilities": [{**REFUND, "name": "pay-back"}]},
        {"tool.riskTagDropped"},
    ),
    "a tag goes under a wildcard": (
        {"capabilities": [TAGGED]},
        {"capabilities": [{**REFUND, "name": "all", "path": "/v1/*"}]},
        {"tool.riskTagDropped"},
    ),
    "a wider capability without the tag comes": (
        {"capabilities": [TAGGED]},
        {"capabilities": [TAGGED, {**REFUND, "name": "all", "path": "*"}]},
        {"tool.riskTagDropped"},
    ),
    "all capabilities go": ({"capabilities": [LIST]}, {}, {"tool.capabilitiesUnbounded"}),
    "all capabilities go, with a tag": (
        {"capabilities": [TAGGED]},
        {},
        {"tool.capabilitiesUnbounded", "tool.riskTagDropped"},
    ),
    "Critical becomes Restricted": (_access(mode="Critical"), _access(mode="Restricted"), {"tool.modeLoosened"}),
    "Critical becomes Open": (_access(mode="Critical"), _access(mode="Open"), {"tool.modeLoosened"}),
    "Restricted becomes Open": (_access(mode="Restricted"), _access(mode="Open"), {"tool.modeLoosened"}),
    "the default becomes Open": ({}, _access(mode="Open"), {"tool.modeLoosened"}),
    "Critical is no longer said": (_access(mode="Critical"), {}, {"tool.modeLoosened"}),
    "approval is turned off": (
        _access(requireApproval=True),
        _access(requireApproval=False),
        {"tool.approvalTurnedOff"},
    ),
    "approval is no longer said": (_access(requireApproval=True), {}, {"tool.approvalTurnedOff"}),
    "the approvers go": (_approval(group="owners"), {}, {"tool.approversChanged"}),
    "others approve": (_approval(group="owners"), _approval(group="agents"), {"tool.approversChanged"}),
    "approvals stay": (_approval(autoExpire=True), _approval(autoExpire=False), {"tool.approvalsStay"}),
}

HARMLESS_STEPS = {
    "nothing": (_auth(API_KEY), _auth(API_KEY)),
    "the host changes without a credential": ({}, {"connection": a_connection(HOST)}),
    "the path changes under a key": (_auth(API_KEY), _auth(API_KEY, "https://payments.example.com/v2")),
    "the default port is written": (_auth(API_KEY), _auth(API_KEY, "https://payments.example.com:443")),
    "the host is written in capitals": (_auth(API_KEY), _auth(API_KEY, "https://PAYMENTS.example.com")),
    "the certificate changes without a credential": ({}, {"connection": a_connection(tls={"serverName": "a"})}),
    "a shared key becomes users of the same Secret": (
        _auth({"type": "APIKey", "apiKeyConfig": {"name": "X", "secretRef": {"name": "payments-client"}}}),
        _auth(OAUTH2),
    ),
    "a tag comes": ({}, {"riskTags": ["own"]}),
    "a tag changes its case": ({"riskTags": ["own"]}, {"riskTags": ["OWN"]}),
    "a capability comes": ({"capabilities": [TAGGED]}, {"capabilities": [TAGGED, LIST]}),
    "a capability goes, tag and all": ({"capabilities": [TAGGED, LIST]}, {"capabilities": [LIST]}),
    "a tag moves up to the tool": ({"capabilities": [TAGGED]}, {"capabilities": [REFUND], "riskTags": ["own"]}),
    "an overlap that was there stays": (
        {"capabilities": [TAGGED, {**REFUND, "name": "all", "path": "/*"}]},
        {"capabilities": [TAGGED, {**REFUND, "name": "all", "path": "/*"}], "description": "x"},
    ),
    "the mode becomes stricter": (_access(mode="Open"), _access(mode="Restricted")),
    "the default mode is written": ({}, _access(mode="Restricted")),
    "approval is turned on": ({}, _access(requireApproval=True)),
    "approvers come": ({}, _approval(group="owners")),
    "approvals end": (_approval(autoExpire=False), _approval()),
}


class TestSteps:
    """Risk of the way from one tool to another."""

    @pytest.mark.parametrize(
        ("old", "new", "rules"), [pytest.param(*row, id=name) for name, row in DANGEROUS_STEPS.items()]
    )
    def test_dangerous(self, old, new, rules):
        """A step that makes a tool less careful is of high risk."""
        assert _step(old, new) == rules
        assert highest(_assess(params_of(**new), live={"spec": params_of(**old)["spec"]})) is Level.HIGH

    @pytest.mark.parametrize(("old", "new"), [pytest.param(*row, id=name) for name, row in HARMLESS_STEPS.items()])
    def test_harmless(self, old, new):
        """A step that narrows, or changes nothing that matters, adds no risk."""
        assert _step(old, new) == set()

    def test_what_others_set_stays(self):
        """What another manager set and the plan leaves alone is no loosening."""
        live = {"spec": params_of(governance={"accessControl": {"mode": "Critical"}}, riskTags=["own"])["spec"]}
        assert _rules(params_of(), live=live, result=live) == {"tool.criticalMode"}

    def test_new_tool(self):
        """A tool that is not there yet has nothing to lose."""
        assert _rules(params_of(**_access(mode="Open"))) == set()

    def test_unknown_mode_and_authentication(self):
        """Leaving a value that nobody knows any more counts as loosening."""
        live = {"spec": {"connection": a_connection(authentication={"type": "Kerberos"}), **_access(mode="Sealed")}}
        assert {"tool.modeLoosened", "tool.authenticationWeakened"} <= _rules(params_of(), live=live)

    def test_unreadable_address(self):
        """An address that nobody can read counts as another host, and as outside."""
        live = {"spec": {"connection": {"baseUrl": "::", "scheme": "HTTP", "authentication": API_KEY}}}
        assert {"tool.hostChangedWithCredential", "tool.plainHttpOutside"} <= _rules(params_of(), live=live)

    def test_unreadable_token_address(self):
        """A token address that nobody can read is another one than any that can be read."""
        live = {"spec": {"connection": {"authentication": {"oauth2Config": {"tokenUrl": "::"}}}}}
        assert "tool.tokenHostChanged" in _rules(params_of(**_auth(OAUTH2)), live=live)

    @pytest.mark.parametrize(
        "live",
        [
            {},
            {"spec": None},
            {"spec": []},
            {"spec": {"connection": "x", "governance": 7, "capabilities": {}, "riskTags": "pii"}},
            {"spec": {"connection": {"baseUrl": 7, "port": "443", "tls": [], "authentication": None}}},
            {"spec": {"capabilities": [None, 7, {}, {"name": None, "riskTags": {}}], "riskTags": [None, 7, {}]}},
            {"spec": {"governance": {"accessControl": {"mode": None, "requireApproval": "yes"}, "approval": []}}},
        ],
    )
    def test_garbage(self, live):
        """Whatever stands there now, it is judged without an exception."""
        assert highest(_assess(params_of(), live=live)) >= Level.MEDIUM

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just("https://payments.example.com"),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(
                        [
                            "connection",
                            "baseUrl",
                            "authentication",
                            "type",
                            "capabilities",
                            "riskTags",
                            "name",
                            "tls",
                            "port",
                        ]
                    ),
                    inner,
                    max_size=4,
                )
            ),
        )
    )
    def test_any_garbage(self, spec):
        """No spec whatsoever lowers the risk below that of the plan alone."""
        params = params_of(**_auth(API_KEY), riskTags=["pii"])
        assert highest(_assess(params, live={"spec": spec})) >= highest(_assess(params))

    def test_no_values(self):
        """Reasons name no values, because they stand in the status of the plan."""
        for old, new, _ in DANGEROUS_STEPS.values():
            for factor in _assess(params_of(**new), live={"spec": params_of(**old)["spec"]}):
                assert "example" not in factor.why
                assert "payments-key" not in factor.why
                assert not factor.why.endswith(".")
