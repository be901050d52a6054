"""`tool.upsert`: what it accepts and what it does."""

from copy import deepcopy
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError
from tests.support.tools import API_KEY, OAUTH2, REFUND, a_connection, params_of, parsed

from countersign.actions.base import Reference, World
from countersign.actions.tool import ToolUpsert
from countersign.actions.tool_spec import ToolSpec
from countersign.model.effect import SECRET, TOOL, Target

ACTION = ToolUpsert()
SAMPLE = Path(__file__).parents[2] / "manifests" / "samples" / "payments-tool.yaml"


def _issues(params):
    return list(ACTION.check(parsed(params)))


class TestShape:
    """What the schema accepts and refuses."""

    def test_example(self):
        """The example of the documents works."""
        assert parsed(ACTION.example).name == "payments-api"
        assert _issues(ACTION.example) == []

    def test_least(self):
        """A name and an address are enough; the rest is the documented defaults."""
        spec = parsed(params_of()).spec
        assert (spec.connection.topology, spec.connection.port, spec.connection.scheme) == ("External", 443, "HTTPS")
        assert spec.connection.authentication.type == "None"
        assert (spec.governance.access_control.mode, spec.governance.access_control.require_approval) == (
            "Restricted",
            False,
        )

    def test_documented_defaults(self):
        """Approval lasts 4h and ends by itself; caching is off and would last 5m."""
        spec = parsed(params_of(governance={"approval": {}, "caching": {}})).spec
        assert spec.governance.wire() == {
            "accessControl": {"mode": "Restricted", "requireApproval": False},
            "approval": {"defaultDuration": "4h", "autoExpire": True},
            "caching": {"enabled": False, "duration": "5m"},
        }

    def test_everything(self):
        """All of RunAgents' fields are taken under RunAgents' names, and come out as they went in."""
        spec = {
            "description": "Payments API",
            "connection": {
                "topology": "Internal",
                "baseUrl": "https://payments.internal:8443/v1",
                "port": 8443,
                "scheme": "HTTPS",
                "tls": {"serverName": "payments.internal", "caSecretRef": {"name": "ca"}, "insecureSkipVerify": False},
                "authentication": {
                    "type": "APIKey",
                    "apiKeyConfig": {
                        "in": "Query",
                        "name": "key",
                        "valuePrefix": "Bearer ",
                        "secretRef": {"name": "key"},
                    },
                    "oauth2Config": OAUTH2["oauth2Config"],
                },
            },
            "governance": {
                "accessControl": {"mode": "Critical", "requireApproval": True},
                "approval": {"group": "payments-owners", "defaultDuration": "1h30m", "autoExpire": False},
                "caching": {"enabled": True, "duration": "30s"},
            },
            "capabilities": [{**REFUND, "description": "Give back", "riskTags": ["financial"]}],
            "riskTags": ["pii", "our/own.tag"],
        }
        assert parsed({"name": "payments-api", "spec": spec}).spec.written() == spec

    @pytest.mark.parametrize(
        ("where", "value"),
        [
            pytest.param(("name",), "Payments API", id="a name with capitals and a space"),
            pytest.param(("name",), "", id="an empty name"),
            pytest.param(("name",), "a.b", id="a name with a dot"),
            pytest.param(("name",), "a" * 64, id="a name that is too long"),
            pytest.param(("spec", "connection"), {}, id="no address"),
            pytest.param(("spec", "connection", "baseUrl"), "", id="an empty address"),
            pytest.param(("spec", "connection", "baseUrl"), "payments.example.com", id="an address without a scheme"),
            pytest.param(("spec", "connection", "topology"), "Sideways", id="a topology that does not exist"),
            pytest.param(("spec", "connection", "topology"), "external", id="a topology in small letters"),
            pytest.param(("spec", "connection", "port"), "443", id="a port as text"),
            pytest.param(("spec", "connection", "port"), True, id="a port that is true"),
            pytest.param(("spec", "connection", "port"), 443.5, id="half a port"),
            pytest.param(("spec", "connection", "port"), 0, id="port zero"),
            pytest.param(("spec", "connection", "port"), 65536, id="a port that is too high"),
            pytest.param(("spec", "connection", "scheme"), "https", id="a scheme in small letters"),
            pytest.param(("spec", "connection", "tls"), {"cert": "x"}, id="a tls field nobody settled"),
            pytest.param(("spec", "connection", "tls"), {"insecureSkipVerify": "no"}, id="a truth as text"),
            pytest.param(("spec", "connection", "base_url"), "https://b.example.com", id="a Python name"),
            pytest.param(("spec", "connection", "authentication"), {"type": "ApiKey"}, id="an authentication misspelt"),
            pytest.param(("spec", "authType"), "OAuth2", id="the authType of RunAgents' tutorial"),
            pytest.param(("spec", "governance"), {"accessControl": {"mode": "Wild"}}, id="a mode that does not exist"),
            pytest.param(("spec", "governance"), {"approval": {"defaultDuration": "soon"}}, id="a duration in words"),
            pytest.param(("spec", "governance"), {"approval": {"group": " "}}, id="a blank group"),
            pytest.param(("spec", "governance"), {"caching": {"enabled": 1}}, id="a truth as a number"),
            pytest.param(("spec", "capabilities"), [{"name": "refund"}], id="a capability without method and path"),
            pytest.param(("spec", "capabilities"), [{**REFUND, "method": "post"}], id="a method in small letters"),
            pytest.param(("spec", "capabilities"), [{**REFUND, "path": "v1"}], id="a path without a slash"),
            pytest.param(("spec", "capabilities"), [{**REFUND, "path": "/v1?all"}], id="a path with a query"),
            pytest.param(("spec", "riskTags"), "pii", id="a tag instead of tags"),
            pytest.param(("spec", "riskTags"), ["customer data"], id="a tag with a space"),
            pytest.param(("spec", "riskTags"), ["financi\u0430l"], id="a tag with a Cyrillic letter"),
            pytest.param(("spec", "description"), "x" * 1025, id="a description that is too long"),
            pytest.param(("credentials",), {"api_key": "x"}, id="credentials"),
        ],
    )
    def test_refused(self, where, value):
        """What RunAgents' schema lets through and its documentation forbids is refused."""
        params = deepcopy(params_of())
        place = params
        for part in where[:-1]:
            place = place[part]
        place[where[-1]] = value
        with pytest.raises(ValidationError):
            parsed(params)

    def test_secret_of_another_namespace(self):
        """A Secret cannot be named in another namespace, and there is a hint for who tries."""
        ref = {"name": "x", "namespace": "kube-system"}
        oauth2 = {**OAUTH2["oauth2Config"], "credentialsSecretRef": ref}
        with pytest.raises(ValidationError, match="namespace"):
            parsed(params_of(connection=a_connection(authentication={"type": "OAuth2", "oauth2Config": oauth2})))
        path = "spec.connection.authentication.oauth2Config.credentialsSecretRef.namespace"
        assert ACTION.hints[path] == "leave it out: Secrets are taken from the namespace of the plan"

    def test_sample(self):
        """The sample plan is one that works."""
        plan = yaml.safe_load(SAMPLE.read_text(encoding="utf-8"))
        assert (plan["kind"], plan["metadata"]["name"]) == ("Plan", "bootstrap-payments")
        (action,) = plan["spec"]["actions"]
        assert action["type"] == ACTION.type
        assert _issues(action["params"]) == []

    def test_schema_fills_in(self):
        """The server fills in the posture of a tool that says nothing about it."""
        schema = ToolSpec.model_json_schema()
        assert schema["properties"]["governance"]["default"] == {}
        assert schema["$defs"]["Governance"]["properties"]["accessControl"]["default"] == {}
        assert schema["$defs"]["Connection"]["properties"]["authentication"]["default"] == {}


class TestCompile:
    """What it would do."""

    def test_effect(self):
        """One Tool, of that name, in the namespace of the plan."""
        (effect,) = ACTION.compile(parsed(ACTION.example), World("team-a"))
        assert effect.target == Target(TOOL, "team-a", "payments-api")
        assert effect.fields == {"spec": ACTION.example["spec"]}

    @pytest.mark.parametrize(
        ("base_url", "scheme", "port"),
        [
            ("https://payments.example.com", "HTTPS", 443),
            ("https://payments.example.com:8443/v1", "HTTPS", 8443),
            ("http://echo.tools.svc", "HTTP", 80),
            ("http://echo.tools.svc:8092", "HTTP", 8092),
        ],
    )
    def test_implied(self, base_url, scheme, port):
        """Scheme and port that were left out come from the address; other defaults are left to the server."""
        (effect,) = ACTION.compile(parsed(params_of(connection=a_connection(base_url))), World("team-a"))
        assert effect.fields == {"spec": {"connection": {"baseUrl": base_url, "scheme": scheme, "port": port}}}

    def test_written_wins(self):
        """Scheme and port that were written stay as they are."""
        connection = a_connection("https://payments.example.com", port=8443, scheme="HTTPS")
        (effect,) = ACTION.compile(parsed(params_of(connection=connection)), World("team-a"))
        assert effect.fields == {"spec": {"connection": connection}}

    def test_unreadable_address(self):
        """An address that cannot be read implies nothing and raises nothing; the check refuses it."""
        connection = a_connection("https://payments.example.com:")
        (effect,) = ACTION.compile(parsed(params_of(connection=connection)), World("team-a"))
        assert effect.fields == {"spec": {"connection": connection}}

    def test_sensitive(self):
        """Parameters of the authorization request are masked, whatever their names."""
        (effect,) = ACTION.compile(parsed(params_of(connection=a_connection(authentication=OAUTH2))), World("team-a"))
        path = ("spec", "connection", "authentication", "oauth2Config", "authParams")
        assert effect.sensitive == ((*path, "*"),)
        place = effect.fields
        for part in path:
            place = place[part]
        assert place == {"audience": "payments"}

    @pytest.mark.parametrize(
        ("connection", "references"),
        [
            pytest.param(a_connection(), [], id="none"),
            pytest.param(a_connection(tls={"serverName": "a"}), [], id="tls without an authority"),
            pytest.param(
                a_connection(authentication=API_KEY),
                [("payments-key", "authentication.apiKeyConfig.secretRef.name")],
                id="a key",
            ),
            pytest.param(
                a_connection(authentication=OAUTH2, tls={"caSecretRef": {"name": "ca"}}),
                [
                    ("payments-client", "authentication.oauth2Config.credentialsSecretRef.name"),
                    ("ca", "tls.caSecretRef.name"),
                ],
                id="a client and an authority",
            ),
        ],
    )
    def test_references(self, connection, references):
        """Every Secret that is named has to exist."""
        assert ACTION.references(parsed(params_of(connection=connection)), World("team-a")) == tuple(
            Reference(SECRET, name, ("spec", "connection", *path.split("."))) for name, path in references
        )
