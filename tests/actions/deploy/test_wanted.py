"""The params joined with the draft they name and the files they deploy."""

import pytest
from tests.support.deploys import FILES, IMAGE, a_draft, a_world, an_artifact, an_object, deploy

from countersign.actions.base import Installation
from countersign.actions.deploy.wanted import wanted
from countersign.model.effect import AGENT

CUSTOM = {"useCustomImage": True, "customImage": IMAGE}


def _wanted(*bodies, **params):
    return wanted(deploy(**params), a_world(*bodies, installation=Installation(runtime_image="example.com/runtime:1")))


class TestSource:
    """What runs."""

    def test_image(self):
        """An image brings everything."""
        agent = _wanted()
        assert (agent.image, agent.files, agent.entry_point) == (IMAGE, {}, "")

    def test_files(self):
        """Files run in the image of the installation."""
        agent = _wanted(source_files=FILES, requirements="httpx")
        assert agent.image == "example.com/runtime:1"
        assert (agent.files, agent.requirements) == ({**FILES, "requirements.txt": "httpx"}, "httpx")

    def test_artifact(self):
        """A labelled ConfigMap holds files."""
        agent = _wanted(an_artifact(**FILES), artifact_id="built")
        assert (agent.image, agent.files) == ("example.com/runtime:1", FILES)

    @pytest.mark.parametrize("bodies", [(), (an_artifact(label=False, **FILES),), (an_artifact(),)])
    def test_no_artifact(self, bodies):
        """What is not there, not meant for it or empty gives nothing to run; requirements alone are nothing."""
        agent = _wanted(*bodies, artifact_id="built", requirements="httpx")
        assert (agent.image, agent.files) == ("", {})

    def test_image_of_a_draft(self):
        """A draft that uses its custom image."""
        body = a_draft(agentConfig=CUSTOM, artifactId="built")
        assert _wanted(body, an_artifact(**FILES), draft_id="d").image == IMAGE

    def test_artifact_of_a_draft(self):
        """A draft that has a custom image and does not use it."""
        body = a_draft(agentConfig={"customImage": IMAGE}, artifactId="built")
        assert _wanted(body, an_artifact(**FILES), draft_id="d").files == FILES

    @pytest.mark.parametrize("bodies", [(), (a_draft(),), (a_draft(agentConfig={}),)])
    def test_empty_draft(self, bodies):
        """Nothing to run."""
        assert _wanted(*bodies, draft_id="d").image == ""

    @pytest.mark.parametrize(
        ("files", "named", "entry_point"),
        [
            (["x.py"], None, "x.py"),
            (["x.py", "data.json"], None, "x.py"),
            (["x.py", "main.py", "agent.py"], None, "main.py"),
            (["x.py", "agent.py"], None, "agent.py"),
            (["x.py", "y.py"], None, ""),
            (["x.py", "y.py"], "y.py", "y.py"),
        ],
    )
    def test_entry_point(self, files, named, entry_point):
        """The one that is named, the only program, or one with a usual name."""
        agent = _wanted(source_files=dict.fromkeys(files, ""), entry_point=named)
        assert agent.entry_point == entry_point


FULL = a_draft(
    policies=["reads"],
    requiredToolNames=["orders"],
    toolMappings={"https://a": "mail"},
    modelMappings={"embedding": {"provider": "e", "model": "m"}, "default": {"provider": "d", "model": "m"}},
    agentConfig={**CUSTOM, "systemPrompt": "Draft", "identityProvider": "idp", "accessMode": "authenticated"},
    userId="ann",
)


class TestPrecedence:
    """The action and its draft."""

    def test_draft_alone(self):
        """Everything comes from the draft."""
        agent = _wanted(FULL, draft_id="d")
        assert (agent.tools, agent.routes) == (("mail", "orders"), {"https://a": "mail"})
        assert [(one.role, one.model_provider) for one in agent.models] == [("default", "d"), ("embedding", "e")]
        assert (agent.policies, agent.user_id, agent.system_prompt) == (("reads",), "ann", "Draft")
        assert (agent.identity_provider, agent.access_mode) == ("idp", "authenticated")

    def test_action_wins(self):
        """Whatever the action says, also something empty."""
        agent = _wanted(
            FULL,
            draft_id="d",
            required_tools=[],
            tool_url_mappings={},
            llm_configs=[{"provider": "other", "model": "m"}],
            policies=[],
            system_prompt="",
            identity_provider="idp2",
            user_id="bob",
        )
        assert (agent.tools, agent.routes, agent.policies, agent.system_prompt) == ((), {}, (), "")
        assert [(one.role, one.model_provider) for one in agent.models] == [("chat", "other")]
        assert (agent.identity_provider, agent.user_id) == ("idp2", "bob")

    def test_names_once(self):
        """In order, whatever order they were written in."""
        agent = _wanted(policies=["b", "a", "b"], required_tools=["y", "x", "y"], tool_url_mappings={"https://a": "x"})
        assert (agent.policies, agent.tools) == (("a", "b"), ("x", "y"))


class TestFormerPolicies:
    """What was bound and is not any more."""

    def _former(self, wanted_policies, **spec):
        image = {"image": IMAGE, "serviceAccountName": "agent-support"}
        there = an_object(AGENT, "support", spec={**image, **spec})
        return _wanted(there, policies=wanted_policies).former_policies

    def test_removed(self):
        """It is remembered for good, so that the binding stays empty."""
        assert self._former(["a"], policies=["a", "b"], formerPolicies=["c"]) == ("b", "c")

    def test_bound_again(self):
        """Then it is no former one."""
        assert self._former(["c"], policies=[], formerPolicies=["c"]) == ()

    def test_unreadable(self):
        """An agent of another shape has no policies that we know of."""
        assert self._former(["c"], unheard=1) == ()
        assert _wanted(an_object(AGENT, "support")).former_policies == ()
