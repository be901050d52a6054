"""What tests of the core share."""

import pytest
from tests.support.action_types import ToolCopy, ToolSet
from tests.support.counting import Counting

from countersign.actions import ACTIONS


@pytest.fixture
def copying(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plans may copy tools."""
    monkeypatch.setitem(ACTIONS, ToolCopy.type, ToolCopy())


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plans may make calls."""
    monkeypatch.setitem(ACTIONS, Counting.type, Counting())


@pytest.fixture
def sets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plans may make several tools in one action."""
    monkeypatch.setitem(ACTIONS, ToolSet.type, ToolSet())
