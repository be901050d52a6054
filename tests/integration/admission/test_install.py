"""The generated manifests as the real API server sees them: stored as generated, and granting what they say and no more."""

import pytest
from tests.support.identities import Identity, path_of
from tests.support.world import INSTALL, a_preview

from countersign.generate import install_manifests

pytestmark = pytest.mark.cluster

SPECIFIED = {
    f"{manifest['kind']} {manifest['metadata']['name']}": manifest
    for manifest in install_manifests(INSTALL)
    if "spec" in manifest
}


@pytest.mark.parametrize("manifest", SPECIFIED.values(), ids=SPECIFIED.keys())
def test_what_is_stored_is_what_was_generated(installed, manifest):
    """The server adds nothing, so that the guard can compare."""
    live = installed.get(path_of(manifest)).body

    assert live["spec"] == manifest["spec"]
    assert manifest["metadata"]["labels"].items() <= live["metadata"]["labels"].items()


@pytest.mark.parametrize("name", [name for name in SPECIFIED if name.startswith("ValidatingAdmissionPolicy ")])
def test_the_type_checker_has_no_complaint(installed, name, until):
    """The controller manager checks each expression against the schemas of the kinds it is about."""
    path = path_of(SPECIFIED[name])

    until(lambda: installed.get(path).body["status"].get("observedGeneration", 0) > 0)

    assert installed.get(path).body["status"].get("typeChecking", {}) == {}


def test_an_unseen_plan_is_not_current(world):
    """Before the operator has seen it, status says so; tools that wait for readiness then wait."""
    world.submit()

    assert world.read()["status"] == {"observedGeneration": -1}


def test_plans_can_be_selected_by_their_verdict(world):
    """By phase, reason and risk."""
    for name, risk in (("a", "low"), ("b", "high")):
        world.submit(name)
        world.report(name, phase="Draft", reason="Blocked", maxRisk=risk)

    for selector, names in (
        ("status.maxRisk=high", ["b"]),
        ("status.phase=Draft", ["a", "b"]),
        ("status.reason=Blocked,status.maxRisk=low", ["a"]),
    ):
        found = world.viewer.request("GET", world.plans, fieldSelector=selector).body["items"]
        assert [plan["metadata"]["name"] for plan in found] == names


def test_a_list_of_plans_shows_what_matters(world):
    """The columns of kubectl get."""
    world.submit()
    world.report(phase="Draft", reason="AwaitingApproval", maxRisk="high", approval={"progress": "1/2"}, progress="3/6")

    table = world.viewer.request("GET", world.plans, accept="application/json;as=Table;v=v1;g=meta.k8s.io").body

    columns = [column["name"] for column in table["columnDefinitions"] if column["priority"] == 0]
    assert columns == ["Name", "Phase", "Reason", "Risk", "Approvals", "Progress", "Age"]
    assert table["rows"][0]["cells"][:6] == ["p", "Draft", "AwaitingApproval", "high", "1/2", "3/6"]


def allowed(admin: Identity, user: str, verb: str, resource: str, *groups: str, **where: str) -> bool:
    """What RBAC says; `resource` is group/plural/subresource, or plural for the core group."""
    group, plural, sub = (["", resource, ""] if "/" not in resource else [*resource.split("/"), ""])[:3]
    asked = {"verb": verb, "group": group, "resource": plural, "subresource": sub, "namespace": "tenants", **where}
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {"user": user, "groups": list(groups), "resourceAttributes": asked},
    }
    return admin.create("/apis/authorization.k8s.io/v1/subjectaccessreviews", review).body["status"]["allowed"]


G = "countersign.dev"


@pytest.mark.parametrize(
    ("group", "verbs", "resource"),
    [
        ("proposers", "create get list watch patch update delete", f"{G}/plans"),
        ("proposers", "get list watch", f"{G}/tools"),
        ("approvers", "get list watch patch approve", f"{G}/plans"),
        ("approvers", "get list watch", f"{G}/planpreviews"),
        ("viewers", "get list watch", f"{G}/plans"),
        ("viewers", "get list watch", f"{G}/tools"),
    ],
)
def test_roles_grant(installed, group, verbs, resource):
    """What each role is for."""
    assert all(allowed(installed, "x", verb, resource, group) for verb in verbs.split())


@pytest.mark.parametrize(
    ("group", "verbs", "resource"),
    [
        ("proposers", "approve deletecollection", f"{G}/plans"),
        ("proposers", "get list create", f"{G}/planpreviews"),
        ("proposers", "create patch update delete", f"{G}/tools"),
        ("proposers", "get patch update", f"{G}/plans/status"),
        ("approvers", "create update delete", f"{G}/plans"),
        ("approvers", "patch update", f"{G}/plans/status"),
        ("approvers", "create patch delete", f"{G}/planpreviews"),
        ("approvers", "get patch", f"{G}/tools"),
        ("viewers", "patch create delete approve", f"{G}/plans"),
        ("viewers", "get", f"{G}/planpreviews"),
    ],
)
def test_roles_do_not_grant(installed, group, verbs, resource):
    """Nobody proposes and approves, and nobody writes what plans write."""
    assert not any(allowed(installed, "x", verb, resource, group) for verb in verbs.split())


@pytest.mark.parametrize(
    ("verbs", "resource"),
    [
        ("create update patch approve", f"{G}/plans"),
        ("create update patch delete", f"{G}/tools"),
        ("update patch", f"{G}/planpreviews"),
        ("update create", f"{G}/plans/status"),
        ("get list create patch", "secrets"),
        ("create update patch delete list", "serviceaccounts"),
        ("impersonate", "users"),
        ("impersonate", "groups"),
        ("impersonate", "serviceaccounts"),
        ("create patch update", "apps/deployments"),
        ("create patch update delete", "admissionregistration.k8s.io/validatingadmissionpolicies"),
        ("create patch update delete", "rbac.authorization.k8s.io/rolebindings"),
    ],
)
def test_the_operator_has_no_other_rights(installed, verbs, resource):
    """A stolen operator neither approves nor edits, and writes nothing that plans write."""
    assert not any(allowed(installed, INSTALL.operator, verb, resource) for verb in verbs.split())


def test_the_operator_keeps_house_in_its_own_namespace_only(world):
    """Server-side apply creates its three objects by name; no other name, no other namespace, not by POST."""
    own = f"/api/v1/namespaces/{INSTALL.namespace}"
    lease = f"/apis/coordination.k8s.io/v1/namespaces/{INSTALL.namespace}/leases"
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "countersign-key"}}
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "countersign-guard"}}
    held = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "countersign-operator"}}
    allowed_ones = [
        world.operator.apply(f"{own}/secrets/countersign-key", secret, dryRun="All"),
        world.operator.apply(f"{own}/configmaps/countersign-guard", config, dryRun="All"),
        world.operator.apply(f"{lease}/countersign-operator", held, dryRun="All"),
    ]
    refused = [
        world.operator.apply(f"{own}/secrets/other", {**secret, "metadata": {"name": "other"}}),
        world.operator.apply(f"/api/v1/namespaces/{world.namespace}/secrets/countersign-key", secret),
        world.operator.create(f"{own}/secrets", secret),
        world.operator.get(f"{own}/secrets"),
    ]

    assert [answer.code for answer in allowed_ones] == [201] * 3
    assert [answer.code for answer in refused] == [403] * 4


def test_approvers_read_previews_and_proposers_do_not(world):
    """The full difference is for who decides about it."""
    world.operator.create(world.all_of("planpreviews"), a_preview())

    assert world.approver.get(f"{world.all_of('planpreviews')}/v").ok
    assert world.proposer.get(f"{world.all_of('planpreviews')}/v").code == 403
