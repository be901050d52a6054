"""What an action may do to a cluster. Action types compile to these values; only the shell carries them out.

`Effect` is the closed union of all of them. A new member needs one interpreter in shell/act.py; `assert_never` finds the rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from countersign.model.path import Part

GROUP = "countersign.dev"
VERSION = "v1alpha1"


@dataclass(frozen=True, slots=True)
class ResourceKind:
    """A kind as the API server names it."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool = True

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version


@dataclass(frozen=True, slots=True)
class Target:
    """One object."""

    kind: ResourceKind
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class Apply:
    """Make the object have these fields, and those that we set before and no longer name be gone.

    `fields` is the complete desired content besides apiVersion, kind and metadata.name. Values at or below one of the
    `sensitive` paths are shown masked and digested with a key; a `*` in a path stands for any one part.
    """

    target: Target
    fields: Mapping[str, Any] = field(hash=False)
    sensitive: tuple[tuple[Part, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """Ask somebody outside of the cluster to do something. It cannot be tried before, and must not happen twice.

    `target` names whom and what, as if it were an object; `fields` is the complete request, `sensitive` as of `Apply`.
    """

    target: Target
    fields: Mapping[str, Any] = field(hash=False)
    sensitive: tuple[tuple[Part, ...], ...] = ()


Effect = Apply | Call


TOOL = ResourceKind(group=GROUP, version=VERSION, kind="Tool", plural="tools")
MODEL_PROVIDER = ResourceKind(group=GROUP, version=VERSION, kind="ModelProvider", plural="modelproviders")
POLICY = ResourceKind(group=GROUP, version=VERSION, kind="Policy", plural="policies")
SECRET = ResourceKind(group="", version="v1", kind="Secret", plural="secrets")
RESOURCE_QUOTA = ResourceKind(group="", version="v1", kind="ResourceQuota", plural="resourcequotas")
NAMESPACE = ResourceKind(group="", version="v1", kind="Namespace", plural="namespaces", namespaced=False)
SERVICE_ACCOUNT = ResourceKind(group="", version="v1", kind="ServiceAccount", plural="serviceaccounts")
CONFIG_MAP = ResourceKind(group="", version="v1", kind="ConfigMap", plural="configmaps")
SERVICE = ResourceKind(group="", version="v1", kind="Service", plural="services")
DEPLOYMENT = ResourceKind(group="apps", version="v1", kind="Deployment", plural="deployments")
POD = ResourceKind(group="", version="v1", kind="Pod", plural="pods")
POLICY_BINDING = ResourceKind(group=GROUP, version=VERSION, kind="PolicyBinding", plural="policybindings")
DEPLOY_DRAFT = ResourceKind(group=GROUP, version=VERSION, kind="DeployDraft", plural="deploydrafts")
AGENT = ResourceKind(group=GROUP, version=VERSION, kind="Agent", plural="agents")
