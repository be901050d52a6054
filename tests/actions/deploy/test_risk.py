"""How risky it is to deploy an agent."""

import pytest
from tests.support.deploys import ACTION, FILES, IMAGE, a_draft, a_world, after, an_artifact, deploy, seen

from countersign.actions.base import Installation
from countersign.model.risk import Level, highest

CUSTOM = {"useCustomImage": True, "customImage": "example.com/x:1"}


def _rules(world=None, **params):
    world = world or a_world()
    factors = ACTION.assess(deploy(**params), seen(ACTION.compile(deploy(**params), world), world))
    assert highest(factors) is Level.HIGH
    assert len(set(factors)) == len(factors)
    return [factor.rule for factor in factors][1:]


@pytest.mark.parametrize(
    ("bodies", "params", "rules"),
    [
        pytest.param((), {}, [], id="a pinned image"),
        pytest.param((), {"image": "example.com/x:1"}, ["deploy.imageNotPinned"], id="a tag"),
        pytest.param(
            (), {"source_files": FILES}, ["deploy.sourceFiles", "deploy.imageNotPinned"], id="files in a tagged image"
        ),
        pytest.param(
            (an_artifact(**FILES, **{"requirements.txt": "httpx"}),),
            {"artifact_id": "built"},
            ["deploy.imageNotPinned", "deploy.requirementsWithoutHashes"],
            id="requirements in an artifact",
        ),
        pytest.param((a_draft(agentConfig=CUSTOM),), {"draft_id": "d"}, ["deploy.imageNotPinned"], id="a draft"),
        pytest.param(
            (),
            {"tools_to_create": [{"name": "t", "base_url": "https://t.example.com"}]},
            ["tool.base"],
            id="a new tool",
        ),
    ],
)
def test_of_a_new_agent(bodies, params, rules):
    """Code that runs is high; what makes it worse to judge is named besides."""
    assert _rules(a_world(*bodies), **params) == rules


def test_pinned_runtime():
    """Files that run in a pinned image are as good as they were approved."""
    assert _rules(a_world(installation=Installation(runtime_image=IMAGE)), source_files=FILES) == ["deploy.sourceFiles"]


def _step(old, new):
    world = a_world(a_draft(agentConfig={"useCustomImage": True, "customImage": IMAGE, "accessMode": "authenticated"}))
    return _rules(after(world, ACTION.compile(deploy(**old), world)), **new)


@pytest.mark.parametrize(
    ("old", "new", "rules"),
    [
        pytest.param({"policies": ["a"]}, {"policies": ["a"]}, [], id="nothing changes"),
        pytest.param({}, {"required_tools": ["t"]}, ["deploy.toolsWidened"], id="a tool more"),
        pytest.param({"required_tools": ["t"]}, {}, [], id="a tool less"),
        pytest.param({}, {"policies": ["a"]}, ["deploy.policiesAdded"], id="a policy more"),
        pytest.param({"policies": ["a"]}, {}, ["deploy.policiesRemoved"], id="a policy less"),
        pytest.param(
            {"draft_id": "d", "identity_provider": "idp"},
            {"identity_provider": "idp"},
            ["deploy.accessOpened"],
            id="access for everybody",
        ),
        pytest.param(
            {"identity_provider": "idp"}, {"identity_provider": "other"}, ["deploy.usersChanged"], id="other users"
        ),
        pytest.param({}, {"identity_provider": "other"}, [], id="users where there were none"),
    ],
)
def test_of_a_change(old, new, rules):
    """What widens is named; a policy that goes may have been one that denied."""
    assert _step(old, new) == rules


def test_of_a_changed_tool():
    """A tool that is made with the agent is weighed as tool.upsert weighs it."""
    tool = {"name": "t", "base_url": "https://t.example.com"}
    world = after(a_world(), ACTION.compile(deploy(tools_to_create=[tool]), a_world()))
    (target,) = [target for target in world.objects if target.kind.kind == "Tool"]
    world.objects[target]["spec"]["riskTags"] = ["pii"]
    assert "tool.dangerousTag" in _rules(world, tools_to_create=[tool])
