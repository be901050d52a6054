"""The registry: every action type a plan may ask for."""

from typing import Any

from countersign.actions.base import ActionType
from countersign.actions.tool import ToolUpsert

ACTIONS: dict[str, ActionType[Any]] = {action.type: action for action in (ToolUpsert(),)}
