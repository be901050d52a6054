"""Applies manifests to a local control plane, in their order but with the definitions of kinds first.

Takes plain objects from `generate`, by way of `commands`; gives the people of the story their roles. Applying twice changes nothing.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

from countersign.dev.failure import LocalError
from countersign.dev.identities import APPROVERS, PROPOSERS
from countersign.dev.rest import Rest
from countersign.errors import ClusterError, NotFound

Manifest = Mapping[str, Any]

_MANAGER = "countersign-install"
_DEFINITION = "CustomResourceDefinition"
_RBAC = "rbac.authorization.k8s.io"
_PATIENCE = 30.0
_PAUSE = 0.05


def install(rest: Rest, manifests: Sequence[Manifest]) -> None:
    """Raises LocalError when the server refuses one."""
    definitions = [manifest for manifest in manifests if manifest["kind"] == _DEFINITION]
    others = [manifest for manifest in manifests if manifest["kind"] != _DEFINITION]
    collections: dict[tuple[str, str], str] = {}
    for manifest in definitions:
        _apply(rest, manifest, collections=collections)
    for manifest in definitions:
        path = f"{_collection(rest, manifest, known=collections)}/{_name(manifest)}"
        wait_for(partial(_is_established, rest, path), what=f"the kind {_name(manifest)}")
    for manifest in (*others, _binding("proposer", group=PROPOSERS), _binding("approver", group=APPROVERS)):
        _apply(rest, manifest, collections=collections)


def wait_for(condition: Callable[[], bool], *, what: str) -> None:
    """Raises LocalError after half a minute."""
    deadline = time.monotonic() + _PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise LocalError(
                f"The local API server did not get {what} ready within {_PATIENCE:.0f} seconds: see its log"
            )
        time.sleep(_PAUSE)


def _apply(rest: Rest, manifest: Manifest, *, collections: dict[tuple[str, str], str]) -> None:
    try:
        path = f"{_collection(rest, manifest, known=collections)}/{quote(_name(manifest), safe='')}"
        rest.apply(path, manifest, manager=_MANAGER)
    except ClusterError as error:
        raise LocalError(f"{manifest['kind']} {_name(manifest)} could not be installed: {error}") from error


def _collection(rest: Rest, manifest: Manifest, *, known: dict[tuple[str, str], str]) -> str:
    """The path under which objects like this stand, looked up in the server's own list of kinds."""
    version, kind = manifest["apiVersion"], manifest["kind"]
    if (version, kind) not in known:

        def is_listed() -> bool:
            known.update(_paths(rest, version))
            return (version, kind) in known

        # A kind that was defined a moment ago may not be listed yet.
        wait_for(is_listed, what=f"the kind {kind}")
    namespace = manifest["metadata"].get("namespace", "default")
    return known[version, kind].format(namespace=namespace)


def _paths(rest: Rest, version: str) -> dict[tuple[str, str], str]:
    """Of all kinds of one group and version; `{namespace}` stands where a namespace belongs."""
    root = f"/apis/{version}" if "/" in version else f"/api/{version}"
    try:
        resources = rest.get(root)["resources"]
    except NotFound:
        return {}
    return {
        (
            version,
            resource["kind"],
        ): f"{root}{'/namespaces/{namespace}' if resource['namespaced'] else ''}/{resource['name']}"
        for resource in resources
        if "/" not in resource["name"]
    }


def _is_established(rest: Rest, path: str) -> bool:
    # Right after its creation a definition has a status whose conditions are null.
    conditions = rest.get(path).get("status", {}).get("conditions") or ()
    return any(condition["type"] == "Established" and condition["status"] == "True" for condition in conditions)


def _binding(role: str, *, group: str) -> Manifest:
    """In every namespace. A real cluster gives these roles by namespace; here the point is to try them."""
    return {
        "apiVersion": f"{_RBAC}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": f"countersign-local-{role}s"},
        "roleRef": {"apiGroup": _RBAC, "kind": "ClusterRole", "name": f"countersign-{role}"},
        "subjects": [{"apiGroup": _RBAC, "kind": "Group", "name": group}],
    }


def _name(manifest: Manifest) -> str:
    name: str = manifest["metadata"]["name"]
    return name
