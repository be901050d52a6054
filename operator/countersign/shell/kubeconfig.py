"""Where the API server is and how to prove who we are, read from kubeconfigs.

`connection` calls it where there is one, and imports it only then: the `kubernetes` package, which knows well how to merge files,
unpack certificates and run credential plugins, needs more memory than a thousand plans, and in a pod nothing needs it. Where the
package would go on without an identity, this raises; and its messages that contain whole entries are not quoted.
"""

from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from kubernetes.config import ConfigException
from kubernetes.config.exec_provider import ExecProvider
from kubernetes.config.kube_config import ConfigNode, KubeConfigMerger

from countersign.errors import ConfigurationError
from countersign.shell.certificates import Certificates, Part
from countersign.shell.connection import Connection
from countersign.shell.credentials import Credentials, Source, bearer, constant, plugin, token_file

# Acting as somebody else without saying so would be the wrong identity; the old providers are gone from kubectl too.
_UNSUPPORTED = ("auth-provider", "as", "as-uid", "as-groups", "as-user-extra")


def from_files(files: str, *, context: str | None, clock: Callable[[], float]) -> Connection:
    """From one kubeconfig, or several with the system's path separator between them."""
    merged = _merged(files)
    chosen = context or merged.value.get("current-context")
    if not chosen:
        raise ConfigurationError(f"The kubeconfig {files} has no current-context: name a context")
    entry = _entry(merged, "contexts", name=chosen)
    cluster = _entry(merged, "clusters", name=entry.value.get("cluster"))
    user = _entry(merged, "users", name=entry.value.get("user"))
    try:
        tls = _tls(cluster, user=user, clock=clock)
        credentials = Credentials(_source(user, cluster=cluster, clock=clock), clock=clock)
    except (ConfigException, OSError, ValueError) as error:
        raise ConfigurationError(f"The context {chosen} of kubeconfig {files} is not usable: {error}") from error
    return Connection(
        server=cluster.value["server"].rstrip("/"),
        tls=tls,
        credentials=credentials,
        namespace=entry.value.get("namespace") or "default",
        server_name=cluster.value.get("tls-server-name", ""),
        proxy=cluster.value.get("proxy-url", ""),
    )


def _merged(files: str) -> ConfigNode:
    try:
        merged = KubeConfigMerger(files).config
    except (yaml.YAMLError, ConfigException, OSError, AttributeError, KeyError, TypeError) as error:
        # Its message may quote a line of the file, and lines of the file may be secret.
        raise ConfigurationError(f"{files} is not a kubeconfig: {type(error).__name__}; check the file") from None
    if merged is None:
        raise ConfigurationError(f"There is no kubeconfig {files}: give one, or set KUBECONFIG")
    return merged


def _entry(merged: ConfigNode, section: str, *, name: str | None) -> ConfigNode:
    """The named cluster, user or context, with the path of the file it stands in."""
    content = section.removesuffix("s")
    entries: Iterable[ConfigNode] = merged.value[section]
    for entry in entries:
        if name and entry.value.get("name") == name and isinstance(entry.value.get(content), dict):
            return ConfigNode(content, entry.value[content], entry.path)
    raise ConfigurationError(f"The kubeconfig has no {content} {name!r}: add it or choose another context")


def _source(user: ConfigNode, *, cluster: ConfigNode, clock: Callable[[], float]) -> Source:
    """The same precedence as kubectl: a file wins over a token in the text, both win over a plugin."""
    if foreign := [key for key in _UNSUPPORTED if key in user]:
        raise ConfigurationError(f"The user in the kubeconfig has {foreign[0]}: use a token, a certificate or a plugin")
    match user.value:
        case {"tokenFile": str(path)} if path:
            return token_file(_folder(user) / path, clock=clock)
        case {"token": str(token)} if token:
            return constant(bearer(token, origin="The token in the kubeconfig"))
        case {"exec": dict()}:
            return plugin(partial(_ask_plugin, user, cluster))
        case {"client-certificate-data": str(pem)} | {"client-certificate": str(pem)} if pem and _is_secure(cluster):
            return constant("")
        case _:
            raise ConfigurationError(
                "The user in the kubeconfig has no credentials: add a token, certificate or plugin"
            )


def _ask_plugin(user: ConfigNode, cluster: ConfigNode) -> Mapping[str, Any]:
    try:
        provider = ExecProvider(user["exec"], str(_folder(user)), cluster)
        status: Mapping[str, Any] = provider.run()
    except (ConfigException, OSError) as error:
        raise ConfigurationError(f"The credential plugin failed: {error}; run it by hand to see why") from error
    if "clientCertificateData" in status and "token" not in status:
        raise ConfigurationError("The credential plugin gives certificates: use one that gives tokens")
    return status


def _tls(cluster: ConfigNode, *, user: ConfigNode, clock: Callable[[], float]) -> Certificates | None:
    if not _is_secure(cluster):
        return None
    return Certificates(
        authority=_part(cluster, "certificate-authority"),
        certificate=_part(user, "client-certificate"),
        key=_part(user, "client-key"),
        strict=not cluster.value.get("insecure-skip-tls-verify"),
        clock=clock,
    )


def _is_secure(cluster: ConfigNode) -> bool:
    server = cluster.value.get("server")
    if not isinstance(server, str) or not server.startswith(("https://", "http://")):
        raise ConfigurationError("The cluster in the kubeconfig has no server address: give one with https://")
    return server.startswith("https://")


def _part(node: ConfigNode, key: str) -> Part:
    """The package would write what is embedded into files that stay when we are killed, private keys too."""
    embedded, named = node.value.get(f"{key}-data"), node.value.get(key)
    if embedded:
        return b64decode(embedded)
    if not named:
        return None
    path = _folder(node) / named
    if not path.is_file():
        raise ConfigException(f"File does not exist: {path}")
    return str(path)


def _folder(node: ConfigNode) -> Path:
    """Paths in a kubeconfig are relative to it."""
    return Path(node.path).absolute().parent
