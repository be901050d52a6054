"""The registry: every action type a plan may ask for."""

from typing import Any

from countersign.actions.base import ActionType
from countersign.actions.deploy_draft import DeployDraftCreateOrPatch
from countersign.actions.deploy_execute import DeployExecute
from countersign.actions.model_provider import ModelProviderUpsert
from countersign.actions.policy import PolicyUpsert
from countersign.actions.starter_kit import StarterKitSeed
from countersign.actions.tool import ToolUpsert

_TYPES = (
    ToolUpsert(),
    ModelProviderUpsert(),
    PolicyUpsert(),
    DeployDraftCreateOrPatch(),
    DeployExecute(),
    StarterKitSeed(),
)

ACTIONS: dict[str, ActionType[Any]] = {action.type: action for action in _TYPES}
