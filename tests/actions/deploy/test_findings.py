"""What is wrong with a deployment in the world it meets."""

import pytest
from tests.support.deploys import (
    ACTION,
    FILES,
    IMAGE,
    OURS,
    a_draft,
    a_provider,
    a_world,
    after,
    an_artifact,
    an_object,
    deploy,
)

from countersign.actions.agent_spec import MAX_FORMER
from countersign.actions.deploy.findings import unacceptable
from countersign.model.effect import AGENT, CONFIG_MAP, DEPLOYMENT, SERVICE_ACCOUNT, TOOL, Apply, Target
from countersign.model.finding import Code

CUSTOM = {"useCustomImage": True, "customImage": IMAGE}
TWO = {"a.py": "", "b.py": ""}


def _found(*bodies, **params):
    return [(issue.code, issue.path) for issue in ACTION.examine(deploy(**params), a_world(*bodies))]


def _unusable(*path):
    return [(Code.UNUSABLE, path)]


@pytest.mark.parametrize(
    ("bodies", "params"),
    [
        pytest.param((), {}, id="an image"),
        pytest.param((), {"source_files": FILES}, id="files"),
        pytest.param((an_artifact(**FILES),), {"artifact_id": "built"}, id="an artifact"),
        pytest.param((a_draft(agentConfig=CUSTOM),), {"draft_id": "d"}, id="a draft with an image"),
        pytest.param((a_draft(status="COMPLETED", agentConfig=CUSTOM),), {"draft_id": "d"}, id="a draft once more"),
        pytest.param((), {"namespace": "team-a"}, id="the namespace of the plan"),
        pytest.param((a_provider(),), {"llm_configs": [{"provider": "openai", "model": "m-2"}]}, id="a model"),
        pytest.param(
            (a_provider("mine"),),
            {"llm_configs": [{"provider": "openai", "model_provider": "mine", "model": "m-1"}]},
            id="a model of a provider and its type",
        ),
        pytest.param((), {"llm_configs": [{"provider": "openai", "model": "m"}]}, id="a provider that is not there"),
        pytest.param((an_object(SERVICE_ACCOUNT, "agent-support", labels=OURS),), {}, id="its own account"),
    ],
)
def test_fine(bodies, params):
    """Nothing to find; what is simply not there is found by another stage."""
    assert _found(*bodies, **params) == []


@pytest.mark.parametrize(
    ("bodies", "params", "found"),
    [
        pytest.param((), {"namespace": "team-b"}, [(Code.OUTSIDE_NAMESPACE, ("namespace",))], id="another namespace"),
        pytest.param((), {"draft_id": "d"}, _unusable("draft_id"), id="no draft"),
        pytest.param((a_draft(unheard=1),), {"draft_id": "d"}, _unusable("draft_id"), id="a draft of another shape"),
        pytest.param(
            (a_draft(status="ABANDONED", agentConfig=CUSTOM),),
            {"draft_id": "d"},
            _unusable("draft_id"),
            id="an abandoned draft",
        ),
        pytest.param((a_draft(),), {"draft_id": "d"}, _unusable("draft_id"), id="a draft without a source"),
        pytest.param(
            (a_draft(artifactId="built"),), {"draft_id": "d"}, _unusable("draft_id"), id="a draft without its artifact"
        ),
        pytest.param((), {"artifact_id": "built"}, _unusable("artifact_id"), id="no artifact"),
        pytest.param(
            (an_artifact(label=False, **FILES),),
            {"artifact_id": "built"},
            _unusable("artifact_id"),
            id="a ConfigMap that is no artifact",
        ),
        pytest.param((an_artifact(),), {"artifact_id": "built"}, _unusable("artifact_id"), id="an empty artifact"),
        pytest.param((), {"source_files": TWO}, _unusable("entry_point"), id="two programs"),
        pytest.param(
            (), {"source_files": FILES, "entry_point": "x.py"}, _unusable("entry_point"), id="no such entry point"
        ),
        pytest.param(
            (a_draft(agentConfig=CUSTOM),),
            {"draft_id": "d", "requirements": "httpx"},
            _unusable("requirements"),
            id="requirements of an image",
        ),
        pytest.param(
            (a_provider(),),
            {"llm_configs": [{"provider": "openai", "model": "m-9"}]},
            _unusable("llm_configs"),
            id="a model that the provider does not list",
        ),
        pytest.param(
            (a_provider("p"), a_draft(agentConfig=CUSTOM, modelMappings={"x": {"provider": "p", "model": "m-9"}})),
            {"draft_id": "d"},
            _unusable("draft_id"),
            id="such a model in a draft",
        ),
        pytest.param(
            (a_provider("mine"),),
            {"llm_configs": [{"provider": "anthropic", "model_provider": "mine", "model": "m-1"}]},
            _unusable("llm_configs", 0, "provider"),
            id="another type of provider",
        ),
        pytest.param(
            (a_draft(agentConfig={**CUSTOM, "accessMode": "authenticated"}),),
            {"draft_id": "d"},
            _unusable("identity_provider"),
            id="users of nobody",
        ),
    ],
)
def test_findings(bodies, params, found):
    """Each with the place that is wrong."""
    assert _found(*bodies, **params) == found


@pytest.mark.parametrize(
    ("body", "params"),
    [
        (an_object(SERVICE_ACCOUNT, "agent-support"), {}),
        (an_object(SERVICE_ACCOUNT, "agent-support", labels={**OURS, "app.kubernetes.io/name": "other"}), {}),
        (an_object(DEPLOYMENT, "agent-support", labels={"app.kubernetes.io/name": "support"}), {}),
        (an_object(TOOL, "t"), {"tools_to_create": [{"name": "t", "base_url": "https://t.example.com"}]}),
    ],
)
def test_objects_of_others(body, params):
    """What has the agent's names and is not the agent's is left alone."""
    assert _found(body, **params) == [(Code.OF_ANOTHER, ("agent_name",))]


def test_own_objects():
    """A repeat finds what it made itself."""
    params = deploy(
        source_files=FILES, policies=["p"], tools_to_create=[{"name": "t", "base_url": "https://t.example.com"}]
    )
    world = after(a_world(), ACTION.compile(params, a_world()))
    assert list(ACTION.examine(params, world)) == []


def test_long_variable():
    """What Linux does not pass on is found before a pod fails for it."""
    prompt = "ä" * 65_536
    (issue,) = ACTION.examine(deploy(system_prompt=prompt), a_world())
    assert (issue.code, "SYSTEM_PROMPT" in issue.message) == (Code.OBJECT_TOO_LARGE, True)


def test_large_object():
    """What Kubernetes does not store is found before it is sent."""
    (issue,) = ACTION.examine(
        deploy(source_files={f"f{n}.py": "x" * 250_000 for n in range(4)}, entry_point="f1.py"), a_world()
    )
    assert issue.code is Code.OBJECT_TOO_LARGE
    assert "ConfigMap agent-support-source-" in issue.message


def test_insecure_pod():
    """The very objects that are applied are judged, whatever compiled them."""
    pod = {"containers": [{"name": "agent", "image": IMAGE}]}
    effect = Apply(Target(DEPLOYMENT, "team-a", "d"), {"spec": {"template": {"spec": pod}}})
    issues = list(unacceptable((effect, Apply(Target(CONFIG_MAP, "team-a", "plain"), {"data": {}}))))
    assert len(issues) == 4
    assert {issue.code for issue in issues} == {Code.INSECURE_POD}


def test_too_many_former_policies():
    """An agent that had more policies than can be remembered is a finding, and not an error of the operator."""
    names = [f"p-{number}" for number in range(MAX_FORMER)]
    spec = {"image": IMAGE, "serviceAccountName": "agent-support", "policies": ["q"], "formerPolicies": names}
    assert _found(an_object(AGENT, "support", spec=spec), policies=["r"]) == _unusable("policies")


@pytest.mark.parametrize("more", [{"data": {"LD_PRELOAD": "/tmp/x.so"}}, {"binaryData": {"X": "eA=="}}])
def test_config_map_with_more_in_it(more):
    """A ConfigMap under the name of the agent's variables must hold these alone, because all of it becomes variables."""
    (own,) = [effect for effect in ACTION.compile(deploy(), a_world()) if effect.target.kind is CONFIG_MAP]
    data = {**own.fields["data"], **more.get("data", {})}
    there = an_object(CONFIG_MAP, own.target.name, data=own.fields["data"])
    assert _found(there) == []
    assert _found(there | more | {"data": data}) == [(Code.OF_ANOTHER, ("agent_name",))]


def test_no_values():
    """What stands in a draft or a provider is not told: the author of the plan may not be allowed to read it."""
    mapping = {"default": {"provider": "openai", "model": "secret-model"}}
    draft = a_draft(agentConfig=CUSTOM, modelMappings=mapping)
    choice = {"model_provider": "openai", "provider": "ollama", "model": "m-1"}
    issues = [
        *ACTION.examine(deploy(draft_id="d"), a_world(draft, a_provider())),
        *ACTION.examine(deploy(llm_configs=[choice]), a_world(a_provider())),
    ]
    assert len(issues) == 2
    assert not any(value in issue.message for issue in issues for value in ("secret-model", "type openai"))
