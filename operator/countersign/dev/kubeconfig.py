"""A kubeconfig as text: one cluster, one user, one context, everything inside."""

import base64

import yaml


def render(*, server: str, authority: bytes, certificate: bytes, key: bytes, user: str) -> str:
    cluster = {"server": server, "certificate-authority-data": _data(authority)}
    credentials = {"client-certificate-data": _data(certificate), "client-key-data": _data(key)}
    context = {"cluster": "countersign", "user": user, "namespace": "default"}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "countersign", "cluster": cluster}],
        "users": [{"name": user, "user": credentials}],
        "contexts": [{"name": "countersign", "context": context}],
        "current-context": "countersign",
    }
    return yaml.safe_dump(config, sort_keys=False)


def _data(pem: bytes) -> str:
    return base64.b64encode(pem).decode()
