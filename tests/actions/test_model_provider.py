"""`model_provider.upsert`: what it accepts, what it refuses and what it does."""

from copy import deepcopy

import pytest
from pydantic import ValidationError
from tests.support.providers import API_KEY, AWS, NONE, OAUTH2, a_provider
from tests.support.seeing import complaints_about, parsed

from countersign.actions.base import Reference, World
from countersign.actions.model_provider import ModelProviderUpsert
from countersign.actions.provider_spec import ModelProviderSpec
from countersign.core.complaints import complaints
from countersign.model.effect import MODEL_PROVIDER, SECRET, Target
from countersign.model.finding import Code, Severity

ACTION = ModelProviderUpsert()


def _issues(params):
    return complaints_about(ACTION, params)


def _said(params):
    with pytest.raises(ValidationError) as caught:
        parsed(ACTION, params)
    return [complaint.message for complaint in complaints(caught.value, model=ACTION.params, hints=ACTION.hints)]


class TestShape:
    """What the schema accepts and refuses."""

    def test_official_example(self):
        """RunAgents' own bootstrap plan: a provider without a credential."""
        params = a_provider("https://api.openai.com/v1", auth=NONE, models=["gpt-4o-mini"])
        assert _issues(params) == []

    def test_everything(self):
        """All of RunAgents' fields are taken under RunAgents' names, and come out as they went in."""
        spec = {
            "provider": "bedrock",
            "endpoint": "https://bedrock-runtime.eu-central-1.amazonaws.com",
            "models": ["anthropic.claude-sonnet-4-v1:0"],
            "auth": {
                "type": "AWSSignature",
                "awsConfig": AWS["awsConfig"],
                "apiKeyConfig": {**API_KEY["apiKeyConfig"], "in": "Header"},
                "oauth2Config": {**OAUTH2["oauth2Config"], "authUrl": "https://login.example.com", "scopes": ["a"]},
            },
            "rateLimit": {"requestsPerMinute": 60},
        }
        assert parsed(ACTION, {"name": "models", "spec": spec}).spec.written() == spec

    @pytest.mark.parametrize(
        ("where", "value"),
        [
            pytest.param(("name",), "My Models", id="a name that is no label"),
            pytest.param(("spec",), {}, id="nothing"),
            pytest.param(("spec",), None, id="no spec"),
            pytest.param(("spec", "provider"), "azure", id="a provider nobody documented"),
            pytest.param(("spec", "provider"), "OpenAI", id="a provider in capitals"),
            pytest.param(("spec", "endpoint"), "", id="an empty endpoint"),
            pytest.param(("spec", "endpoint"), "api.openai.com", id="an endpoint without a scheme"),
            pytest.param(("spec", "models"), [], id="no model"),
            pytest.param(("spec", "models"), "gpt-4o", id="a model instead of models"),
            pytest.param(("spec", "models"), ["gpt 4o"], id="a model with a space"),
            pytest.param(("spec", "models"), [""], id="an empty model"),
            pytest.param(("spec", "auth"), {}, id="an authentication without a type"),
            pytest.param(("spec", "auth"), {"type": "ApiKey"}, id="a misspelt authentication"),
            pytest.param(
                ("spec", "auth"),
                {"type": "AWSSignature", "awsConfig": {"region": "Frankfurt", "credentialsSecretRef": {"name": "a"}}},
                id="a region in words",
            ),
            pytest.param(("spec", "rateLimit"), {"requestsPerMinute": 0}, id="no request at all"),
            pytest.param(("spec", "rateLimit"), {"requestsPerMinute": "60"}, id="a number as text"),
            pytest.param(("spec", "rateLimit"), {}, id="a limit without a number"),
        ],
    )
    def test_refused(self, where, value):
        """What RunAgents' schema lets through and its documentation forbids is refused."""
        params = deepcopy(a_provider())
        place = params
        for part in where[:-1]:
            place = place[part]
        place[where[-1]] = value
        with pytest.raises(ValidationError):
            parsed(ACTION, params)

    @pytest.mark.parametrize(
        ("spec", "sentence"),
        [
            ({"authentication": NONE}, "spec.authentication is not a field here: write spec.auth"),
            ({"baseUrl": "x"}, "spec.baseUrl is not a field here: write spec.endpoint"),
            (
                {"monthlyBudgetUsd": 5},
                "spec.monthlyBudgetUsd is not a field here: write monthly_budget_usd in the model_mappings of a deploy draft",
            ),
            ({"pricing": {}}, "spec.pricing is not a field here: leave it out, as no provider has a field for prices"),
        ],
    )
    def test_hints(self, spec, sentence):
        """Where the documents contradict each other, the finding says what is right here."""
        assert _said(a_provider(**spec)) == [sentence]

    def test_schema_fills_in(self):
        """The server writes out what it means to say nothing about authentication."""
        assert ModelProviderSpec.model_json_schema()["properties"]["auth"]["default"] == {"type": "None"}


class TestRules:
    """What no single field shows."""

    @pytest.mark.parametrize(
        "params",
        [
            pytest.param(ACTION.example, id="the example"),
            pytest.param(a_provider(auth=API_KEY), id="an API key"),
            pytest.param(a_provider(auth=AWS, provider="bedrock"), id="a signature"),
            pytest.param(a_provider(auth=OAUTH2), id="OAuth2"),
            pytest.param(a_provider(auth=NONE), id="expressly none"),
            pytest.param(
                a_provider("http://ollama.models.svc:11434", auth=None, provider="ollama"), id="ollama inside"
            ),
            pytest.param(a_provider("https://models.corp", auth=NONE), id="a host of the company"),
        ],
    )
    def test_accepted(self, params):
        """What adds up has no issues."""
        assert _issues(params) == []

    @pytest.mark.parametrize("provider", ["openai", "anthropic", "bedrock"])
    def test_auth_is_required(self, provider):
        """The documents require auth and the schema does not; only ollama goes without."""
        ((path, code, message),) = _issues(a_provider(auth=None, provider=provider))
        assert (path, code) == ("spec.auth", Code.INVALID_PARAMS)
        assert message.startswith("auth is required unless the provider is ollama: ")

    @pytest.mark.parametrize(
        ("endpoint", "words"),
        [
            ("http://api.example.com", "endpoint is plain http; use https"),
            ("https://127.0.0.1/v1", "endpoint names a loopback address"),
            ("https://0x7f.1/v1", "endpoint names an address not written as four decimal numbers"),
            ("https://169.254.169.254", "endpoint names a link-local or metadata address"),
            ("https://10.0.0.7/v1", "endpoint names a private address; use the name of the host"),
            ("http://[fd12::1]:11434", "endpoint names a private address; use the name of the host"),
            ("https://kubernetes.default.svc", "endpoint names the API server"),
            ("https://key@api.example.com", "endpoint holds a user name or password"),
            ("https://api.example.com?key=1", "endpoint holds a query"),
            ("https://api.example.com:", "endpoint is no address that can be read"),
        ],
    )
    def test_endpoint(self, endpoint, words):
        """A provider declares no topology, so the host tells; what has no good reason to be called is refused."""
        ((path, code, message),) = _issues(a_provider(endpoint))
        assert (path, code) == ("spec.endpoint", Code.UNSAFE_ADDRESS)
        assert message.startswith(words)
        assert "topology" not in message

    def test_token_endpoint(self):
        """Client credentials go nowhere that prompts may not go."""
        oauth2 = {**OAUTH2["oauth2Config"], "tokenUrl": "https://[::1]"}
        ((path, code, _),) = _issues(a_provider(auth={"type": "OAuth2", "oauth2Config": oauth2}))
        assert (path, code) == ("spec.auth.oauth2Config.tokenUrl", Code.UNSAFE_ADDRESS)

    @pytest.mark.parametrize(
        ("auth", "path"),
        [
            ({"type": "APIKey"}, "apiKeyConfig"),
            ({"type": "AWSSignature"}, "awsConfig"),
            ({"type": "OAuth2"}, "oauth2Config"),
            ({**API_KEY, "type": "None"}, "apiKeyConfig"),
            ({**AWS, **API_KEY}, "awsConfig"),
            ({**OAUTH2, **API_KEY}, "oauth2Config"),
        ],
    )
    def test_pairs(self, auth, path):
        """Each type has its configuration and no other."""
        assert [where for where, _, _ in _issues(a_provider(auth=auth, provider="bedrock"))] == [f"spec.auth.{path}"]

    def test_parameters(self):
        """Names of parameters are such as a URL can carry."""
        oauth2 = {**OAUTH2["oauth2Config"], "authParams": {"a b": "c"}}
        issues = _issues(a_provider(auth={"type": "OAuth2", "oauth2Config": oauth2}))
        assert [path for path, _, _ in issues] == ["spec.auth.oauth2Config.authParams"]

    def test_repeated_model(self):
        """A model stands in the list once."""
        ((path, _, message),) = _issues(a_provider(models=["m-1", "m-2", "m-1"]))
        assert (path, message) == ("spec.models.2", "the model is already in the list: remove it")

    def test_signature_for_others(self):
        """A signature is what bedrock expects; for others it is unusual, and only that."""
        (issue,) = ACTION.check(parsed(ACTION, a_provider(auth=AWS)))
        assert (issue.path, issue.severity) == (("spec", "auth", "type"), Severity.WARNING)


class TestCompile:
    """What it would do."""

    def test_effect(self):
        """One ModelProvider, of that name, in the namespace of the plan, as it was written."""
        (effect,) = ACTION.compile(parsed(ACTION, ACTION.example), World("team-a"))
        assert effect.target == Target(MODEL_PROVIDER, "team-a", "openai-prod")
        assert effect.fields == {"spec": ACTION.example["spec"]}
        assert effect.sensitive == (("spec", "auth", "oauth2Config", "authParams", "*"),)

    @pytest.mark.parametrize(
        ("auth", "references"),
        [
            (NONE, []),
            (API_KEY, [("openai-key", "apiKeyConfig.secretRef.name")]),
            (AWS, [("aws-keys", "awsConfig.credentialsSecretRef.name")]),
            (OAUTH2, [("models-client", "oauth2Config.credentialsSecretRef.name")]),
        ],
    )
    def test_references(self, auth, references):
        """The Secret that is named has to exist."""
        found = ACTION.references(parsed(ACTION, a_provider(auth=auth)), World("team-a"))
        assert found == tuple(Reference(SECRET, name, ("spec", "auth", *path.split("."))) for name, path in references)
