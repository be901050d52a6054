"""What a deployment looks up and refers to."""

from tests.support.deploys import ACTION, FILES, a_draft, a_world, an_object, deploy

from countersign.model.effect import AGENT

TOOLS = [{"name": "mail", "base_url": "https://mail.example.com"}]
DRAFT = a_draft(
    artifactId="built",
    policies=["reads"],
    requiredToolNames=["orders"],
    modelMappings={"default": {"provider": "openai", "model": "m-1"}},
)


def _reads(*bodies, **params):
    return [str(target) for target in ACTION.reads(deploy(**params), a_world(*bodies))]


def _references(*bodies, **params):
    found = ACTION.references(deploy(**params), a_world(*bodies))
    return [(f"{one.kind.kind} {one.name}", one.path) for one in found]


OWN = ["Agent support", "ServiceAccount agent-support", "Service agent-support", "Deployment agent-support"]


def test_reads():
    """What it is made from, and whatever might already have one of its names."""
    found = _reads(
        artifact_id="built",
        policies=["reads"],
        tools_to_create=TOOLS,
        required_tools=["orders"],
        llm_configs=[{"provider": "openai", "model": "m"}, {"provider": "openai", "model": "n", "role": "embedding"}],
    )
    assert found == [
        "ConfigMap built",
        *OWN,
        "PolicyBinding agent-support-reads",
        "Tool mail",
        "Tool orders",
        "ModelProvider openai",
    ]


def test_reads_its_own_config_maps():
    """What they are called is known when everything that goes into them was looked up."""
    world, sizes = a_world(), []
    while new := [target for target in ACTION.reads(deploy(source_files=FILES), world) if target not in world.objects]:
        sizes.append([str(target).rpartition("-")[0] for target in new])
        world = world.with_objects(dict.fromkeys(new))
    assert sizes[1:] == [["ConfigMap agent-support-source", "ConfigMap agent-support-env"]]


def test_reads_follow():
    """When the draft and the agent were read, what they name is read too."""
    assert _reads(draft_id="d") == ["DeployDraft d", *OWN]
    there = an_object(
        AGENT, "support", spec={"image": "x/y", "serviceAccountName": "agent-support", "policies": ["old"]}
    )
    assert _reads(DRAFT, there, draft_id="d") == [
        "DeployDraft d",
        "ConfigMap built",
        *OWN,
        "PolicyBinding agent-support-old",
        "PolicyBinding agent-support-reads",
        "Tool orders",
        "ModelProvider openai",
    ]


def test_references():
    """Each with the place that names it; tools that are made with the agent need not exist."""
    found = _references(
        artifact_id="built",
        policies=["writes", "reads"],
        tools_to_create=TOOLS,
        required_tools=["orders", "mail"],
        tool_url_mappings={"https://a": "crm", "https://b": "mail"},
        llm_configs=[
            {"provider": "openai", "model": "m"},
            {"provider": "anthropic", "model_provider": "claude", "model": "n", "role": "embedding"},
        ],
    )
    assert found == [
        ("ConfigMap built", ("artifact_id",)),
        ("Tool crm", ("tool_url_mappings", "https://a")),
        ("Tool orders", ("required_tools", 0)),
        ("ModelProvider openai", ("llm_configs", 0, "provider")),
        ("ModelProvider claude", ("llm_configs", 1, "model_provider")),
        ("Policy reads", ("policies", 1)),
        ("Policy writes", ("policies", 0)),
    ]


def test_references_of_a_draft():
    """What a draft names is named by naming the draft."""
    assert _references(DRAFT, draft_id="d") == [
        (name, ("draft_id",))
        for name in ("DeployDraft d", "ConfigMap built", "Tool orders", "ModelProvider openai", "Policy reads")
    ]


def test_nothing():
    """An image that needs nothing refers to nothing."""
    assert _references() == []
