"""The objects of an agent."""

import pytest
from tests.support.deploys import (
    ACTION,
    FILES,
    IMAGE,
    OURS,
    a_draft,
    a_provider,
    a_tool,
    a_world,
    after,
    an_artifact,
    an_object,
    compiled,
    deploy,
)

from countersign.actions.agent_spec import MAX_FORMER
from countersign.api.plan_status import MAX_EFFECTS
from countersign.model.effect import AGENT
from countersign.model.pod_security import violations

EVERYTHING = {
    "system_prompt": "Answer.",
    "required_tools": ["orders"],
    "tools_to_create": [{"name": "mail", "base_url": "http://mail.tools.svc", "topology": "Internal"}],
    "llm_configs": [{"provider": "openai", "model": "m-1", "monthly_budget_usd": 50}],
    "policies": ["reads"],
    "env": [{"name": "LANGUAGE", "value": "en"}],
    "framework": "langchain",
    "user_id": "ann",
}
SOURCES = [
    {},
    {"source_files": FILES},
    {"source_files": FILES, "requirements": "httpx"},
    {"artifact_id": "built"},
    {"draft_id": "d"},
]
WORLD = a_world(a_tool(), a_provider(), an_artifact(**FILES), a_draft(artifactId="built"))


def _pod(**params):
    return compiled(deploy(**params))["Deployment"].fields["spec"]["template"]["spec"]


def _container(**params):
    (container,) = _pod(**params)["containers"]
    return container


def test_most_objects():
    """The largest deployment there can be finds room in the journal of its action."""
    names = [f"p-{number}" for number in range(MAX_FORMER)]
    there = an_object(
        AGENT, "support", spec={"image": IMAGE, "serviceAccountName": "agent-support", "formerPolicies": names}
    )
    tools = [{"name": f"t-{number}", "base_url": "https://t.example.com"} for number in range(32)]
    policies = [f"q-{number}" for number in range(64)]
    draft = a_draft(artifactId="built")
    world = a_world(there, draft, an_artifact(**FILES))
    effects = ACTION.compile(deploy(draft_id="d", tools_to_create=tools, policies=policies), world)
    assert 16 < len(effects) <= MAX_EFFECTS


def test_order():
    """What is named comes before what names it, and everything but the draft is labelled with the agent."""
    effects = ACTION.compile(deploy(draft_id="d", **EVERYTHING), WORLD)
    assert [effect.target.kind.kind for effect in effects] == [
        "Tool",
        "ServiceAccount",
        "ConfigMap",
        "ConfigMap",
        "PolicyBinding",
        "Service",
        "Deployment",
        "Agent",
        "DeployDraft",
    ]
    assert all(effect.fields["metadata"]["labels"] == OURS for effect in effects[:-1])


@pytest.mark.parametrize("source", SOURCES)
def test_fixed_point(source):
    """What it made changes nothing of what it makes, so a repeat has the same digest and writes nothing."""
    params = deploy(**source, **EVERYTHING)
    once = ACTION.compile(params, WORLD)
    assert ACTION.compile(params, after(WORLD, once)) == once


@pytest.mark.parametrize("source", SOURCES)
def test_pod_security(source):
    """Every pod meets level restricted."""
    deployment = compiled(deploy(**source, **EVERYTHING), WORLD)["Deployment"]
    assert list(violations(deployment.fields["spec"]["template"]["spec"])) == []


def test_nothing_to_run():
    """Then there are no objects at all, and a finding says why."""
    assert ACTION.compile(deploy(draft_id="gone"), a_world()) == ()


def test_account():
    """Named after the agent, and no token is mounted: not by the account, not by the pod."""
    account = compiled(deploy())["ServiceAccount"]
    assert account.target.name == "agent-support"
    assert account.fields == {"metadata": {"labels": OURS}, "automountServiceAccountToken": False}
    pod = _pod()
    assert (pod["serviceAccountName"], pod["automountServiceAccountToken"]) == ("agent-support", False)


def test_deployment_of_an_image():
    """The image brings its own command; the environment comes from a ConfigMap, further variables stand beside."""
    container = _container(env=[{"name": "LANGUAGE", "value": "en"}])
    assert container["image"] == IMAGE
    assert "command" not in container
    assert container["env"] == [{"name": "LANGUAGE", "value": "en"}]
    assert [mount["name"] for mount in container["volumeMounts"]] == ["scratch"]
    assert "env" not in _container()


def test_deployment_of_files():
    """Files are mounted as they were named, and the entry point is run."""
    files = {"main.py": "import lib.a", "lib/a.py": "A", "b/a.py": "B"}
    found = compiled(deploy(source_files=files))
    (source,) = [effect for name, effect in found.items() if "-source-" in name]
    pod = found["Deployment"].fields["spec"]["template"]["spec"]
    assert source.fields["data"] == {"0.a.py": "B", "1.a.py": "A", "2.main.py": "import lib.a"}
    assert source.fields["immutable"] is True
    assert pod["volumes"][1]["configMap"] == {
        "name": source.target.name,
        "items": [
            {"key": "0.a.py", "path": "b/a.py"},
            {"key": "1.a.py", "path": "lib/a.py"},
            {"key": "2.main.py", "path": "main.py"},
        ],
    }
    assert pod["containers"][0]["command"] == ["python", "main.py"]
    assert "initContainers" not in pod


@pytest.mark.parametrize(("requirements", "hashed"), [("httpx", False), ("httpx --hash=sha256:" + "0" * 64, True)])
def test_requirements(requirements, hashed):
    """They are installed before the agent starts; with hashes, nothing else than these."""
    params = deploy(source_files=FILES, requirements=requirements)
    found = compiled(params)
    pod = found["Deployment"].fields["spec"]["template"]["spec"]
    (installer,) = pod["initContainers"]
    assert ("--require-hashes" in installer["command"]) is hashed
    assert found["Agent"].fields["spec"]["hashedRequirements"] is hashed
    assert {"name": "libraries", "mountPath": "/deps"} in pod["containers"][0]["volumeMounts"]


def test_content_names():
    """Other content has another name; the same content has the same, from wherever it comes."""

    def names(**params):
        world = a_world(an_artifact(**FILES))
        effects = ACTION.compile(deploy(**params), world)
        return {effect.target.name for effect in effects if effect.target.kind.kind == "ConfigMap"}

    assert names(source_files=FILES) == names(artifact_id="built")
    assert names(source_files=FILES) & names(source_files={"agent.py": "other"}) == {
        name for name in names(source_files=FILES) if "-env-" in name
    }
    assert names(system_prompt="a") != names(system_prompt="b")


def test_variables_are_masked():
    """What somebody gives an agent as a variable may be anything."""
    deployment = compiled(deploy())["Deployment"]
    assert deployment.sensitive == (("spec", "template", "spec", "containers", "*", "env", "*", "value"),)


def test_service():
    """It finds the pods of the agent by what a Deployment can never change."""
    found = compiled(deploy())
    selector = {"app.kubernetes.io/name": "support", "app.kubernetes.io/component": "agent"}
    assert found["Service"].fields["spec"]["selector"] == selector
    assert found["Deployment"].fields["spec"]["selector"] == {"matchLabels": selector}


def test_bindings():
    """Every policy is bound to the account; one that is taken away binds nobody, for good."""
    both = ACTION.compile(deploy(policies=["reads", "writes"]), a_world())
    world = after(a_world(), both)
    one = ACTION.compile(deploy(policies=["reads"]), world)
    again = ACTION.compile(deploy(policies=["reads"]), after(world, one))
    assert again == one
    bindings = {
        effect.target.name: effect.fields["spec"]["subjects"]
        for effect in one
        if effect.target.kind.kind == "PolicyBinding"
    }
    account = {"kind": "ServiceAccount", "name": "agent-support", "namespace": "team-a"}
    assert bindings == {"agent-support-reads": [account], "agent-support-writes": []}


def test_agent():
    """The record of what was deployed."""
    agent = compiled(deploy(source_files=FILES, **EVERYTHING), WORLD)["Agent"]
    spec = agent.fields["spec"]
    assert agent.target.name == "support"
    assert spec.pop("sourceConfigMap").startswith("agent-support-source-")
    assert spec == {
        "image": WORLD.installation.runtime_image,
        "serviceAccountName": "agent-support",
        "entryPoint": "agent.py",
        "framework": "langchain",
        "systemPrompt": "Answer.",
        "requiredTools": [{"name": "mail"}, {"name": "orders"}],
        "llmConfigs": [
            {
                "role": "chat",
                "modelProvider": "openai",
                "provider": "openai",
                "model": "m-1",
                "monthlyBudgetUsd": 50.0,
            }
        ],
        "policies": ["reads"],
        "formerPolicies": [],
        "userId": "ann",
    }


def test_agent_without_its_provider():
    """The type of a provider that is not there is left out."""
    (model,) = compiled(deploy(**EVERYTHING))["Agent"].fields["spec"]["llmConfigs"]
    assert "provider" not in model


def test_tool():
    """A tool is made as tool.upsert makes it: scheme and port are those of the address."""
    tools = [
        {"name": "mail", "base_url": "http://mail.tools.svc:8025", "topology": "Internal", "description": "Mail"},
        {"name": "mad", "base_url": "https://:x"},
    ]
    found = compiled(deploy(tools_to_create=tools))
    assert found["Tool/mail"].fields["spec"] == {
        "description": "Mail",
        "connection": {
            "topology": "Internal",
            "baseUrl": "http://mail.tools.svc:8025",
            "scheme": "HTTP",
            "port": 8025,
        },
    }
    assert "port" not in found["Tool/mad"].fields["spec"]["connection"]


def test_draft_is_completed():
    """With all that it holds, one version on; the agent knows it."""
    found = compiled(deploy(draft_id="d"), WORLD)
    assert found["DeployDraft"].fields["spec"] == {"version": 2, "status": "COMPLETED", "artifactId": "built"}
    assert found["Agent"].fields["spec"]["draft"] == "d"
    assert "DeployDraft" not in compiled(deploy())
