"""Plans that hypothesis puts together: several kinds and risks, lists and graphs, about few objects, so that they meet."""

from typing import Any

from hypothesis import strategies as st
from tests.support.agent_policies import a_policy, a_rule
from tests.support.providers import a_provider
from tests.support.scene import tool_action

Actions = list[dict[str, Any]]

TOOLS = ("left", "right")
CRITICAL = "open"
PLURALS = ("tools", "modelproviders", "policies")


def _other(action_id: str, kind: str, params: dict[str, Any]) -> dict[str, Any]:
    return {"id": action_id, "type": kind, "idempotencyKey": f"{action_id}.v1", "params": params}


CHOICES = (
    *(tool_action(name, key=f"{name}.{text}", description=text) for name in TOOLS for text in ("a", "b")),
    _other("models", "model_provider.upsert", a_provider()),
    _other("deny", "policy.upsert", a_policy(a_rule("deny"))),
    _other("allow", "policy.upsert", a_policy(a_rule())),
    _other(CRITICAL, "policy.upsert", a_policy(a_rule(resource="*"))),
    tool_action("inside", url="https://127.0.0.1"),
)
"""Of medium, high and critical risk; some name the same object, and the last is invalid."""


@st.composite
def some_actions(draw: Any) -> Actions:
    """A list, or a graph in which each waits for the first."""
    chosen = draw(st.lists(st.sampled_from(CHOICES), min_size=1, max_size=3, unique_by=lambda action: action["id"]))
    if len(chosen) == 1 or draw(st.booleans()):
        return chosen
    return [chosen[0], *({**action, "dependsOn": [chosen[0]["id"]]} for action in chosen[1:])]
