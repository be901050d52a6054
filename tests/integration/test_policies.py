"""Approval policies on the real API server: when plans may start, and what a change of the rules does to those that wait."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml
from tests.support.own import own_cluster
from tests.support.policies import HUMAN
from tests.support.rules import POLICIES, Rules, waiting
from tests.support.scene import Scene, a_plan
from tests.support.waiting import eventually

from countersign.generate import ROOT


def _freeze(**spec: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    moments = {"starts": now - timedelta(minutes=1), "ends": now + timedelta(hours=1)}
    return {"name": "release", **{key: value.strftime("%Y-%m-%dT%H:%M:%SZ") for key, value in moments.items()}, **spec}


def test_freeze(scene: Scene, rules: Rules):
    """What is approved during a freeze starts when it is lifted, with the same digest."""
    rules.put(freezes=[_freeze()])
    scene.submit(a_plan("p"))
    digest = scene.until("p", "Frozen")["status"]["digest"]
    assert scene.decide("p", "approve").ok
    plan = scene.until_true("p", lambda plan: plan["status"]["phase"] == "Approved")
    assert (plan["status"]["reason"], scene.has_tool("payments")) == ("Frozen", False)
    rules.put(freezes=[])
    assert scene.until("p", "Succeeded")["status"]["execution"]["digest"] == digest


def test_blocked(scene: Scene, rules: Rules):
    """A level that no policy opens is blocked, and opens as soon as the policy does."""
    rules.put(byRisk={"low": "auto"})
    scene.submit(a_plan("p"))
    assert "digest" not in scene.until("p", "Blocked")["status"]
    rules.put(byRisk={"low": "auto", "medium": "auto"}, labels={"Executed": "Shipped"})
    assert scene.until("p", "Succeeded")["status"]["label"] == "Shipped"


def test_break_glass(scene: Scene, rules: Rules):
    """Somebody of the second group opens what is blocked, besides the approval of somebody else, and everybody sees it."""
    rules.put(byRisk={"low": "auto"}, breakGlass={"groups": ["oncall"]})
    scene.submit(a_plan("p"))
    assert "break-glass" in scene.until("p", "Blocked")["status"]["message"]
    oncall = scene.admin.acting_as("olga", "oncall", "countersign:approvers")
    assert scene.decide("p", "approve", by=oncall, comment="break-glass: payments are down").ok
    plan = scene.until_true("p", lambda plan: plan["status"]["approval"]["progress"] == "1/1")
    assert "(0 did)" in plan["status"]["message"]
    assert not scene.has_tool("payments")
    assert scene.decide("p", "approve").ok
    plan = scene.until("p", "Succeeded")
    assert plan["status"]["approval"]["counted"] == ["approver"]
    broken = next(one for one in plan["status"]["conditions"] if one["type"] == "BreakGlass")
    assert (broken["status"], "olga" in broken["message"]) == ("True", True)
    events = f"/apis/events.k8s.io/v1/namespaces/{scene.namespace}/events"
    assert eventually(lambda: any(one["reason"] == "BreakGlass" for one in scene.admin.get(events).body["items"]))


def test_change_of_the_rules(scene: Scene, rules: Rules):
    """A stricter policy voids approvals that were given under the old one; a cosmetic change voids nothing."""
    rules.put(description="one", approvers={"groups": ["countersign:approvers", "leads"]})
    digest = waiting(scene, suspend=True)["status"]["digest"]
    assert scene.decide("p", "approve").ok
    scene.until("p", "Suspended")
    rules.put(
        description="another", approvers={"groups": ["leads", "countersign:approvers"]}, labels={"Approved": "Go"}
    )
    plan = scene.until_true("p", lambda plan: plan["status"].get("label") == "Go")
    assert (plan["status"]["digest"], plan["status"]["reason"]) == (digest, "Suspended")
    rules.put("second", quorum={"medium": 2})
    plan = scene.until("p", "PreviewChanged", "AwaitingApproval")
    assert (plan["status"]["publication"], plan["status"]["approval"]["progress"]) == (2, "0/2")


def test_protected_namespace(scene: Scene, rules: Rules):
    """The label on the namespace raises the risk of plans that already wait there."""
    rules.put(byRisk={**HUMAN, "high": "blocked"})
    waiting(scene)
    label = {"metadata": {"labels": {"countersign.dev/protected": ""}}}
    assert scene.admin.merge(f"/api/v1/namespaces/{scene.namespace}", label).ok
    plan = scene.until("p", "Blocked")
    assert plan["status"]["maxRisk"] == "high"


@pytest.fixture
def apart(tmp_path_factory) -> Iterator[Scene]:
    """On a control plane of its own: what blocks everything blocks the plans of other tests, too."""
    with own_cluster(tmp_path_factory.mktemp("unreadable")) as own:
        yield from own.scene()


def test_unreadable_policy_blocks(apart: Scene):
    """A policy that nobody can make sense of blocks every plan, until somebody corrects it."""
    scene, rules = apart, Rules(apart)
    waiting(scene)
    rules.put("odd", freezes=[_freeze(name="a", ends="next week")])
    plan = scene.until("p", "Blocked")
    assert "cannot be read" in plan["status"]["message"]
    rules.remove()
    scene.until("p", "AwaitingApproval")


def test_types_and_hosts(scene: Scene, rules: Rules):
    """What a policy does not allow is a finding that names the policy."""
    rules.put(
        actions={"deny": ["tool.*"]}, egress={"allowedHosts": ["*.internal.example"]}, budgets={"maxDuration": "1m"}
    )
    scene.submit(a_plan("p"))
    codes = {one["code"] for one in scene.until("p", "Invalid")["status"]["validation"]["diagnostics"]}
    assert codes == {"Capabilities.TypeNotAllowed", "Capabilities.HostNotAllowed", "Budget.TooLong"}


def test_sample(scene: Scene):
    """The sample is accepted as it stands."""
    sample = yaml.safe_load((ROOT / "manifests/samples/policies/production.yaml").read_text())
    answer = scene.admin.apply(f"{POLICIES}/production", sample, dryRun="All")
    assert answer.ok, answer.message


def test_server_refuses_half_a_freeze(rules: Rules):
    """The schema says at once what the operator would call unreadable."""
    refused = rules.write("half", freezes=[{"name": "x", "starts": "2030-12-20T00:00:00Z"}])
    assert "either starts and ends, or schedule and duration" in refused.message
