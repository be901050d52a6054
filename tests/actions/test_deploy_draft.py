"""`deploy_draft.create_or_patch`: what it accepts and what it makes of a draft."""

import pytest
from pydantic import ValidationError
from tests.support.deploys import IMAGE, a_draft, a_world, after, an_object, deploy, draft

from countersign.actions.base import Issue, World
from countersign.actions.deploy_draft import DeployDraftCreateOrPatch
from countersign.actions.deploy_execute import DeployExecute
from countersign.actions.draft_spec import DraftParams
from countersign.model.digest import canonical
from countersign.model.effect import CONFIG_MAP, DEPLOY_DRAFT, MODEL_PROVIDER, POLICY, TOOL
from countersign.model.finding import Code

ACTION = DeployDraftCreateOrPatch()
MODEL = {"provider": "openai", "model": "m-1"}


def _spec(params, world=None):
    (effect,) = ACTION.compile(params, world or a_world())
    return effect.fields["spec"]


def _issues(params, *bodies):
    return list(ACTION.examine(params, a_world(*bodies)))


class TestShape:
    """What the schema accepts and refuses."""

    def test_everything(self):
        """All of RunAgents' fields are taken under RunAgents' names, and come out under those of the object."""
        params = draft(
            expected_version=1,
            namespace="team-a",
            artifact_id="built",
            source_type="code",
            runtime_family="python",
            adapter="langchain",
            step="connect",
            status="ABANDONED",
            policies=["reads"],
            required_tool_names=["orders"],
            recommended_tool_names=["mail"],
            tool_mappings={"https://a.example.com/x": "orders"},
            tool_states={"orders": "wired"},
            model_mappings={"default": {**MODEL, "monthly_budget_usd": 12.5}},
            agent_config={"agent_name": "support", "access_mode": "authenticated", "identity_provider": "idp"},
            user_id="ann@example.com",
        )
        assert _spec(params) == {
            "version": 1,
            "artifactId": "built",
            "sourceType": "code",
            "runtimeFamily": "python",
            "adapter": "langchain",
            "step": "connect",
            "status": "ABANDONED",
            "policies": ["reads"],
            "requiredToolNames": ["orders"],
            "recommendedToolNames": ["mail"],
            "toolMappings": {"https://a.example.com/x": "orders"},
            "toolStates": {"orders": "wired"},
            "modelMappings": {"default": {**MODEL, "monthlyBudgetUsd": 12.5}},
            "agentConfig": {"agentName": "support", "accessMode": "authenticated", "identityProvider": "idp"},
            "userId": "ann@example.com",
        }

    @pytest.mark.parametrize(
        "params",
        [
            pytest.param({"status": "DONE"}, id="a status that does not exist"),
            pytest.param({"expected_version": 0}, id="version zero"),
            pytest.param({"expected_version": "1"}, id="a version as text"),
            pytest.param({"toolMappings": {}}, id="the object's word"),
            pytest.param({"model_mappings": {"default": {"provider": "openai"}}}, id="a mapping without a model"),
            pytest.param({"model_mappings": {"": MODEL}}, id="a role without a name"),
            pytest.param({"tool_mappings": {"x" * 257: "orders"}}, id="a key that is too long"),
            pytest.param({"agent_config": {"access_mode": "closed"}}, id="an access mode that does not exist"),
            pytest.param({"unheard": 1}, id="an unknown field"),
        ],
    )
    def test_refused(self, params):
        """What RunAgents' schema lets through and its documentation forbids is refused."""
        with pytest.raises(ValidationError):
            draft(**params)


class TestNames:
    """What a draft is called."""

    def test_derived(self):
        """Without an id the name belongs to the action: the same again for it, another for any other."""
        params = DraftParams.read(canonical({"step": "connect"}))
        names = {
            (effect.target.name)
            for plan, action in (("p", "a"), ("p", "a"), ("p", "b"), ("q", "a"))
            for effect in ACTION.compile(params, World("team-a", plan=plan, action=action))
        }
        assert len(names) == 3
        assert all(name.startswith("draft-") for name in names)

    def test_looked_up(self):
        """The draft under its name is all that it reads."""
        world = a_world()
        assert ACTION.reads(draft(), world) == (world.at(DEPLOY_DRAFT, "d"),)


class TestMerging:
    """A patch, and the version that it makes."""

    def test_new(self):
        """A new draft is in progress, at version 1."""
        assert _spec(draft(step="connect")) == {"status": "IN_PROGRESS", "version": 1, "step": "connect"}

    def test_patched(self):
        """What is named replaces, mappings are merged, null takes away; everything else stays."""
        there = a_draft(4, step="connect", toolMappings={"a": "orders", "b": "mail"}, agentConfig={"agentName": "x"})
        patch = draft(step=None, tool_mappings={"b": None, "c": "crm"}, agent_config={"system_prompt": "Hello"})
        assert _spec(patch, a_world(there)) == {
            "version": 5,
            "status": "IN_PROGRESS",
            "toolMappings": {"a": "orders", "c": "crm"},
            "agentConfig": {"agentName": "x", "systemPrompt": "Hello"},
        }

    @pytest.mark.parametrize("patch", [{}, {"step": "connect"}, {"step": None}, {"tool_mappings": {"a": None}}])
    def test_repeated(self, patch):
        """The same patch on its own result changes nothing, so the version stays and the digest with it."""
        world = a_world(a_draft(3, step="other", toolMappings={"a": "orders"}))
        once = ACTION.compile(draft(**patch), world)
        assert ACTION.compile(draft(**patch), after(world, once)) == once

    @pytest.mark.parametrize("status", ["IN_PROGRESS", None, "COMPLETED"])
    def test_repeated_after_its_deployment(self, status):
        """The draft that a plan made and deployed stays as it is when the plan comes again, whatever status it named."""
        world = a_world()
        patch = draft(status=status, agent_config={"use_custom_image": True, "custom_image": IMAGE})
        made = after(world, ACTION.compile(patch, world))
        deployed = after(made, DeployExecute().compile(deploy(draft_id="d"), made))
        again = _spec(patch, deployed)
        assert again == deployed.find(DEPLOY_DRAFT, "d")["spec"]
        assert again["status"] == "COMPLETED"

    @pytest.mark.parametrize(
        ("params", "status"),
        [
            pytest.param({"status": "IN_PROGRESS", "step": "more"}, "IN_PROGRESS", id="with another change"),
            pytest.param({"status": "IN_PROGRESS", "expected_version": 3}, "IN_PROGRESS", id="this very version"),
            pytest.param({"status": "ABANDONED"}, "ABANDONED", id="abandoned"),
            pytest.param({"step": "more"}, "COMPLETED", id="without a status"),
        ],
    )
    def test_opened_again(self, params, status):
        """A draft that was deployed goes on where somebody means that, and then comes to rest."""
        world = a_world(a_draft(3, status="COMPLETED"))
        once = _spec(draft(**params), world)
        assert (once["status"], once["version"]) == (status, 4)
        assert _spec(draft(**params), after(world, ACTION.compile(draft(**params), world))) == once

    def test_two_actions(self):
        """A later action of the plan patches what the earlier one makes of the draft."""
        world = a_world()
        first = ACTION.compile(draft(step="connect"), world)
        assert _spec(draft(source_type="code"), after(world, first)) == {
            "status": "IN_PROGRESS",
            "step": "connect",
            "sourceType": "code",
            "version": 2,
        }


class TestExamined:
    """What is wrong with a patch where it meets the draft."""

    def test_as_expected(self):
        """The version is the expected one, or nothing is expected."""
        assert _issues(draft(expected_version=3, step="x"), a_draft(3)) == []
        assert _issues(draft(step="x"), a_draft(3)) == []

    def test_overtaken(self):
        """Somebody else changed the draft."""
        (issue,) = _issues(draft(expected_version=2, step="x"), a_draft(3))
        assert (issue.code, issue.path) == (Code.DRAFT_CHANGED, ("expected_version",))
        assert "version 3" in issue.message

    def test_not_there(self):
        """A draft that does not exist has no version to expect."""
        (issue,) = _issues(draft(expected_version=1))
        assert "not there yet" in issue.message

    def test_done_already(self):
        """A repeat finds the version that it made itself, and overwrites nobody."""
        assert _issues(draft(expected_version=2, step="x"), a_draft(3, step="x")) == []

    def test_deployed_already(self):
        """A repeat is none that somebody overtook, when only its deployment came after it."""
        assert _issues(draft(expected_version=2, status="IN_PROGRESS"), a_draft(4, status="COMPLETED")) == []

    def test_another_shape(self):
        """A draft that cannot be understood is not overwritten."""
        for body in (a_draft(unheard=1), an_object(DEPLOY_DRAFT, "d")):
            (issue,) = _issues(draft(expected_version=1), body)
            assert (issue.code, issue.path) == (Code.UNUSABLE, ("id",))

    def test_another_namespace(self):
        """Plans write in their own."""
        message = "namespace is not that of the plan: leave it out, or submit the plan there"
        assert _issues(draft(namespace="team-b")) == [Issue(Code.OUTSIDE_NAMESPACE, ("namespace",), message)]
        assert _issues(draft(namespace="team-a")) == []


def test_references():
    """Whatever it names has to exist, and the path says where it is named; what null takes away need not."""
    params = draft(
        artifact_id="built",
        policies=["reads"],
        required_tool_names=["orders"],
        recommended_tool_names=["mail"],
        tool_mappings={"a": "crm", "b": None},
        model_mappings={"default": MODEL, "old": None},
    )
    found = [(one.kind, one.name, one.path) for one in ACTION.references(params, a_world())]
    assert found == [
        (CONFIG_MAP, "built", ("artifact_id",)),
        (POLICY, "reads", ("policies", 0)),
        (TOOL, "orders", ("required_tool_names", 0)),
        (TOOL, "mail", ("recommended_tool_names", 0)),
        (TOOL, "crm", ("tool_mappings", "a")),
        (MODEL_PROVIDER, "openai", ("model_mappings", "default", "provider")),
    ]
    assert ACTION.references(draft(), a_world()) == ()
