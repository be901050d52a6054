"""Actions of all six types, of every level of risk, each about objects of its own, and an empty namespace for them."""

from typing import Any

from tests.support.agent_policies import a_policy, a_rule
from tests.support.deploys import IMAGE
from tests.support.pretend import World
from tests.support.providers import a_provider

from countersign.core.questions import Answers, AskObject, AskPreview, AskReference, Question
from countersign.model.facts import Absent, Present, Previewed


class EmptyWorld(World):
    """Whatever is asked for is not there and can be made; whatever is only named is there."""

    def answer(self, questions: tuple[Question, ...]) -> Answers:
        return {question: self._said(question) for question in questions}

    def _said(self, question: Question) -> Any:
        match question:
            case AskObject():
                return Absent()
            case AskReference():
                return Present("uid")
            case AskPreview(effect=effect):
                return Previewed(base=None, live=None, result=dict(effect.fields))
            case _:
                return super()._answer(question)


def _tool(host: str, **spec: Any) -> dict[str, Any]:
    return {"spec": {"connection": {"baseUrl": f"https://{host}.example.com"}, **spec}}


VARIANTS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("tool.upsert", "name", _tool("plain")),
    ("tool.upsert", "name", _tool("people", riskTags=["pii"])),
    ("model_provider.upsert", "name", a_provider()),
    ("policy.upsert", "name", a_policy(a_rule("deny"))),
    ("policy.upsert", "name", a_policy(a_rule())),
    ("policy.upsert", "name", a_policy(a_rule(resource="*"))),
    ("deploy_draft.create_or_patch", "id", {"step": "connect"}),
    ("deploy.execute", "agent_name", {"image": IMAGE}),
    ("deploy.execute", "agent_name", {"image": "example.com/agents/support:latest"}),
    ("deploy.execute", "agent_name", {"source_files": {"agent.py": "print('hello')\n"}}),
    ("starter_kit.seed", "", {}),
)
"""Type, the parameter that names the object, and the other parameters."""


def an_action(variant: int, number: int, *, risk: str | None = None) -> dict[str, Any]:
    kind, naming, params = VARIANTS[variant]
    named = {naming: f"object-{number}"} if naming else {}
    raised = {"risk": risk} if risk else {}
    return {
        "id": f"action-{number}",
        "type": kind,
        "idempotencyKey": f"key-{number}",
        "params": {**params, **named},
        **raised,
    }
