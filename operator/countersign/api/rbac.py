"""Who may do what: the roles for people and tenants, and exactly the rights that the operator uses.

No rule has a wildcard. The operator may not change a Plan, decide about one, or write what plans write: it acts as the
executor of the plan's namespace, which has the rights of that namespace and nothing more.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby

from countersign.actions import ACTIONS
from countersign.api.install import Install
from countersign.api.manifest import JSON, labelled
from countersign.api.names import APPROVAL_POLICY, EPOCH_STORE, EXTRA_PLAN, PLAN, PLAN_PREVIEW
from countersign.api.resources import DOMAIN, OBSERVED
from countersign.model.effect import GROUP, NAMESPACE, POD, RESOURCE_QUOTA, TOOL, ResourceKind

API_VERSION = "rbac.authorization.k8s.io/v1"
WATCH = ("list", "watch")
READ = ("get", *WATCH)

OPERATOR = "countersign-operator"
ACTING = "countersign-acting"
PROPOSER = "countersign-proposer"
APPROVER = "countersign-approver"
VIEWER = "countersign-viewer"
EXECUTOR = "countersign-executor"
DRILL_CANARY = "countersign-drill-canary"
DRILL_EXECUTOR = "countersign-drill-executor"

KEY = "countersign-key"
LEASES = ("countersign-operator",)
"""One for each bucket of plans."""

_SCOPED = ("create", "get", "patch")
_PLANS = (PLAN.plural,)
_PREVIEWS = (PLAN_PREVIEW.plural,)
_POLICY_KINDS = (
    "mutatingwebhookconfigurations",
    "mutatingadmissionpolicies",
    "mutatingadmissionpolicybindings",
    "validatingadmissionpolicies",
    "validatingadmissionpolicybindings",
)


def rule(verbs: Iterable[str], resources: Iterable[str], *, group: str = GROUP, names: Iterable[str] = ()) -> JSON:
    limited = {"resourceNames": sorted(names)} if names else {}
    return {"apiGroups": [group], "resources": sorted(resources), **limited, "verbs": sorted(verbs)}


def kinds_written() -> tuple[ResourceKind, ...]:
    """Every kind that some action type may write."""
    written = {kind for action in ACTIONS.values() for kind in action.kinds}
    return tuple(sorted(written, key=lambda kind: (kind.group, kind.plural)))


def kinds_read() -> tuple[ResourceKind, ...]:
    """Every kind that some action type looks at and none writes."""
    read = {kind for action in ACTIONS.values() for kind in action.read_kinds} - set(kinds_written())
    return tuple(sorted(read, key=lambda kind: (kind.group, kind.plural)))


def rules_for(kinds: Sequence[ResourceKind], verbs: Iterable[str]) -> list[JSON]:
    """One rule per API group."""
    granted = tuple(verbs)
    ordered = sorted(kinds, key=lambda kind: kind.group)
    return [
        rule(granted, [kind.plural for kind in members], group=group)
        for group, members in groupby(ordered, key=lambda kind: kind.group)
    ]


def cluster_roles(install: Install) -> list[JSON]:
    return [
        _role(OPERATOR, _operator()),
        _role(ACTING, [rule(["impersonate"], ["serviceaccounts"], group="", names=install.executors)]),
        _role(PROPOSER, [rule((*READ, "create", "delete", "patch", "update"), _PLANS), *rules_for(DOMAIN, READ)]),
        _role(APPROVER, [rule((*READ, "patch", "approve"), _PLANS), rule(READ, _PREVIEWS)]),
        _role(VIEWER, [rule(READ, _PLANS), *rules_for(DOMAIN, READ)], aggregate_to="view"),
        _role(EXECUTOR, _executor()),
    ]


def roles(install: Install) -> list[JSON]:
    """In the operator's own namespace. A `create` limited to names is granted to server-side apply only, not to POST."""
    return [
        _role(OPERATOR, _housekeeping(install), namespace=install.namespace),
        _role(DRILL_CANARY, [rule(["create"], (*_PLANS, *_PREVIEWS))], namespace=install.namespace),
        _role(DRILL_EXECUTOR, rules_for([TOOL], ["create"]), namespace=install.namespace),
    ]


def bindings(install: Install) -> list[JSON]:
    operator = [_subject(install, install.account)]
    canary = [_subject(install, install.canary)]
    executors = [_subject(install, name) for name in install.executors]
    return [
        _binding(OPERATOR, operator),
        acting_everywhere(install),
        _binding(OPERATOR, operator, namespace=install.namespace),
        _binding(DRILL_CANARY, canary, namespace=install.namespace),
        _binding(DRILL_EXECUTOR, executors, namespace=install.namespace),
    ]


def acting_everywhere(install: Install) -> JSON:
    """The operator may act as the executors of every namespace. Bound by namespace instead, it acts only there."""
    return _binding(ACTING, [_subject(install, install.account)])


def accounts(install: Install) -> list[JSON]:
    """Nothing mounts a token by itself: the Deployment of the operator asks for its own."""
    return [
        {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": labelled(name, namespace=install.namespace),
            "automountServiceAccountToken": False,
        }
        for name in (install.account, install.canary)
    ]


def namespace(install: Install) -> JSON:
    levels = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("audit", "enforce", "warn")}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": labelled(install.namespace, labels=levels)}


def rbac(install: Install) -> list[JSON]:
    return [*cluster_roles(install), *roles(install), *bindings(install)]


def _operator() -> list[JSON]:
    return [
        rule((*READ, "delete"), _PLANS),
        rule(["patch"], [f"{kind.plural}/status" for kind in (PLAN, *OBSERVED)]),
        rule(("get", "create", "delete"), _PREVIEWS),
        *rules_for(DOMAIN, READ),
        rule(WATCH, [APPROVAL_POLICY.plural]),
        rule(READ, [NAMESPACE.plural], group=""),
        rule(["get"], ["serviceaccounts"], group=""),
        rule(["impersonate"], [f"userextras/{EXTRA_PLAN}"], group="authentication.k8s.io"),
        rule(["create"], ["subjectaccessreviews"], group="authorization.k8s.io"),
        rule(("create", "patch"), ["events"], group="events.k8s.io"),
        rule(WATCH, _POLICY_KINDS, group="admissionregistration.k8s.io"),
        rule(WATCH, ["customresourcedefinitions"], group="apiextensions.k8s.io"),
    ]


def _executor() -> list[JSON]:
    """What plans write and look at, quotas, and the pods of agents for the reason that one of them does not start."""
    return [
        *rules_for(kinds_written(), ("create", "get", "patch")),
        *rules_for(kinds_read(), ["get"]),
        *rules_for([POD, RESOURCE_QUOTA], ["list"]),
    ]


def _housekeeping(install: Install) -> list[JSON]:
    return [
        rule(["impersonate"], ["serviceaccounts"], group="", names=[install.canary]),
        rule(_SCOPED, ["secrets"], group="", names=[KEY]),
        rule(_SCOPED, ["configmaps"], group="", names=[EPOCH_STORE]),
        rule(_SCOPED, ["leases"], group="coordination.k8s.io", names=LEASES),
    ]


def _role(name: str, rules: list[JSON], *, namespace: str | None = None, aggregate_to: str | None = None) -> JSON:
    labels = {f"rbac.authorization.k8s.io/aggregate-to-{aggregate_to}": "true"} if aggregate_to else {}
    return {
        "apiVersion": API_VERSION,
        "kind": "Role" if namespace else "ClusterRole",
        "metadata": labelled(name, namespace=namespace, labels=labels),
        "rules": rules,
    }


def _binding(name: str, subjects: list[JSON], *, namespace: str | None = None) -> JSON:
    kind = "Role" if namespace else "ClusterRole"
    return {
        "apiVersion": API_VERSION,
        "kind": f"{kind}Binding",
        "metadata": labelled(name, namespace=namespace),
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name},
        "subjects": subjects,
    }


def _subject(install: Install, name: str) -> JSON:
    return {"kind": "ServiceAccount", "name": name, "namespace": install.namespace}
