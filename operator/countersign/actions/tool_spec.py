"""The shape of a Tool: RunAgents' fields, with the bounds and defaults that its documentation gives or implies.

`tool.upsert` takes it as params, and the CRD `Tool` is generated from `ToolSpec`. So it holds only what a structural schema
can say; what takes more than one field to judge is in `tool_rules`.
"""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, Strict

from countersign.actions.authentication import ApiKeyConfig, OAuth2Config, SecretRef, Url
from countersign.model.base import Model
from countersign.model.duration import Duration
from countersign.model.name import Label, Subdomain

_SET: dict[str, Any] = {"x-kubernetes-list-type": "set"}
_ATOMIC: dict[str, Any] = {"x-kubernetes-list-type": "atomic"}
# An object whose own fields all have defaults is there by default too; the server fills in the rest.
_FILLED: dict[str, Any] = {"default": {}}

Port = Annotated[int, Strict(), Field(ge=1, le=65535)]
Flag = Annotated[bool, Strict()]
RiskTag = Annotated[str, Field(min_length=1, max_length=63, pattern=r"^[A-Za-z0-9]([A-Za-z0-9._/-]*[A-Za-z0-9])?$")]
RiskTags = Annotated[tuple[RiskTag, ...], Field(max_length=32, json_schema_extra=_SET)]


class Topology(StrEnum):
    """Where the tool is, seen from the cluster."""

    EXTERNAL = "External"
    INTERNAL = "Internal"


class Scheme(StrEnum):
    """How the tool is spoken to."""

    HTTPS = "HTTPS"
    HTTP = "HTTP"


class AuthType(StrEnum):
    """How calls are authenticated."""

    NONE = "None"
    API_KEY = "APIKey"
    OAUTH2 = "OAuth2"


class Mode(StrEnum):
    """How careful access to the tool is by default."""

    OPEN = "Open"
    RESTRICTED = "Restricted"
    CRITICAL = "Critical"


class Method(StrEnum):
    """HTTP methods of capabilities."""

    GET = "GET"
    HEAD = "HEAD"
    OPTIONS = "OPTIONS"
    POST = "POST"
    PUT = "PUT"
    PATCH = "PATCH"
    DELETE = "DELETE"


class Tls(Model):
    """How the certificate of the tool is verified.

    RunAgents documents a `tls` object but not what is in it; these three fields are Countersign's choice.
    """

    server_name: Subdomain | None = None
    """Name that the certificate has to carry. Left out, it is the host of baseUrl."""
    ca_secret_ref: SecretRef | None = None
    """Secret with the certificate authority to trust, under the key ca.crt. Left out, public authorities are trusted."""
    insecure_skip_verify: Flag = False
    """Accept any certificate. Anybody on the way can then read and change the calls."""


class Authentication(Model):
    """How calls to the tool are authenticated."""

    type: AuthType = AuthType.NONE
    """None, APIKey (needs apiKeyConfig) or OAuth2 (needs oauth2Config)."""
    api_key_config: ApiKeyConfig | None = None
    """For type APIKey: where the key is sent and which Secret holds it."""
    oauth2_config: OAuth2Config | None = None
    """For type OAuth2: endpoints, scopes and the Secret with the client credentials."""


class Connection(Model):
    """How the tool is reached."""

    topology: Topology = Topology.EXTERNAL
    """External is reached over the internet, https only. Internal is reached inside the cluster or the company network."""
    base_url: Url
    """Address of the tool, for example https://api.example.com/v1. Private hosts and http only with topology Internal."""
    port: Port = 443
    """Port of the tool. It must not contradict baseUrl; tool.upsert takes it from there when it is left out."""
    scheme: Scheme = Scheme.HTTPS
    """HTTPS or HTTP. It must not contradict baseUrl; tool.upsert takes it from there when it is left out."""
    tls: Tls | None = None
    """How the certificate of the tool is verified, if not in the usual way."""
    authentication: Annotated[Authentication, Field(json_schema_extra=_FILLED)] = Authentication()
    """How calls are authenticated. Left out, they are not."""


class AccessControl(Model):
    """The default posture of the tool."""

    mode: Mode = Mode.RESTRICTED
    """Open for low-risk tools, Restricted as the usual posture, Critical for what needs most care. Policies decide at run time."""
    require_approval: Flag = False
    """Deprecated for runtime authorization: write a Policy with approval_required. Kept because turning it off is a risk."""


class Approval(Model):
    """Who approves calls to the tool, and for how long."""

    group: Annotated[
        str | None, Field(min_length=1, max_length=253, pattern=r"^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$")
    ] = None
    """Group whose members approve calls."""
    default_duration: Duration = "4h"
    """How long an approval lasts unless the approver says otherwise, for example 30m or 4h."""
    auto_expire: Flag = True
    """Whether an approval ends by itself after its duration."""


class Caching(Model):
    """Whether answers of the tool are kept."""

    enabled: Flag = False
    """Keep answers and give them again for the same call."""
    duration: Duration = "5m"
    """How long an answer is kept, for example 5m."""


class Governance(Model):
    """Who may use the tool and how."""

    access_control: Annotated[AccessControl, Field(json_schema_extra=_FILLED)] = AccessControl()
    """The default posture of the tool."""
    approval: Approval | None = None
    """Who approves calls, and for how long."""
    caching: Caching | None = None
    """Whether answers are kept."""


class Capability(Model):
    """One operation that the tool offers."""

    name: Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9]([A-Za-z0-9 ._:/-]*[A-Za-z0-9])?$")]
    """Name of the capability, unique in the tool."""
    method: Method
    """HTTP method, in capitals."""
    path: Annotated[str, Field(min_length=1, max_length=1024, pattern=r"^(\*|/[!-\"$->@-~]*)$")]
    """Path below baseUrl, matched as a prefix; * stands for any text."""
    description: Annotated[str | None, Field(max_length=1024)] = None
    """What the capability does, for agents and approvers."""
    risk_tags: RiskTags = ()
    """What makes this capability dangerous, for example pii, financial or destructive."""


class ToolSpec(Model):
    """What agents may call: where it is, how it is authenticated, what it offers and how dangerous that is."""

    description: Annotated[str | None, Field(max_length=1024)] = None
    """What the tool is for, shown where agents are wired to tools."""
    connection: Connection
    """How the tool is reached."""
    governance: Annotated[Governance, Field(json_schema_extra=_FILLED)] = Governance()
    """Who may use the tool and how."""
    capabilities: Annotated[tuple[Capability, ...], Field(max_length=128, json_schema_extra=_ATOMIC)] = ()
    """Operations that the tool offers. If any is listed, everything else is refused; if none is, everything is offered."""
    risk_tags: RiskTags = ()
    """What makes the whole tool dangerous, for example pii, financial, destructive or a word of your own."""


class ToolParams(Model):
    """What `tool.upsert` needs to know."""

    name: Label
    """Name of the Tool: lower-case letters, digits and hyphens, at most 63."""
    spec: ToolSpec
    """What the Tool is to be."""
