"""`deploy.execute`: run an agent. One action becomes a service account, ConfigMaps, bindings, a Service, a Deployment, an Agent.

Everything is compiled here, so that the approver sees the real Deployment and not a promise of one. How it is done stands in
`actions/deploy/`.
"""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, assert_never

from countersign.actions.base import ActionType, Broken, Issue, Pending, Reference, Seen, World
from countersign.actions.deploy.findings import findings
from countersign.actions.deploy.naming import account
from countersign.actions.deploy.needs import reads, references
from countersign.actions.deploy.objects import KINDS, objects
from countersign.actions.deploy.params import DeployParams
from countersign.actions.deploy.risk import factors
from countersign.actions.deploy.rules import issues
from countersign.model.effect import DEPLOYMENT, MODEL_PROVIDER, POLICY, Effect, Target
from countersign.model.risk import Factor
from countersign.model.rollout import Complete, Progressing, Stuck, rollout

_NO_MANIFEST = "params are no manifest: write the fields of the deployment"
_IN_THE_DRAFT = "write it into agent_config of a draft, and deploy the draft"
_FIXED = "leave it out: it is made by the platform, so that pods meet Pod Security restricted"


class DeployExecute(ActionType[DeployParams]):
    """Deploys an agent: from an image, from source files, from an artifact or from a draft.

    Fields of the action win over those of the draft, which is COMPLETED afterwards. With `wait: true` the action is applied
    only when every pod of the agent is available.
    """

    type = "deploy.execute"
    params = DeployParams
    kinds = KINDS
    read_kinds = (MODEL_PROVIDER, POLICY)
    example: ClassVar[Mapping[str, Any]] = {
        "agent_name": "support",
        "image": "example.com/agents/support@sha256:" + "0" * 64,
        "system_prompt": "You answer questions about orders.",
        "tools_to_create": [
            {"name": "orders-api", "base_url": "https://orders.example.com/v1", "description": "Orders of customers"}
        ],
        "tool_url_mappings": {"https://orders.example.com": "orders-api"},
        "env": [{"name": "LANGUAGE", "value": "en"}],
    }
    hints: ClassVar[Mapping[str, str]] = {
        "apiVersion": _NO_MANIFEST,
        "kind": _NO_MANIFEST,
        "metadata": _NO_MANIFEST,
        "spec": _NO_MANIFEST,
        "name": "write agent_name",
        "agent": "write agent_name",
        "draft": "write draft_id",
        "artifact": "write artifact_id",
        "files": "write source_files",
        "tools": "write required_tools",
        "tool_mappings": "write tool_url_mappings",
        "model_mappings": "write llm_configs",
        "model": "write llm_configs",
        "policy": "write policies",
        "access_mode": _IN_THE_DRAFT,
        "agent_config": _IN_THE_DRAFT,
        "build_mode": "leave it out: nothing is built, source files run in the runtime image of the installation",
        "command": _FIXED,
        "replicas": "leave it out: scale the Deployment, or let an autoscaler do it",
        "resources": _FIXED,
        "service_account": "leave it out: the account is always agent-<agent_name>",
        "service_account_name": "leave it out: the account is always agent-<agent_name>",
    }

    def check(self, params: DeployParams) -> Iterable[Issue]:
        return tuple(issues(params))

    def reads(self, params: DeployParams, world: World) -> tuple[Target, ...]:
        return tuple(reads(params, world))

    def references(self, params: DeployParams, world: World) -> tuple[Reference, ...]:
        return tuple(references(params, world))

    def examine(self, params: DeployParams, world: World) -> Iterable[Issue]:
        return tuple(findings(params, world))

    def compile(self, params: DeployParams, world: World) -> tuple[Effect, ...]:
        return objects(params, world)

    def assess(self, params: DeployParams, seen: tuple[Seen, ...]) -> tuple[Factor, ...]:
        return factors(params, seen)

    def awaited(self, params: DeployParams, world: World) -> tuple[Target, ...]:
        return (world.at(DEPLOYMENT, account(params.agent_name)),) if params.wait else ()

    def settle(self, params: DeployParams, world: World) -> Pending | Broken | None:
        name = account(params.agent_name)
        found = world.find(DEPLOYMENT, name)
        if found is None:
            return Broken(f"Deployment {name} is gone: somebody removed it while it was rolled out")
        state = rollout(found)
        match state:
            case Complete():
                return None
            case Progressing(message=message):
                return Pending(f"Deployment {name}: {message}")
            case Stuck(reason=reason, message=message):
                return Broken(f"Deployment {name} is stuck ({reason}): {message}")
        assert_never(state)
