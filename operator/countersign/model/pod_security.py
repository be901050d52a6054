"""Pod Security "restricted", evaluated on a pod spec: the API server refuses pods only, and of a Deployment it merely warns.

The rules are upstream's (Pod Security Standards of Kubernetes 1.36); a test compares each with the API server's own verdict.
Takes the spec of a pod, gives sentences. Annotations are not looked at: since 1.30 AppArmor is a field.
"""

from collections.abc import Iterator, Mapping
from typing import Any

_VOLUMES = frozenset(
    {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
)
_PROFILES = frozenset({"RuntimeDefault", "Localhost"})
_CAPABILITY = "NET_BIND_SERVICE"
_SELINUX = frozenset({"", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"})
_SYSCTLS = frozenset(
    {
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ping_group_range",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
        "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_rmem",
        "net.ipv4.tcp_syncookies",
        "net.ipv4.tcp_wmem",
    }
)
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")

Spec = Mapping[str, Any]


def violations(pod: Spec) -> Iterator[str]:
    """Everything that level "restricted" forbids, in words; nothing when the pod meets it."""
    yield from _of_pod(pod)
    for container in _containers(pod):
        name = f"container {container.get('name', '')}"
        yield from (f"{name} {objection}" for objection in _of_container(container, _security(pod)))


def _containers(pod: Spec) -> Iterator[Spec]:
    for group in ("initContainers", "containers", "ephemeralContainers"):
        yield from pod.get(group) or ()


def _security(node: Spec) -> Spec:
    return node.get("securityContext") or {}


def _of_pod(pod: Spec) -> Iterator[str]:
    for field in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.get(field):
            yield f"{field} is set"
    for volume in pod.get("volumes") or ():
        for kind in sorted(set(volume) - {"name"} - _VOLUMES):
            yield f"volume {volume.get('name', '')} is a {kind}"
    security = _security(pod)
    for sysctl in security.get("sysctls") or ():
        if sysctl.get("name") not in _SYSCTLS:
            yield f"sysctl {sysctl.get('name')} is set"
    yield from _options(security)


def _of_container(container: Spec, pod: Spec) -> Iterator[str]:
    security = _security(container)
    capabilities = security.get("capabilities") or {}
    if security.get("privileged"):
        yield "is privileged"
    if security.get("allowPrivilegeEscalation") is not False:
        yield "does not set allowPrivilegeEscalation to false"
    if "ALL" not in (capabilities.get("drop") or ()):
        yield "does not drop ALL capabilities"
    if set(capabilities.get("add") or ()) - {_CAPABILITY}:
        yield f"adds capabilities other than {_CAPABILITY}"
    if security.get("runAsNonRoot", pod.get("runAsNonRoot")) is not True:
        yield "does not set runAsNonRoot to true"
    if (security.get("seccompProfile") or pod.get("seccompProfile") or {}).get("type") not in _PROFILES:
        yield "does not set seccompProfile to RuntimeDefault or Localhost"
    if security.get("procMount", "Default") != "Default":
        yield "has another procMount than Default"
    yield from _options(security)
    yield from _reaching_the_host(container)


def _options(security: Spec) -> Iterator[str]:
    """What pods and containers may set alike."""
    if security.get("runAsUser") == 0:
        yield "runs as user 0"
    if (security.get("windowsOptions") or {}).get("hostProcess"):
        yield "is a hostProcess"
    if (security.get("appArmorProfile") or {}).get("type", "RuntimeDefault") not in _PROFILES:
        yield "turns AppArmor off"
    selinux = security.get("seLinuxOptions") or {}
    if selinux.get("type", "") not in _SELINUX or selinux.get("user") or selinux.get("role"):
        yield "sets SELinux options that are not allowed"


def _reaching_the_host(container: Spec) -> Iterator[str]:
    if any(port.get("hostPort") for port in container.get("ports") or ()):
        yield "has a hostPort"
    hooks = [container.get(probe) or {} for probe in _PROBES]
    hooks += [hook or {} for hook in (container.get("lifecycle") or {}).values()]
    if any((hook.get(kind) or {}).get("host") for hook in hooks for kind in ("httpGet", "tcpSocket")):
        yield "names a host in a probe or hook"
