"""`model_provider.upsert`: how risky it is to send prompts and keys there."""

import pytest
from tests.support.providers import API_KEY, AWS, NONE, OAUTH2, a_provider
from tests.support.seeing import assessed, parsed, rules

from countersign.actions.model_provider import ModelProviderUpsert
from countersign.model.risk import Level, highest

ACTION = ModelProviderUpsert()
ELSEWHERE = "https://other.example.com/v1"
OTHER_KEY = {"type": "APIKey", "apiKeyConfig": {"name": "X-API-Key", "secretRef": {"name": "another-key"}}}
OTHER_TOKENS = {**OAUTH2, "oauth2Config": {**OAUTH2["oauth2Config"], "tokenUrl": "https://evil.example.com/token"}}
INSIDE = "ollama.models.svc:11434"


def _rules(params, **seen):
    return rules(ACTION, params, **seen) - {"provider.base", "provider.credentialNamed"}


def _step(old, new):
    return _rules(new, live={"spec": old["spec"]})


def test_base():
    """A new provider is of medium risk, also one with a credential, which is said."""
    assert [factor.rule for factor in assessed(ACTION, a_provider())] == ["provider.base"]
    factors = assessed(ACTION, a_provider(auth=API_KEY))
    assert [factor.rule for factor in factors] == ["provider.base", "provider.credentialNamed"]
    assert highest(factors) is Level.MEDIUM


def test_plain_http_outside():
    """Prompts in the open are of high risk, whether proposed, there or resulting; inside they are not."""
    outside = a_provider("http://api.example.com")
    assert _rules(outside) == {"provider.plainHttpOutside"}
    assert "provider.plainHttpOutside" in _rules(a_provider(), live={"spec": outside["spec"]})
    assert _rules(a_provider(), result={"spec": outside["spec"]}) == {"provider.plainHttpOutside"}
    assert highest(ACTION.assess(parsed(ACTION, outside), ())) is Level.HIGH
    assert _rules(a_provider(f"http://{INSIDE}", provider="ollama")) == set()


DANGEROUS = {
    "the host changes under a key": (
        a_provider(auth=API_KEY),
        a_provider(ELSEWHERE, auth=API_KEY),
        {"provider.hostChangedWithCredential"},
    ),
    "the port changes under a key": (
        a_provider(auth=API_KEY),
        a_provider("https://api.example.com:8443/v1", auth=API_KEY),
        {"provider.hostChangedWithCredential"},
    ),
    "the host changes and the key goes": (
        a_provider(auth=API_KEY),
        a_provider(ELSEWHERE),
        {"provider.hostChangedWithCredential", "provider.authenticationWeakened"},
    ),
    "another Secret is sent": (
        a_provider(auth=API_KEY),
        a_provider(auth=OTHER_KEY),
        {"provider.credentialChanged"},
    ),
    "a Secret is sent to what had none": (
        a_provider(),
        a_provider(auth=API_KEY),
        {"provider.credentialChanged"},
    ),
    "tokens come from another host": (
        a_provider(auth=OAUTH2),
        a_provider(auth=OTHER_TOKENS),
        {"provider.tokenHostChanged"},
    ),
    "a signature becomes a key": (
        a_provider(auth=AWS),
        a_provider(auth=API_KEY),
        {"provider.authenticationWeakened", "provider.credentialChanged"},
    ),
    "https becomes http": (
        a_provider(f"https://{INSIDE}"),
        a_provider(f"http://{INSIDE}"),
        {"provider.encryptionDropped"},
    ),
}
HARMLESS = {
    "nothing": (a_provider(auth=API_KEY), a_provider(auth=API_KEY)),
    "the host changes without a credential": (a_provider(), a_provider(ELSEWHERE)),
    "the path changes under a key": (
        a_provider(auth=API_KEY),
        a_provider("https://API.example.com:443/v2", auth=API_KEY),
    ),
    "a model comes": (a_provider(), a_provider(models=["m-1", "m-2"])),
    "none is written": (a_provider(auth=None), a_provider(auth=NONE)),
}


@pytest.mark.parametrize(("old", "new", "expected"), DANGEROUS.values(), ids=DANGEROUS)
def test_dangerous_steps(old, new, expected):
    """A step that sends prompts or keys to others, or less protected, is of high risk."""
    assert _step(old, new) == expected
    assert highest(assessed(ACTION, new, live={"spec": old["spec"]})) is Level.HIGH


@pytest.mark.parametrize(("old", "new"), HARMLESS.values(), ids=HARMLESS)
def test_harmless_steps(old, new):
    """A step that changes nothing of that adds no risk."""
    assert _step(old, new) == set()


@pytest.mark.parametrize(
    "live", [{}, {"spec": None}, {"spec": {"endpoint": 7, "auth": "x"}}, {"spec": {"auth": {"apiKeyConfig": []}}}]
)
def test_garbage(live):
    """Whatever stands there now, it is judged without an exception."""
    assert highest(assessed(ACTION, a_provider(), live=live)) >= Level.MEDIUM


def test_unreadable_endpoint():
    """An endpoint or a type that nobody knows counts as another one, and as stronger."""
    live = {"spec": {"endpoint": "::", "auth": {"type": "Kerberos", "oauth2Config": {"tokenUrl": "::"}}}}
    assert _rules(a_provider(auth=OAUTH2), live=live) == {
        "provider.hostChangedWithCredential",
        "provider.credentialChanged",
        "provider.tokenHostChanged",
    }
    assert "provider.authenticationWeakened" in _rules(a_provider(), live=live)


def test_no_values():
    """Reasons name no values, because they stand in the status of the plan."""
    for old, new, _ in DANGEROUS.values():
        for factor in assessed(ACTION, new, live={"spec": old["spec"]}):
            assert "example" not in factor.why
            assert "key" not in factor.why.split()
