"""The pod of an agent. It meets Pod Security "restricted" by construction, and reaches neither the API server nor the node.

Takes the wanted agent and the names of its ConfigMaps, gives the spec of the pod. What the agent wants to write it writes to
volumes of its own that end with the pod.
"""

from typing import Any

from countersign.actions.deploy.environment import LIBRARIES, PORT, SCRATCH
from countersign.actions.deploy.naming import account
from countersign.actions.deploy.requirements import are_hashed
from countersign.actions.deploy.wanted import REQUIREMENTS, Wanted

_SOURCE = "/app"
_USER = 65_532
_RESOURCES = {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"cpu": "1", "memory": "512Mi"}}

Json = dict[str, Any]


def pod(agent: Wanted, *, environment: str, source: str, keys: dict[str, str]) -> Json:
    """`environment` and `source` name ConfigMaps; `keys` tells under which key of `source` each file stands."""
    return {
        "serviceAccountName": account(agent.agent),
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": _USER,
            "runAsGroup": _USER,
            "fsGroup": _USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        **({"initContainers": [_installer(agent)]} if agent.requirements else {}),
        "containers": [_agent(agent, environment=environment)],
        "volumes": _volumes(agent, source=source, keys=keys),
    }


def _agent(agent: Wanted, *, environment: str) -> Json:
    variables = [{"name": one.name, "value": one.value} for one in agent.env]
    return {
        "name": "agent",
        "image": agent.image,
        **({"command": ["python", agent.entry_point], "workingDir": _SOURCE} if agent.files else {}),
        "ports": [{"name": "http", "containerPort": PORT, "protocol": "TCP"}],
        "envFrom": [{"configMapRef": {"name": environment}}],
        **({"env": variables} if variables else {}),
        "livenessProbe": _probe("/healthz", every=10),
        "readinessProbe": _probe("/readyz", every=5),
        # Slow starts are not failures: liveness counts only after this probe has succeeded once.
        "startupProbe": {**_probe("/healthz", every=5), "failureThreshold": 60},
        **_common(agent),
    }


def _installer(agent: Wanted) -> Json:
    """Puts the requirements where the agent finds them. With hashes, nothing else than what was approved is installed."""
    exactly = ["--require-hashes"] if are_hashed(agent.requirements) else []
    pip = ["python", "-m", "pip", "install", "--no-cache-dir", "--disable-pip-version-check", "--target", LIBRARIES]
    return {
        "name": "requirements",
        "image": agent.image,
        "command": [*pip, *exactly, "--requirement", f"{_SOURCE}/{REQUIREMENTS}"],
        "env": [{"name": "HOME", "value": SCRATCH}],
        **_common(agent),
    }


def _common(agent: Wanted) -> Json:
    mounts: list[Json] = [{"name": "scratch", "mountPath": SCRATCH}]
    if agent.files:
        mounts.append({"name": "source", "mountPath": _SOURCE, "readOnly": True})
    if agent.requirements:
        mounts.append({"name": "libraries", "mountPath": LIBRARIES})
    return {
        "resources": _RESOURCES,
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
            "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "volumeMounts": mounts,
    }


def _volumes(agent: Wanted, *, source: str, keys: dict[str, str]) -> list[Json]:
    volumes: list[Json] = [{"name": "scratch", "emptyDir": {"sizeLimit": "256Mi"}}]
    if agent.files:
        items = [{"key": key, "path": name} for name, key in keys.items()]
        volumes.append({"name": "source", "configMap": {"name": source, "items": items}})
    if agent.requirements:
        volumes.append({"name": "libraries", "emptyDir": {"sizeLimit": "1Gi"}})
    return volumes


def _probe(path: str, *, every: int) -> Json:
    return {"httpGet": {"path": path, "port": "http"}, "periodSeconds": every}
