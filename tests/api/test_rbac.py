"""The roles: exactly what each is for, and what none may ever hold."""

from collections.abc import Iterator
from typing import Any

from countersign.actions import ACTIONS
from countersign.api.install import Install
from countersign.api.rbac import accounts, bindings, cluster_roles, kinds_written, namespace, rbac, roles, rules_for
from countersign.api.resources import OBSERVED
from countersign.model.effect import SECRET, TOOL

INSTALL = Install(namespace="ns", account="op", canary="can", executors=("ex", "another"))
WRITES = {"create", "update", "patch", "delete", "deletecollection"}


def granted(role: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(verb, resource, resourceName or empty) of every rule."""
    for rule in role["rules"]:
        for verb in rule["verbs"]:
            for resource in rule["resources"]:
                for name in rule.get("resourceNames", [""]):
                    yield verb, f"{rule['apiGroups'][0]}/{resource}", name


CLUSTER = {role["metadata"]["name"]: set(granted(role)) for role in cluster_roles(INSTALL)}
OWN = {role["metadata"]["name"]: set(granted(role)) for role in roles(INSTALL)}
OPERATOR = CLUSTER["countersign-operator"]


def verbs(role: set[tuple[str, str, str]], resource: str) -> set[str]:
    return {verb for verb, named, _ in role if named == resource}


def test_no_rule_has_a_wildcard():
    """Not in verbs, resources or groups."""
    assert "*" not in str([role["rules"] for role in (*cluster_roles(INSTALL), *roles(INSTALL))])


def test_the_operator_neither_edits_nor_decides():
    """It may look at plans, remove them and write their status."""
    assert verbs(OPERATOR, "countersign.dev/plans") == {"get", "list", "watch", "delete"}
    assert verbs(OPERATOR, "countersign.dev/plans/status") == {"patch"}


def test_the_operator_writes_the_statuses_of_what_it_observes():
    """And no other part of it."""
    for kind in OBSERVED:
        assert verbs(OPERATOR, f"{kind.group}/{kind.plural}/status") == {"patch"}


def test_the_operator_reads_no_secret():
    """But its own key: Secrets of others are looked for with the rights of the namespace."""
    assert verbs(OPERATOR, "/secrets") == set()
    assert {name for _, resource, name in OWN["countersign-operator"] if resource == "/secrets"} == {"countersign-key"}


def test_the_operator_sees_no_pod_and_no_deployment():
    """Their environment is nobody's business: why an agent does not start is seen with the rights of its namespace."""
    assert verbs(OPERATOR, "/pods") == set()
    assert verbs(OPERATOR, "apps/deployments") == set()


def test_the_operator_writes_no_target():
    """Whatever kinds action types write, the operator has none of these rights itself."""
    for kind in kinds_written():
        assert not verbs(OPERATOR, f"{kind.group}/{kind.plural}") & WRITES


def test_nobody_is_given_the_rules():
    """Approval policies are written by whoever administers the cluster; the operator reads them."""
    given = [verbs(role, "countersign.dev/approvalpolicies") for role in CLUSTER.values()]
    assert [found for found in given if found] == [{"list", "watch"}]
    assert verbs(OPERATOR, "/namespaces") == {"get", "list", "watch"}


def test_the_operator_acts_only_as_executors():
    """Everywhere as an executor, in its own namespace as the canary too, and with our extra only."""
    roles_everywhere = OPERATOR | CLUSTER["countersign-acting"]
    everywhere = {(resource, name) for verb, resource, name in roles_everywhere if verb == "impersonate"}
    at_home = {(resource, name) for verb, resource, name in OWN["countersign-operator"] if verb == "impersonate"}

    assert everywhere == {
        ("/serviceaccounts", "ex"),
        ("/serviceaccounts", "another"),
        ("authentication.k8s.io/userextras/countersign.dev/plan", ""),
    }
    assert at_home == {("/serviceaccounts", "can")}


def test_the_operators_own_objects_are_named():
    """Key, guard and lease; nothing else of these kinds."""
    names = {(resource, name) for verb, resource, name in OWN["countersign-operator"] if verb != "impersonate"}

    assert names == {
        ("/secrets", "countersign-key"),
        ("/configmaps", "countersign-guard"),
        ("coordination.k8s.io/leases", "countersign-operator"),
    }


def test_the_executor_writes_what_actions_write():
    """Generated from the registry, so a new action type needs no change here."""
    kinds = {f"{kind.group}/{kind.plural}" for action in ACTIONS.values() for kind in action.kinds}
    executor = CLUSTER["countersign-executor"]

    assert {resource for verb, resource, _ in executor if verb == "patch"} == kinds
    assert all(verbs(executor, resource) == {"create", "get", "patch"} for resource in kinds)


def test_the_executor_reads_what_actions_look_at():
    """Only that, the quotas and the pods of agents, and never a Secret."""
    written = {f"{kind.group}/{kind.plural}" for kind in kinds_written()}
    read = {f"{kind.group}/{kind.plural}" for action in ACTIONS.values() for kind in action.read_kinds}
    executor = CLUSTER["countersign-executor"]

    assert {resource for _, resource, _ in executor} == written | read | {"/resourcequotas", "/pods"}
    assert verbs(executor, "/pods") == {"list"}
    assert all(verbs(executor, resource) == {"get"} for resource in read - written)
    assert verbs(executor, "/resourcequotas") == {"list"}
    assert "/secrets" not in read


def test_nobody_both_proposes_and_approves():
    """Two roles, and neither writes a target."""
    proposer, approver = CLUSTER["countersign-proposer"], CLUSTER["countersign-approver"]

    assert "approve" not in verbs(proposer, "countersign.dev/plans")
    assert not verbs(approver, "countersign.dev/plans") & {"create", "update", "delete"}
    assert not verbs(proposer, "countersign.dev/planpreviews")
    assert not {verb for verb, resource, _ in proposer if resource != "countersign.dev/plans"} & WRITES
    assert {verb for verb, _, _ in CLUSTER["countersign-viewer"]} == {"get", "list", "watch"}


def test_only_reading_is_aggregated():
    """The built-in roles never get a right to write from us."""
    aggregated = [
        role["metadata"]["name"] for role in cluster_roles(INSTALL) if "aggregate-to" in str(role["metadata"])
    ]

    assert aggregated == ["countersign-viewer"]


def test_rules_are_grouped_by_api_group():
    """One rule per group, resources in order."""
    assert rules_for([TOOL, SECRET], ["get"]) == [
        {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]},
        {"apiGroups": ["countersign.dev"], "resources": ["tools"], "verbs": ["get"]},
    ]


def test_bindings_are_for_the_accounts_of_the_installation():
    """The drills of the guard run as the canary and as the executors of the operator's namespace."""
    bound = {
        (binding["kind"], binding["roleRef"]["name"]): [
            (subject["namespace"], subject["name"]) for subject in binding["subjects"]
        ]
        for binding in bindings(INSTALL)
    }

    assert bound == {
        ("ClusterRoleBinding", "countersign-operator"): [("ns", "op")],
        ("ClusterRoleBinding", "countersign-acting"): [("ns", "op")],
        ("RoleBinding", "countersign-operator"): [("ns", "op")],
        ("RoleBinding", "countersign-drill-canary"): [("ns", "can")],
        ("RoleBinding", "countersign-drill-executor"): [("ns", "ex"), ("ns", "another")],
    }


def test_accounts_mount_no_token():
    """A pod that needs one asks for it."""
    assert [
        (account["metadata"]["name"], account["automountServiceAccountToken"]) for account in accounts(INSTALL)
    ] == [
        ("op", False),
        ("can", False),
    ]


def test_the_namespace_is_restricted():
    """Pod Security enforces, audits and warns."""
    labels = namespace(INSTALL)["metadata"]["labels"]

    assert {key.rpartition("/")[2]: value for key, value in labels.items() if "pod-security" in key} == {
        "enforce": "restricted",
        "audit": "restricted",
        "warn": "restricted",
    }


def test_everything_carries_the_label():
    """So that the guard can list what belongs together."""
    assert all(each["metadata"]["labels"]["app.kubernetes.io/part-of"] == "countersign" for each in rbac(INSTALL))
