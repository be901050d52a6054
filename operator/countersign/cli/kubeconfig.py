"""Which API server to talk to and as whom, read as kubectl reads it.

Takes the options, gives a `Configuration` of the kubernetes package and the namespace. There is always an identity: where
the package would go on as nobody, or as somebody else than the kubeconfig says, this raises. Its messages are not quoted,
because some hold whole entries of the file.
"""

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from kubernetes.client import Configuration
from kubernetes.config import ConfigException, load_incluster_config, load_kube_config
from kubernetes.config.incluster_config import SERVICE_TOKEN_FILENAME
from kubernetes.config.kube_config import KubeConfigMerger

from countersign.cli.cluster import Where
from countersign.errors import ConfigurationError

_DEFAULT = "~/.kube/config"

# The kubernetes package ignores these; acting without them would be the wrong identity.
_UNSUPPORTED = ("as", "as-uid", "as-groups", "as-user-extra")


@dataclass(frozen=True, slots=True)
class Found:
    """Where a command goes."""

    settings: Any
    namespace: str


def find(where: Where, *, environ: Mapping[str, str] = os.environ) -> Found:
    """In this order: --kubeconfig, $KUBECONFIG, ~/.kube/config, the pod's service account."""
    # Without any handler, Python prints the packages' warnings on stderr, in between our lines.
    logging.getLogger().addHandler(logging.NullHandler())
    named = str(where.kubeconfig or environ.get("KUBECONFIG") or "")
    files = named or str(Path(_DEFAULT).expanduser())
    if not named and not where.context and not Path(files).exists() and "KUBERNETES_SERVICE_HOST" in environ:
        return _in_cluster()
    return _from_files(files, context=where.context)


def _in_cluster() -> Found:
    settings = _settings()
    try:
        load_incluster_config(client_configuration=settings)
        namespace = Path(SERVICE_TOKEN_FILENAME).with_name("namespace").read_text(encoding="utf-8").strip()
    except (ConfigException, OSError) as error:
        raise ConfigurationError("The pod's service account is not usable: mount its token") from error
    return Found(settings, namespace)


def _from_files(files: str, *, context: str | None) -> Found:
    content = _merged(files)
    chosen = context or content.get("current-context")
    contexts = _named(content, "contexts")
    if not chosen:
        raise ConfigurationError(f"The kubeconfig {files} has no current context: name one with --context")
    if chosen not in contexts:
        known = ", ".join(sorted(contexts)) or "none"
        raise ConfigurationError(f"The kubeconfig {files} has no context {chosen}: choose one of {known}")
    entry = contexts[chosen].get("context") or {}
    user = (_named(content, "users").get(entry.get("user", ""), {})).get("user") or {}
    if foreign := [key for key in _UNSUPPORTED if key in user]:
        raise ConfigurationError(
            f"The user of context {chosen} acts as somebody else ({foreign[0]}): this is not supported, use their own credentials"
        )
    return Found(_loaded(files, context=chosen), entry.get("namespace") or "default")


def _merged(files: str) -> Mapping[str, Any]:
    try:
        merged = KubeConfigMerger(files).config
    except (ConfigException, yaml.YAMLError, OSError, AttributeError, KeyError, TypeError):
        raise ConfigurationError(f"The kubeconfig {files} cannot be read: check the file") from None
    if merged is None:
        raise ConfigurationError(f"There is no kubeconfig {files}: give one with --kubeconfig, or set KUBECONFIG")
    content: Mapping[str, Any] = merged.value
    return content


def _named(content: Mapping[str, Any], section: str) -> dict[str, Mapping[str, Any]]:
    entries = (getattr(entry, "value", entry) for entry in content.get(section) or ())
    return {str(entry.get("name")): entry for entry in entries}


def _loaded(files: str, *, context: str) -> Any:
    settings = _settings()
    try:
        load_kube_config(config_file=files, context=context, client_configuration=settings)
    except (ConfigException, OSError, ValueError, TypeError, AttributeError):
        raise ConfigurationError(
            f"The context {context} of kubeconfig {files} is not usable: check its cluster and user"
        ) from None
    if not settings.api_key and not settings.cert_file:
        raise ConfigurationError(
            f"The context {context} of kubeconfig {files} gives no credentials: log in again, or run its plugin by hand"
        )
    return settings


def _settings() -> Any:
    settings = Configuration()
    # A repeated request could be a second decision.
    settings.retries = False
    return settings
