"""Pods that Pod Security restricted accepts, and what makes it refuse them: our own verdict and the API server's are compared."""

from copy import deepcopy
from typing import Any

Json = dict[str, Any]

SECURITY = {
    "allowPrivilegeEscalation": False,
    "runAsNonRoot": True,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}


def a_pod(*, container: Json | None = None, security: Json | None = None, without: str = "", **pod: Any) -> Json:
    """The spec of a pod; `security` is added to that of its container, `without` is taken from it."""
    own = {key: value for key, value in {**SECURITY, **(security or {})}.items() if key != without}
    main = {"name": "main", "image": "example.com/main", "securityContext": own, **(container or {})}
    return deepcopy({"containers": [main], **pod})


def _volume(**source: Any) -> Json:
    return a_pod(volumes=[{"name": "v", **source}])


def _probe(kind: str, **probe: Any) -> Json:
    return a_pod(container={kind: probe})


_INIT = {"name": "init", "image": "example.com/init"}

ACCEPTED = {
    "plain": a_pod(),
    "profiles of the pod": a_pod(
        without="seccompProfile", securityContext={"seccompProfile": {"type": "RuntimeDefault"}}
    ),
    "runAsNonRoot of the pod": a_pod(without="runAsNonRoot", securityContext={"runAsNonRoot": True}),
    "a user": a_pod(security={"runAsUser": 1000}),
    "NET_BIND_SERVICE": a_pod(security={"capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}}),
    "a config map": _volume(configMap={"name": "c"}),
    "an empty directory": _volume(emptyDir={}),
    "a secret": _volume(secret={"secretName": "s"}),
    "a projection": _volume(projected={"sources": []}),
    "a safe sysctl": a_pod(securityContext={"sysctls": [{"name": "net.ipv4.tcp_syncookies", "value": "1"}]}),
    "AppArmor of the runtime": a_pod(security={"appArmorProfile": {"type": "RuntimeDefault"}}),
    "SELinux of containers": a_pod(security={"seLinuxOptions": {"type": "container_t", "level": "s0"}}),
    "a port": a_pod(container={"ports": [{"containerPort": 80}]}),
    "a probe": _probe("livenessProbe", httpGet={"port": 80}),
    "a hook": a_pod(container={"lifecycle": {"preStop": {"exec": {"command": ["true"]}}}}),
}

REFUSED = {
    "the network of the host": (a_pod(hostNetwork=True), "hostNetwork is set"),
    "the processes of the host": (a_pod(hostPID=True), "hostPID is set"),
    "the memory of the host": (a_pod(hostIPC=True), "hostIPC is set"),
    "a path of the host": (_volume(hostPath={"path": "/"}), "volume v is a hostPath"),
    "NFS": (_volume(nfs={"server": "s", "path": "/"}), "volume v is a nfs"),
    "an unsafe sysctl": (
        a_pod(securityContext={"sysctls": [{"name": "kernel.msgmax", "value": "1"}]}),
        "sysctl kernel.msgmax is set",
    ),
    "root": (a_pod(security={"runAsUser": 0}), "container main runs as user 0"),
    "a root pod": (a_pod(securityContext={"runAsUser": 0}), "runs as user 0"),
    "privileged": (
        a_pod(security={"privileged": True, "allowPrivilegeEscalation": True}),
        "container main is privileged",
    ),
    "escalation": (
        a_pod(without="allowPrivilegeEscalation"),
        "container main does not set allowPrivilegeEscalation to false",
    ),
    "capabilities kept": (a_pod(without="capabilities"), "container main does not drop ALL capabilities"),
    "capabilities added": (
        a_pod(security={"capabilities": {"drop": ["ALL"], "add": ["SYS_TIME"]}}),
        "container main adds capabilities other than NET_BIND_SERVICE",
    ),
    "perhaps root": (a_pod(without="runAsNonRoot"), "container main does not set runAsNonRoot to true"),
    "root in spite of the pod": (
        a_pod(security={"runAsNonRoot": False}, securityContext={"runAsNonRoot": True}),
        "container main does not set runAsNonRoot to true",
    ),
    "no seccomp": (
        a_pod(without="seccompProfile"),
        "container main does not set seccompProfile to RuntimeDefault or Localhost",
    ),
    "unconfined": (
        a_pod(security={"seccompProfile": {"type": "Unconfined"}}),
        "container main does not set seccompProfile to RuntimeDefault or Localhost",
    ),
    "AppArmor off": (a_pod(security={"appArmorProfile": {"type": "Unconfined"}}), "container main turns AppArmor off"),
    "AppArmor off for the pod": (
        a_pod(securityContext={"appArmorProfile": {"type": "Unconfined"}}),
        "turns AppArmor off",
    ),
    "another SELinux type": (
        a_pod(security={"seLinuxOptions": {"type": "spc_t"}}),
        "container main sets SELinux options that are not allowed",
    ),
    "an SELinux user": (
        a_pod(securityContext={"seLinuxOptions": {"user": "u"}}),
        "sets SELinux options that are not allowed",
    ),
    "the whole of proc": (
        a_pod(security={"procMount": "Unmasked"}, hostUsers=False),
        "container main has another procMount than Default",
    ),
    "a process of the host": (
        a_pod(securityContext={"windowsOptions": {"hostProcess": True}}, hostNetwork=True),
        "is a hostProcess",
    ),
    "a port of the host": (
        a_pod(container={"ports": [{"containerPort": 80, "hostPort": 80}]}),
        "container main has a hostPort",
    ),
    "a probe of another host": (
        _probe("readinessProbe", httpGet={"port": 80, "host": "169.254.169.254"}),
        "container main names a host in a probe or hook",
    ),
    "a hook to another host": (
        a_pod(container={"lifecycle": {"postStart": {"httpGet": {"port": 80, "host": "h"}}}}),
        "container main names a host in a probe or hook",
    ),
    "an init container": (a_pod(initContainers=[_INIT]), "container init does not drop ALL capabilities"),
}
