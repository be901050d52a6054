"""`init`: what a namespace needs before plans can run in it: the account they run as, and its rights."""

import click
from rich.text import Text

from countersign.api.manifest import JSON, labelled
from countersign.api.plan_spec import DEFAULT_ACCOUNT
from countersign.api.rbac import EXECUTOR
from countersign.cli.cluster import Plans
from countersign.cli.failure import Command
from countersign.cli.put import put
from countersign.cli.screen import Screen, answering
from countersign.cli.session import Session, connected
from countersign.model.effect import SERVICE_ACCOUNT, ResourceKind

_ROLE_BINDING = ResourceKind(group="rbac.authorization.k8s.io", version="v1", kind="RoleBinding", plural="rolebindings")


@click.command(cls=Command, examples=("init -n payments", "init -n payments --dry-run"))
@click.option(
    "--service-account", default=DEFAULT_ACCOUNT, show_default=True, metavar="NAME", help="Whom plans run as."
)
@click.option("--dry-run", is_flag=True, help="Print the manifests and change nothing.")
@connected
@answering("table", "json", "yaml")
def init(*, service_account: str, dry_run: bool, session: Session, screen: Screen) -> None:
    """Prepare a namespace: make the service account that plans run as, and bind its role to it.

    The account has no token and no other rights; only the operator can act as it. Another name than the default works if
    the operator is installed with it.
    """
    manifests = [_account(session.namespace, service_account), _binding(session.namespace, service_account)]
    if dry_run:
        screen.objects(*manifests)
        return
    made = [
        _apply(session.plans, kind, manifest, screen)
        for kind, manifest in zip((SERVICE_ACCOUNT, _ROLE_BINDING), manifests, strict=True)
    ]
    if not screen.is_table:
        screen.objects(*made)


def _account(namespace: str, name: str) -> JSON:
    return {
        "apiVersion": SERVICE_ACCOUNT.api_version,
        "kind": SERVICE_ACCOUNT.kind,
        "metadata": labelled(name, namespace=namespace),
        "automountServiceAccountToken": False,
    }


def _binding(namespace: str, name: str) -> JSON:
    return {
        "apiVersion": _ROLE_BINDING.api_version,
        "kind": _ROLE_BINDING.kind,
        "metadata": labelled(name, namespace=namespace),
        "roleRef": {"apiGroup": _ROLE_BINDING.group, "kind": "ClusterRole", "name": EXECUTOR},
        "subjects": [{"kind": SERVICE_ACCOUNT.kind, "name": name, "namespace": namespace}],
    }


def _apply(plans: Plans, kind: ResourceKind, manifest: JSON, screen: Screen) -> JSON:
    applied, operation = put(plans, kind, manifest)
    screen.show(
        Text(
            f"{kind.kind.lower()}/{manifest['metadata']['name']} {operation} in namespace {manifest['metadata']['namespace']}"
        )
    )
    return applied
