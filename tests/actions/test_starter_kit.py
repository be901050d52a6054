"""`starter_kit.seed`: always the same two objects, and nobody else's."""

import pytest
from pydantic import ValidationError
from tests.support.seeing import parsed

from countersign.actions.base import Installation, Seen, World
from countersign.actions.model_provider import ModelProviderUpsert
from countersign.actions.starter_kit import ECHO, PLAYGROUND, StarterKitSeed
from countersign.actions.tool import ToolUpsert
from countersign.model.change import compare
from countersign.model.effect import MODEL_PROVIDER, TOOL, Target
from countersign.model.finding import Code
from countersign.model.risk import Level, highest

ACTION = StarterKitSeed()
NOTHING = parsed(ACTION, {})
WORLD = World("team-a")
TARGETS = (Target(TOOL, "team-a", ECHO), Target(MODEL_PROVIDER, "team-a", PLAYGROUND))
OURS = {"labels": {"app.kubernetes.io/part-of": "starter-kit"}}


def _seen(index=0, *, live=None, world=WORLD):
    """How the dry run of one of the two effects ended."""
    effect = ACTION.compile(NOTHING, world)[index]
    return Seen(effect, live, effect.fields, compare(live, effect.fields, desired=effect.fields))


def _rules(*seen):
    return {factor.rule for factor in ACTION.assess(NOTHING, seen)}


def _made(index=0):
    """What a plan made of the kit."""
    return ACTION.compile(NOTHING, WORLD)[index].fields


def test_effects():
    """The echo tool, inside and without authentication, and a provider with one small model."""
    tool, provider = ACTION.compile(NOTHING, WORLD)
    assert (tool.target, provider.target) == TARGETS
    assert tool.fields["spec"]["connection"] == {
        "topology": "Internal",
        "baseUrl": "http://echo.countersign-system.svc:8092",
        "scheme": "HTTP",
        "port": 8092,
    }
    assert provider.fields["spec"]["provider"] == "openai"
    assert provider.fields["spec"]["models"] == ["gpt-4o-mini"]
    assert provider.fields["spec"]["auth"]["apiKeyConfig"]["secretRef"] == {"name": "playground-llm-credentials"}
    assert tool.fields["metadata"] == provider.fields["metadata"] == OURS


def test_address_of_the_installation():
    """Whoever installed the operator says where the echo tool is."""
    installed = World("team-a", installation=Installation(echo_url="https://echo.corp/v1"))
    connection = ACTION.compile(NOTHING, installed)[0].fields["spec"]["connection"]
    assert (connection["baseUrl"], connection["scheme"], connection["port"]) == ("https://echo.corp/v1", "HTTPS", 443)


@pytest.mark.parametrize("action", [ToolUpsert(), ModelProviderUpsert()])
def test_the_kit_keeps_the_rules(action):
    """What the kit makes is nothing that its own action type would refuse."""
    effect = next(one for one in ACTION.compile(NOTHING, WORLD) if one.target.kind in action.kinds)
    params = parsed(action, {"name": effect.target.name, "spec": dict(effect.fields["spec"])})
    assert list(action.check(params)) == []


@pytest.mark.parametrize("params", [{"name": "my-tool"}, {"anything": 1}])
def test_no_params(params):
    """RunAgents' schema takes any object here; one that would do nothing is refused."""
    with pytest.raises(ValidationError):
        parsed(ACTION, params)


def test_low():
    """New, or there and unchanged, the kit is of low risk."""
    assert _rules(_seen(0), _seen(1)) == {"starterKit.base"}
    assert _rules(_seen(0, live=_made(0)), _seen(1, live=_made(1))) == {"starterKit.base"}
    assert highest(ACTION.assess(NOTHING, (_seen(0), _seen(1)))) is Level.LOW


class TestNameTaken:
    """What carries a name of the kit and was made by somebody else."""

    def test_reads(self):
        """It looks whether the two are there."""
        assert ACTION.reads(NOTHING, WORLD) == TARGETS

    @pytest.mark.parametrize(
        "there", [{}, {"metadata": {}}, {"metadata": {"labels": None}}, {"metadata": {"labels": {}}}]
    )
    def test_refused(self, there):
        """It is left alone, with a finding that says how to make room."""
        world = World("team-a", objects={TARGETS[0]: there, TARGETS[1]: None})
        (issue,) = ACTION.examine(NOTHING, world)
        assert (issue.code, issue.path) == (Code.NAME_TAKEN, ())
        assert issue.message.startswith("there is a Tool echo-tool that is not of the starter kit: rename or delete it")

    def test_accepted(self):
        """What the kit made, or an earlier action that seeds it, may be made again."""
        assert list(ACTION.examine(NOTHING, WORLD)) == []
        there = {target: _made(index) for index, target in enumerate(TARGETS)}
        assert list(ACTION.examine(NOTHING, World("team-a", objects=there))) == []

    def test_high(self):
        """If somebody made it after the plan was examined, it is at least no plan of low risk that takes it."""
        live = {"spec": _made()["spec"]}
        assert _rules(_seen(live=live)) == {"starterKit.base", "starterKit.nameTaken"}
        assert highest(ACTION.assess(NOTHING, (_seen(live=live),))) is Level.HIGH


def test_changes_are_weighed():
    """What somebody made stricter meanwhile is weighed by the rules for its kind."""
    stricter = {**_made()["spec"], "governance": {"accessControl": {"mode": "Critical"}}}
    tool = _seen(0, live={"metadata": OURS, "spec": stricter})
    elsewhere = {**_made(1)["spec"], "endpoint": "https://other.example.com"}
    provider = _seen(1, live={"metadata": OURS, "spec": elsewhere})
    assert _rules(tool, provider) == {
        "starterKit.base",
        "tool.criticalMode",
        "tool.modeLoosened",
        "provider.hostChangedWithCredential",
    }
