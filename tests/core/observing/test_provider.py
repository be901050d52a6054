"""The status of a ModelProvider."""

import pytest
from tests.support.providers import API_KEY, NONE, OAUTH2, a_provider

from countersign.core.observing.provider import named_secrets, observe_provider
from countersign.model.facts import Absent, Hidden, Present


def _content(**spec):
    return {"metadata": {"generation": 2}, "spec": a_provider(**spec)["spec"]}


@pytest.mark.parametrize(
    ("spec", "names"),
    [
        ({"auth": NONE}, ()),
        ({"auth": API_KEY}, ("openai-key",)),
        ({"auth": OAUTH2}, ("models-client",)),
        ({"auth": {"type": "APIKey"}}, ()),
    ],
)
def test_what_to_look_for(spec, names):
    """The Secrets that it names, unless it cannot work anyway."""
    assert named_secrets(_content(**spec)) == names


@pytest.mark.parametrize(
    ("found", "phase", "message"),
    [
        ({}, "Available", "it needs no Secret"),
        ({"a": Present("1")}, "Available", "found Secret a"),
        ({"b": Present("1"), "a": Present("2")}, "Available", "found Secret a and Secret b"),
        ({"a": Absent()}, "Unavailable", "there is no Secret a in this namespace: create it"),
        (
            {"a": Hidden()},
            "Pending",
            "nobody may look whether Secret a exists: let the executor of this namespace get it",
        ),
        ({"a": Hidden(), "b": Absent()}, "Unavailable", "there is no Secret b in this namespace: create it"),
    ],
)
def test_phases(found, phase, message):
    """Available with its Secret, Unavailable without, Pending while nobody may look."""
    status = observe_provider(_content(auth=NONE), found)
    assert status.wire() == {"observedGeneration": 2, "phase": phase, "message": message}


def test_failed():
    """What cannot work, whatever Secret there is, has failed."""
    status = observe_provider(_content(auth={"type": "APIKey"}), {})
    assert status.phase == "Failed"
    assert status.message.startswith("spec.auth.apiKeyConfig: apiKeyConfig is required with type APIKey")
