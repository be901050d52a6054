"""The operator's own key, with which sensitive values enter digests. Made at the first start, shared by all replicas."""

import base64
import contextlib
import secrets

from countersign.api.install import Install
from countersign.errors import ConfigurationError, Conflict, NotFound
from countersign.model.effect import SECRET
from countersign.shell.client import ApiClient

NAME = "countersign-key"
_BYTES = 32


async def fetch(client: ApiClient, install: Install) -> bytes:
    """The key that is there, or a new one if this replica is the first to ask."""
    try:
        return await _read(client, install)
    except NotFound:
        fresh = base64.b64encode(secrets.token_bytes(_BYTES)).decode()
    # A conflict means that another replica was faster, and its key is as good.
    with contextlib.suppress(Conflict):
        await client.apply(
            SECRET,
            namespace=install.namespace,
            name=NAME,
            body={"metadata": {"resourceVersion": "1"}, "type": "Opaque", "data": {"key": fresh}},
            field_manager="countersign-key",
        )
    return await _read(client, install)


async def _read(client: ApiClient, install: Install) -> bytes:
    found = await client.get(SECRET, namespace=install.namespace, name=NAME)
    try:
        key = base64.b64decode((found.get("data") or {}).get("key", ""), validate=True)
    except ValueError:
        key = b""
    if len(key) < _BYTES:
        # With a key that anybody can guess, digests would tell sensitive values.
        where = f"{install.namespace}/{NAME}"
        raise ConfigurationError(f"The Secret {where} holds no key of {_BYTES} bytes: delete it, and a new one is made")
    return key
