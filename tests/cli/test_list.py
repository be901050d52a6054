"""`list` shows plans, and to approvers those that wait for them."""

import json

import pytest
from tests.support.fake_plans import FakePlans
from tests.support.golden import matches
from tests.support.loaded import loaded_by
from tests.support.plans import a_plan, executed, invalid, waiting
from tests.support.typed import typed

from countersign.errors import Forbidden


@pytest.fixture
def fake():
    return FakePlans().holds(
        a_plan("zebra", status=executed()),
        a_plan("broken", status=invalid()),
        a_plan("new", status={}),
        a_plan("payments", description="Register payments\nand more"),
        a_plan("shown", status=waiting(reason="PreviewChanged"), namespace="other", description="x" * 100),
    )


def test_plans(fake):
    """The columns are those of kubectl; one namespace is shown, sorted by name."""
    result = typed("list", fake=fake)
    assert (result.exit_code, result.stderr) == (0, "")
    assert matches("list", result.stdout)


def test_pending(fake):
    """--pending shows what waits for a decision, with what helps to choose."""
    result = typed("list", "--pending", "-A", fake=fake)
    assert matches("list-pending", result.stdout)
    assert [what for verb, what in fake.calls if verb == "list"] == [
        "status.reason=AwaitingApproval",
        "status.reason=PreviewChanged",
        "status.reason=Frozen,status.phase=Draft",
    ]


def test_nothing(fake):
    """An empty list is told on stderr, so that a script reads nothing."""
    result = typed("list", "-n", "empty", fake=fake)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "There are no plans in namespace empty\n")
    pending = typed("list", "--pending", "-n", "empty", fake=fake)
    assert pending.stderr == "No plan waits for a decision in namespace empty\n"


def test_json(fake):
    """-o json is a List, also of none."""
    listed = json.loads(typed("list", "-A", "-o", "json", fake=fake).stdout)
    assert [plan["metadata"]["name"] for plan in listed["items"]] == ["broken", "new", "payments", "zebra", "shown"]
    assert json.loads(typed("list", "-n", "empty", "-o", "json", fake=fake).stdout)["items"] == []


def test_forbidden(fake):
    """Who may not list plans is told so in one line."""
    fake.refuses["list"] = Forbidden("ann may not list plans", code=403)
    result = typed("list", fake=fake)
    assert (result.exit_code, result.stdout, result.stderr) == (3, "", "Error: ann may not list plans\n")


def test_no_models():
    """A list comes at once because it loads neither the models of plans nor anything of the operator."""
    loaded = loaded_by("countersign.cli.commands.list")
    assert not {"kopf", "aiohttp", "countersign.api.plan_status", "countersign.core.snapshot"} & loaded
