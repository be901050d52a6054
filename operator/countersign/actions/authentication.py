"""How calls to something outside are authenticated: the shapes that tools and model providers share.

They only name Secrets. A plan that carried a credential would show it to everybody who may read plans, so it is refused.
"""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from countersign.model.address import MAX_LENGTH, PATTERN
from countersign.model.base import Model
from countersign.model.name import Subdomain

_HTTP_NAME = r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$"
_VISIBLE = r"^[\x20-\x7e]*$"
_SET: dict[str, Any] = {"x-kubernetes-list-type": "set"}

Url = Annotated[str, Field(min_length=1, max_length=MAX_LENGTH, pattern=PATTERN)]
Scope = Annotated[str, Field(min_length=1, max_length=256, pattern=r"^[\x21\x23-\x5b\x5d-\x7e]+$")]
AuthParam = Annotated[str, Field(max_length=1024)]


class KeyLocation(StrEnum):
    """The part of a request that carries the key."""

    HEADER = "Header"
    QUERY = "Query"


class SecretRef(Model):
    """A Secret in the namespace of this object."""

    name: Subdomain
    """Name of the Secret. It has to stand in the same namespace; others cannot be named."""


class ApiKeyConfig(Model):
    """A key that is sent with every request."""

    in_: Annotated[KeyLocation, Field(alias="in")] = KeyLocation.HEADER
    """Where the key is sent: Header or Query. Queries end up in access logs, so prefer Header."""
    name: Annotated[str, Field(min_length=1, max_length=128, pattern=_HTTP_NAME)]
    """Name of the header or query parameter, for example Authorization or X-API-Key."""
    value_prefix: Annotated[str | None, Field(max_length=64, pattern=_VISIBLE)] = None
    """Text put before the key, for example "Bearer " with the space at its end."""
    secret_ref: SecretRef
    """The Secret that holds the key."""


class OAuth2Config(Model):
    """Where tokens are fetched, and with which client credentials."""

    auth_url: Url | None = None
    """Authorization endpoint, where a user is sent to consent. Leave it out for client credentials alone."""
    token_url: Url
    """Token endpoint. The client credentials are sent there."""
    scopes: Annotated[tuple[Scope, ...], Field(max_length=64, json_schema_extra=_SET)] = ()
    """Scopes to ask for."""
    auth_params: Annotated[dict[str, AuthParam], Field(max_length=32)] = Field(default_factory=dict)
    """Further parameters of the authorization request, for example audience. They are shown masked."""
    credentials_secret_ref: SecretRef
    """The Secret that holds client id and client secret."""
