"""Plans that hypothesis puts together: of all types and risks, lists and graphs, about few objects, so that they meet."""

from typing import Any

from hypothesis import strategies as st
from tests.support.agent_policies import a_policy, a_rule
from tests.support.deploys import IMAGE
from tests.support.providers import a_provider
from tests.support.scene import tool_action

Action = dict[str, Any]
Actions = list[Action]

TOOLS = ("left", "right")
DRAFT = "draft-one"
CRITICAL = "open"
HARMLESS = frozenset({"draft", "kit"})
"""Ids of actions of low risk, as long as nobody else has made what they are about."""


def _other(action_id: str, kind: str, params: dict[str, Any], *, key: str = "v1", **rest: Any) -> Action:
    return {"id": action_id, "type": kind, "idempotencyKey": f"{action_id}.{key}", "params": params, **rest}


def _draft(step: str) -> Action:
    config = {"use_custom_image": True, "custom_image": IMAGE}
    return _other(
        "draft", "deploy_draft.create_or_patch", {"id": DRAFT, "step": step, "agent_config": config}, key=step
    )


def _agent(key: str, *, timeout: str = "60s", **params: Any) -> Action:
    wanted = {"agent_name": "bot", "image": IMAGE, **params}
    return _other("bot", "deploy.execute", wanted, key=key, timeout=timeout, retries=0)


CHOICES = (
    *(tool_action(name, key=f"{name}.{text}", description=text) for name in TOOLS for text in ("a", "b")),
    _other("models", "model_provider.upsert", a_provider()),
    _other("deny", "policy.upsert", a_policy(a_rule("deny"))),
    _other("allow", "policy.upsert", a_policy(a_rule())),
    _other(CRITICAL, "policy.upsert", a_policy(a_rule(resource="*"))),
    _draft("connect"),
    _draft("deploy"),
    _agent("plain"),
    _agent("polite", system_prompt="Say please."),
    _agent("awaited", wait=True, timeout="1s"),
    _other("drafted", "deploy.execute", {"agent_name": "cat", "draft_id": DRAFT}),
    _other("kit", "starter_kit.seed", {}),
    tool_action("inside", url="https://127.0.0.1"),
)
"""Of every risk; some name the same object, the awaited agent never gets a node, the last is invalid."""


@st.composite
def some_actions(draw: Any) -> Actions:
    """A list, or a graph in which each waits for the first."""
    chosen = draw(st.lists(st.sampled_from(CHOICES), min_size=1, max_size=3, unique_by=lambda action: action["id"]))
    if len(chosen) == 1 or draw(st.booleans()):
        return chosen
    return [chosen[0], *({**action, "dependsOn": [chosen[0]["id"]]} for action in chosen[1:])]
