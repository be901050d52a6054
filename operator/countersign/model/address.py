"""URLs that plans may name: read into a value once, and judged by the same rules for tools, providers and observers.

Takes text from params, gives an `Address` or sentences for findings. No sentence repeats the URL, which may hold a secret.
The URL is taken apart here and not by urllib, whose tolerance differs from release to release and from what gateways do.
"""

import re
from dataclasses import dataclass

from countersign.model.host import Host, Place, locate, normal

MAX_LENGTH = 2048
PATTERN = r"^https?://[^\s]+$"
"""What the schema can say; `objections` says the rest."""

_URL = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://"
    r"(?P<authority>[^/?#]*)"
    r"(?P<path>[!-\"$->@-~]*)"
    r"(?P<query>[?#].*)?"
)
_AUTHORITY = re.compile(r"(?:(?P<user>.*)@)?(?P<host>\[[^\[\]]*\]|[^:\[\]]*)(?::(?P<port>[0-9]{1,5}))?")
_SAFE = re.compile(r"[^\x00-\x20\x7f\\]+")
_PORTS = {"http": 80, "https": 443}
_LAST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class Address:
    """`port` is the scheme's own when the URL names none; `named_port` is None then."""

    scheme: str
    host: str
    where: Host
    port: int
    named_port: int | None
    user: bool
    query: bool

    @property
    def origin(self) -> tuple[str, int]:
        """Whom a request reaches."""
        return self.host, self.port


def read(url: object) -> Address | None:
    """None for what is no http or https URL that everybody would read alike."""
    if not isinstance(url, str) or len(url) > MAX_LENGTH or not _SAFE.fullmatch(url):
        return None
    parts = _URL.fullmatch(url)
    authority = parts and _AUTHORITY.fullmatch(parts["authority"])
    if not parts or not authority or parts["scheme"].lower() not in _PORTS:
        return None
    scheme = parts["scheme"].lower()
    named_port = int(authority["port"]) if authority["port"] else None
    if named_port is not None and not 1 <= named_port <= _LAST_PORT:
        return None
    return Address(
        scheme=scheme,
        host=normal(authority["host"]),
        where=locate(authority["host"]),
        port=named_port or _PORTS[scheme],
        named_port=named_port,
        user=authority["user"] is not None,
        query=parts["query"] is not None,
    )


def objections(url: str, *, internal: bool) -> tuple[str, ...]:
    """Everything that speaks against the URL; each sentence goes on after the name of the field.

    `internal` admits plain http, names of the cluster and private addresses, because a service is reached by these. It
    never admits loopback, link-local, metadata, multicast or unspecified addresses: no service has one that the caller
    shares, and they are the classic way to make a gateway talk to itself or to hand out its machine's credentials.
    """
    address = read(url)
    if address is None:
        return ("is no address that can be read; write scheme, host and path like https://api.example.com/v1",)
    return tuple(_objections(address, internal=internal))


def _objections(address: Address, *, internal: bool) -> list[str]:
    found = []
    if address.user:
        found.append("holds a user name or password; put it into a Secret and name the Secret under authentication")
    if address.query:
        found.append("holds a query or fragment; leave it out")
    if address.scheme == "http" and not internal:
        found.append("is plain http; use https, or set topology Internal if the host is inside")
    if address.where.place is Place.NOWHERE:
        found.append(f"names {address.where.what}; use the ASCII name of a host that is meant to be called")
    if address.where.place is Place.INSIDE and not internal:
        found.append(f"names {address.where.what}; use a public host, or set topology Internal")
    return found
