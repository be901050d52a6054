"""The guard: without the admission policies nothing starts, and what was admitted meanwhile does not count."""

import json
import time

import pytest
from tests.support.identities import Answer, path_of
from tests.support.own import Own, own_cluster
from tests.support.scene import Scene, a_plan

from countersign.api.admission import admission
from countersign.api.install import Install

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(180)]

POLICIES = {f"{manifest['kind']} {manifest['metadata']['name']}": manifest for manifest in admission(Install())}


@pytest.fixture(scope="module")
def own(tmp_path_factory, control_plane):
    with own_cluster(tmp_path_factory.mktemp("guard")) as found:
        yield found


@pytest.fixture
def scene(own: Own):
    yield from own.scene()


def _waiting(scene: Scene, name: str) -> str:
    scene.submit(a_plan(name))
    return scene.until(name, "AwaitingApproval")["status"]["digest"]


def _approved_but_suspended(scene: Scene, name: str) -> None:
    scene.submit(a_plan(name, suspend=True))
    scene.until(name, "AwaitingApproval")
    assert scene.decide(name, "approve").ok
    scene.until(name, "Suspended")


@pytest.mark.parametrize("manifest", POLICIES.values(), ids=POLICIES.keys())
def test_missing_policy(own: Own, scene: Scene, manifest):
    """Without any one of the policies or bindings an approved plan does not start; with it back, it does."""
    _approved_but_suspended(scene, "held")
    with own.without(manifest):
        plan = scene.until("held", "GuardMissing")
        assert f"{manifest['kind']} {manifest['metadata']['name']} is missing" in plan["status"]["message"]
        assert not scene.has_tool("payments")
    scene.until("held", "Suspended")
    assert scene.edit("held", suspend=False).ok
    scene.until("held", "Succeeded")


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("ValidatingAdmissionPolicyBinding countersign-decisions", {"spec": {"validationActions": ["Audit"]}}),
        ("ValidatingAdmissionPolicy countersign-status", {"spec": {"failurePolicy": "Ignore"}}),
        (
            "ValidatingAdmissionPolicyBinding countersign-executor",
            {"spec": {"matchResources": {"namespaceSelector": {"matchLabels": {"nowhere": "yes"}}}}},
        ),
    ],
    ids=["a binding that only audits", "a policy that fails open", "a binding that matches nowhere"],
)
def test_weakened_policy(own: Own, scene: Scene, name: str, change):
    """A policy that says something else than what was installed is as bad as none."""
    _waiting(scene, "wary")
    admin, manifest = own.people["admin"], POLICIES[name]
    assert admin.merge(path_of(manifest), change).ok
    try:
        plan = scene.until("wary", "GuardMissing")
        assert f"{name} is not as it was installed" in plan["status"]["message"]
    finally:
        assert admin.delete(path_of(manifest)).ok
        assert admin.apply(path_of(manifest), manifest, fieldManager="countersign-install").ok
    scene.until("wary", "AwaitingApproval")


def _strangers() -> dict:
    head = {"apiVersion": "admissionregistration.k8s.io/v1", "metadata": {"name": "stranger"}}
    rule = {"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["CREATE"], "resources": ["*"], "scope": "*"}
    webhook = {
        "name": "stranger.example.com",
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
        "failurePolicy": "Ignore",
        "timeoutSeconds": 1,
        "clientConfig": {"url": "https://127.0.0.1:1/"},
        "rules": [rule],
        "namespaceSelector": {"matchLabels": {"nowhere": "yes"}},
    }
    patch = "[JSONPatch{op: 'add', path: '/metadata/annotations/x', value: 'x'}]"
    spec = {
        "failurePolicy": "Fail",
        "reinvocationPolicy": "Never",
        "matchConstraints": {"resourceRules": [{**rule, "apiGroups": ["countersign.dev"], "resources": ["plans"]}]},
        "mutations": [{"patchType": "JSONPatch", "jsonPatch": {"expression": patch}}],
    }
    return {
        "a webhook": {**head, "kind": "MutatingWebhookConfiguration", "webhooks": [webhook]},
        "a policy": {**head, "kind": "MutatingAdmissionPolicy", "spec": spec},
    }


@pytest.mark.parametrize("stranger", _strangers().values(), ids=_strangers().keys())
def test_somebody_else_may_change_plans(own: Own, scene: Scene, stranger):
    """While a foreign webhook or policy matches plans nothing starts, and the message says whose it is."""
    _approved_but_suspended(scene, "wary")
    admin = own.people["admin"]
    made = admin.apply(path_of(stranger), stranger)
    assert made.ok, made.message
    try:
        plan = scene.until("wary", "GuardMissing")
        assert f"{stranger['kind']} stranger may change plans" in plan["status"]["message"]
    finally:
        assert admin.delete(path_of(stranger)).ok
    scene.until("wary", "Suspended")


def _two_bindings() -> list:
    names = (
        "MutatingAdmissionPolicyBinding countersign-stamp",
        "ValidatingAdmissionPolicyBinding countersign-decisions",
    )
    return [POLICIES[name] for name in names]


def test_decision_of_a_lapse(own: Own, scene: Scene):
    """A decision that was forged while the policies were gone is recorded as not counting, and starts nothing."""
    digest = _waiting(scene, "forged")
    stamp, decisions = _two_bindings()
    with own.without(stamp), own.without(decisions):
        scene.until("forged", "GuardMissing")
        _until_forged(scene, digest)
    plan = scene.until_true("forged", lambda plan: plan["status"]["approval"].get("decisions"))
    decision = plan["status"]["approval"]["decisions"][0]
    assert decision["counts"] is False
    assert "not in place" in decision["why"]
    plan = scene.until("forged", "AwaitingApproval")
    assert not scene.has_tool("payments")
    assert scene.decide("forged", "approve").ok
    scene.until("forged", "Succeeded")


def _until_forged(scene: Scene, digest: str) -> None:
    """Policies stop biting a moment after they are gone."""
    for _ in range(100):
        version = scene.plan("forged")["metadata"]["resourceVersion"]
        record = {"n": version, "outcome": "approve", "quotes": digest, "by": "approver", "groups": []}
        text = json.dumps(record, separators=(",", ":"))
        scene.proposer.merge(scene.path("forged"), {"metadata": {"annotations": {"countersign.dev/decision": text}}})
        if scene.plan("forged")["metadata"]["annotations"].get("countersign.dev/decision") == text:
            return
    pytest.fail("the forgery never got through")


def test_the_checks_stand_alone(own: Own, scene: Scene):
    """While only the stamp is gone nobody decides in another's name and nobody hides that he wrote a plan: the check refuses.

    So before a start it is enough to read again whether the checks stand.
    """
    digest = _waiting(scene, "alone")
    path, (stamp, _) = scene.path("alone"), _two_bindings()
    with own.without(stamp):
        plan = scene.until("alone", "GuardMissing")
        _until_unstamped(scene, "alone", digest)
        for who, by in ((scene.proposer, "approver"), (scene.approver, "approver2"), (scene.second, "approver")):
            record = {"n": plan["metadata"]["resourceVersion"], "outcome": "approve", "quotes": digest, "by": by}
            text = json.dumps({**record, "groups": ["countersign:approvers"]}, separators=(",", ":"))
            _refused(who.merge(path, {"metadata": {"annotations": {"countersign.dev/decision": text}}}))
        for authors in ({}, {"countersign.dev/authors": '"proposer"'}, {"countersign.dev/authors": '"somebody else"'}):
            edit = {"metadata": {"annotations": authors}, "spec": {"description": "new"}}
            _refused(own.people["both"].merge(path, edit))
            ghost = a_plan("ghost")
            ghost["metadata"]["annotations"] = authors
            _refused(scene.submit(ghost, by=own.people["both"]))
    annotations = scene.until("alone", "AwaitingApproval")["metadata"]["annotations"]
    assert set(annotations) & {"countersign.dev/decision", "countersign.dev/authors"} == {"countersign.dev/authors"}


def _refused(answer: Answer) -> None:
    assert "ValidatingAdmissionPolicy 'countersign-decisions'" in answer.message


def _until_unstamped(scene: Scene, name: str, digest: str) -> None:
    """The stamp stops working a moment after its binding is gone."""
    command = {"metadata": {"annotations": {"countersign.dev/approve": digest}}}
    for _ in range(200):
        if "could not be stamped" in scene.approver.merge(scene.path(name), command, dryRun="All").message:
            return
        time.sleep(0.05)
    pytest.fail("the stamp works without its binding")


def test_edit_of_a_lapse(own: Own, scene: Scene):
    """A plan that was edited while nobody noted the author cannot be approved; submitted again it can."""
    _waiting(scene, "edited")
    stamp, decisions = _two_bindings()
    with own.without(stamp), own.without(decisions):
        scene.until("edited", "GuardMissing")
        scene.edit("edited", description="who wrote this?")
    plan = scene.until_true("edited", lambda plan: "unknown author" in plan["status"]["approval"]["authors"])
    assert plan["status"]["reason"] == "GuardMissing"
    assert "submit it again" in plan["status"]["message"]
    assert scene.decide("edited", "approve").ok
    scene.until_true("edited", lambda plan: plan["status"]["approval"].get("decisions"))
    assert not scene.has_tool("payments")
    assert scene.proposer.delete(scene.path("edited")).ok
    _waiting(scene, "edited")


def test_lapse_while_the_operator_was_down(own: Own, scene: Scene):
    """A lapse that came and went while no operator ran is noticed at the next start."""
    digest = _waiting(scene, "forged")
    own.kill_operator()
    stamp, decisions = _two_bindings()
    with own.without(stamp), own.without(decisions):
        _until_forged(scene, digest)
    own.start_operator()
    plan = scene.until_true("forged", lambda plan: plan["status"]["approval"].get("decisions"))
    assert plan["status"]["approval"]["decisions"][0]["counts"] is False
    assert not scene.has_tool("payments")
