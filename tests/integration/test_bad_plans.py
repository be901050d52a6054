"""Twenty kinds of bad plans: each gets a diagnostic with path and remedy, nothing is written, and a good edit heals it."""

import json
from typing import Any

import pytest
from tests.support.identities import APPLY
from tests.support.scene import SECONDS, Scene, a_plan, tool_action
from tests.support.waiting import eventually

from countersign.shell.nesting import shallow

pytestmark = pytest.mark.cluster

Action = dict[str, Any]


def _with(where: str, value: Any) -> Action:
    """A good action with one thing in its spec set."""
    action = tool_action("payments")
    *parents, last = where.split(".")
    inner = action["params"]["spec"]
    for parent in parents:
        inner = inner.setdefault(parent, {})
    inner[last] = value
    return action


def _without(where: str) -> Action:
    action = tool_action("payments")
    *parents, last = where.split(".")
    inner = action["params"]
    for parent in parents:
        inner = inner[parent]
    del inner[last]
    return action


BAD: dict[str, tuple[list[Action], str, str, str]] = {
    "an action type that does not exist": (
        [tool_action("payments") | {"type": "shell.run"}],
        "Structural.UnknownType",
        "spec.actions[0].type",
        "use one of",
    ),
    "no name": ([_without("name")], "Structural.InvalidParams", "spec.actions[0].params.name", "is required"),
    "no address": (
        [_without("spec.connection.baseUrl")],
        "Structural.InvalidParams",
        "spec.actions[0].params.spec.connection.baseUrl",
        "is required",
    ),
    "a misspelled field": (
        [_with("connectionn", {})],
        "Structural.UnknownField",
        "spec.actions[0].params.spec.connectionn",
        "did you mean connection?",
    ),
    "a field of an older document": (
        [_with("authType", "ApiKey")],
        "Structural.UnknownField",
        "spec.actions[0].params.spec.authType",
        "connection.authentication.type",
    ),
    "a port as text": (
        [_with("connection.port", "443")],
        "Structural.InvalidParams",
        "spec.actions[0].params.spec.connection.port",
        "whole number",
    ),
    "an unknown topology": (
        [_with("connection.topology", "Sideways")],
        "Structural.InvalidParams",
        "spec.actions[0].params.spec.connection.topology",
        "must be one of",
    ),
    "an unknown access mode": (
        [_with("governance.accessControl.mode", "Ajar")],
        "Structural.InvalidParams",
        "spec.actions[0].params.spec.governance.accessControl.mode",
        "must be one of",
    ),
    "plain http to outside": (
        [_with("connection.baseUrl", "http://payments.example.com")],
        "Structural.UnsafeAddress",
        "spec.actions[0].params.spec.connection.baseUrl",
        "https",
    ),
    "a loopback address in disguise": (
        [_with("connection.baseUrl", "https://2130706433/")],
        "Structural.UnsafeAddress",
        "spec.actions[0].params.spec.connection.baseUrl",
        "",
    ),
    "the metadata service": (
        [_with("connection.baseUrl", "https://169.254.169.254/latest")],
        "Structural.UnsafeAddress",
        "spec.actions[0].params.spec.connection.baseUrl",
        "",
    ),
    "a password in the address": (
        [_with("connection.baseUrl", "https://user:hunter2@payments.example.com")],
        "Structural.UnsafeAddress",
        "spec.actions[0].params.spec.connection.baseUrl",
        "",
    ),
    "a credential in a description": (
        [_with("description", "token ghp_0123456789abcdefghijABCDEFGHIJ012345")],
        "Structural.CredentialInPlan",
        "spec.actions[0].params.spec.description",
        "Secret",
    ),
    "OAuth2 without its settings": (
        [_with("connection.authentication", {"type": "OAuth2"})],
        "Structural.InvalidParams",
        "spec.actions[0].params.spec.connection.authentication",
        "",
    ),
    "two actions with one id": (
        [tool_action("payments"), tool_action("refunds") | {"id": "payments"}],
        "Structural.DuplicateId",
        "spec.actions[1].id",
        "give each action its own id",
    ),
    "two intents with one key": (
        [tool_action("payments", key="k"), tool_action("refunds", key="k")],
        "Structural.DuplicateIdempotencyKey",
        "spec.actions[1].idempotencyKey",
        "give each intent its own key",
    ),
    "a key of blanks": (
        [tool_action("payments", key="   ")],
        "Structural.BlankIdempotencyKey",
        "spec.actions[0].idempotencyKey",
        "name the intent",
    ),
    "two actions on one object": (
        [
            tool_action("payments"),
            tool_action("payments", key="other") | {"id": "other"},
            tool_action("third") | {"dependsOn": ["payments"]},
        ],
        "Coherence.SameObject",
        "spec.actions[1]",
        "add payments to dependsOn",
    ),
    "a number that JSON cannot carry": (
        [_with("connection.port", 2**60)],
        "Structural.UnsafeInteger",
        "spec.actions[0].params.spec.connection.port",
        "2^53",
    ),
    "params missing altogether": (
        [{"id": "x", "type": "tool.upsert", "idempotencyKey": "x"}],
        "Structural.InvalidParams",
        "spec.actions[0].params.name",
        "is required",
    ),
}


@pytest.mark.parametrize(("actions", "code", "path", "remedy"), BAD.values(), ids=BAD.keys())
def test_bad_plan(scene: Scene, actions: list[Action], code: str, path: str, remedy: str):
    """It is told what is wrong and where, nothing is written, and a good edit heals it."""
    assert scene.submit(a_plan("bad", *actions)).ok
    plan = scene.until("bad", "Invalid")
    found = plan["status"]["validation"]["diagnostics"]
    assert any(
        item["code"] == code and item["path"].startswith(path) and remedy in item["message"] for item in found
    ), found
    assert "hunter2" not in str(plan["status"])
    assert "digest" not in plan["status"]
    assert scene.admin.get(scene.path(plural="tools")).body["items"] == []
    assert scene.submit(a_plan("bad", tool_action("payments"))).ok
    assert scene.until("bad", "AwaitingApproval")["status"]["validation"]["valid"]


def test_account_that_plans_may_not_use(scene: Scene):
    """A plan runs only as one of the accounts that the installation allows."""
    scene.submit(a_plan("default", serviceAccountName="default"))
    plan = scene.until("default", "Invalid")
    finding = plan["status"]["validation"]["diagnostics"][0]
    assert (finding["code"], finding["path"]) == ("Access.AccountNotAllowed", "spec.serviceAccountName")
    assert "countersign-executor" in finding["message"]


def test_right_that_is_missing(scene: Scene):
    """A missing right comes back as the command that grants it, and granting it heals the plan by itself."""
    binding = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{scene.namespace}/rolebindings/countersign-executor"
    kept = scene.admin.get(binding).body
    assert scene.admin.delete(binding).ok
    scene.submit(a_plan("powerless"))
    plan = scene.until("powerless", "Invalid")
    finding = plan["status"]["validation"]["diagnostics"][0]
    assert finding["code"] == "Access.Forbidden"
    assert "kubectl create rolebinding countersign-executor" in finding["message"]
    del kept["metadata"]["resourceVersion"], kept["metadata"]["uid"], kept["metadata"]["managedFields"]
    assert scene.admin.create(binding.rpartition("/")[0], kept).ok
    scene.until("powerless", "AwaitingApproval", seconds=30)


def test_account_that_is_missing(scene: Scene):
    """Without the executor nothing can be previewed; the remedy is named, and creating it heals the plan by itself."""
    account = f"/api/v1/namespaces/{scene.namespace}/serviceaccounts"
    assert scene.admin.delete(f"{account}/countersign-executor").ok
    scene.submit(a_plan("nobody"))
    plan = scene.until("nobody", "Invalid")
    finding = plan["status"]["validation"]["diagnostics"][0]
    assert finding["code"] == "Access.AccountMissing"
    assert f"kubectl countersign init -n {scene.namespace}" in finding["message"]
    made = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "countersign-executor"}}
    assert scene.admin.create(account, made).ok
    scene.until("nobody", "AwaitingApproval", seconds=30)


def test_oversized_plan(scene: Scene):
    """A spec beyond 256 KiB is refused with its size, and the operator goes on."""
    long = [tool_action(f"tool-{number}", description="x" * 1000) for number in range(190)]
    padded = [action | {"params": action["params"] | {"padding": "y" * 1500}} for action in long]
    assert scene.submit(a_plan("huge", *padded)).ok
    plan = scene.until("huge", "Oversized")
    finding = plan["status"]["validation"]["diagnostics"][0]
    assert finding["code"] == "Structural.Oversized"
    assert "split the plan" in finding["message"]


def test_field_of_another_manager(scene: Scene):
    """A field that somebody else owns is a finding that names field and owner, and is not overwritten."""
    tool = {
        "apiVersion": "countersign.dev/v1alpha1",
        "kind": "Tool",
        "metadata": {"name": "payments"},
        "spec": {"description": "theirs", "connection": {"baseUrl": "https://payments.example.com"}},
    }
    assert scene.admin.apply(scene.path("payments", plural="tools"), tool, fieldManager="their-gitops").ok
    scene.submit(a_plan("ours", tool_action("payments", description="ours")))
    plan = scene.until("ours", "Invalid")
    finding = plan["status"]["validation"]["diagnostics"][0]
    assert finding["code"] == "Coherence.OwnedByOther"
    assert "spec.description (by their-gitops)" in finding["message"]
    assert scene.tool("payments")["spec"]["description"] == "theirs"


def test_protected_object(scene: Scene):
    """An object labelled as protected is left alone."""
    scene.approved(a_plan("make", tool_action("payments", description="old")))
    label = {"metadata": {"labels": {"countersign.dev/protected": "true"}}}
    assert scene.admin.merge(scene.path("payments", plural="tools"), label).ok
    scene.submit(a_plan("touch", tool_action("payments", key="touch", description="new")))
    plan = scene.until("touch", "Invalid")
    assert plan["status"]["validation"]["diagnostics"][0]["code"] == "Protection.ObjectProtected"


def test_secret_that_nobody_may_see(scene: Scene):
    """A named Secret that the executor may not look at is a warning, not a silent pass and not an obstacle."""
    authentication = {
        "type": "APIKey",
        "apiKeyConfig": {"in": "Header", "name": "X-Key", "secretRef": {"name": "payments-key"}},
    }
    action = tool_action("payments")
    action["params"]["spec"]["connection"]["authentication"] = authentication
    scene.submit(a_plan("secretive", action))
    plan = scene.until("secretive", "AwaitingApproval")
    finding = plan["status"]["validation"]["diagnostics"][0]
    assert (finding["code"], finding["severity"]) == ("References.NotVerified", "warning")


@pytest.mark.parametrize("levels", [70, 900, 9900])
def test_nested_too_deeply(scene: Scene, levels: int):
    """However deep a plan is that the API server stores: it is told so, and the plans of others go on."""
    path, deep = scene.path("deep"), '{"a":' * levels + "1" + "}" * levels
    text = json.dumps(a_plan("deep", context="DEEP")).replace('"DEEP"', deep)
    proposer = scene.proposer
    headers = {"Content-Type": APPLY}
    made = proposer.pool.request("PATCH", f"{proposer.url}{path}?fieldManager=tests", body=text, headers=headers)
    try:
        assert made.status == 201, made.data[:500]
        scene.submit(a_plan("after"))
        scene.until("after", "AwaitingApproval")
        assert eventually(lambda: _shallow(scene, path)["status"].get("reason") == "Invalid", within=SECONDS)
        (diagnostic,) = _shallow(scene, path)["status"]["validation"]["diagnostics"]
        assert diagnostic["code"] == "Structural.InvalidSpec"
        assert diagnostic["path"].startswith("spec.context.a.a")
        assert diagnostic["message"] == "the spec is nested more than 64 levels deep: make it flatter"
    finally:
        assert proposer.pool.request("DELETE", proposer.url + path).status == 200


def _shallow(scene: Scene, path: str) -> dict[str, Any]:
    """As far as Python can read it."""
    return json.loads(shallow(scene.admin.pool.request("GET", scene.admin.url + path).data))
