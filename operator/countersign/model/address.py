"""URLs that plans may name: read into a value once, and judged by the same rules for tools, providers and observers.

Takes text from params, gives an `Address` or sentences for findings. No sentence repeats the URL, which may hold a secret.
The URL is taken apart here and not by urllib, whose tolerance differs from release to release and from what gateways do.
"""

import re
from collections.abc import Iterator
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
    def literal(self) -> bool:
        """The host is an address, not a name."""
        return self.host.startswith("[") or self.host.rpartition(".")[2].isdigit()

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


def objections(url: str, *, internal: bool | None) -> tuple[str, ...]:
    """Everything that speaks against the URL; each sentence goes on after the name of the field.

    `internal` admits plain http, names of the cluster and private addresses, because a service is reached by these. It
    never admits loopback, link-local, metadata, multicast or unspecified addresses: no service has one that the caller
    shares, and they are the classic way to make a gateway talk to itself or to hand out its machine's credentials.
    None stands for what has no topology that could be declared: there the name of the host tells, and only a name can.
    """
    address = read(url)
    if address is None:
        return ("is no address that can be read; write scheme, host and path like https://api.example.com/v1",)
    found = (*_superfluous(address), *_misplaced(address, internal=internal))
    return tuple(found)


def _superfluous(address: Address) -> Iterator[str]:
    if address.user:
        yield "holds a user name or password; put it into a Secret and name the Secret"
    if address.query:
        yield "holds a query or fragment; leave it out"


def _misplaced(address: Address, *, internal: bool | None) -> Iterator[str]:
    inside, declared = address.where.place is Place.INSIDE, internal is not None
    if address.scheme == "http" and not (internal or (inside and not declared)):
        yield "is plain http; use https" + (", or set topology Internal if the host is inside" if declared else "")
    if address.where.place is Place.NOWHERE:
        yield f"names {address.where.what}; use the ASCII name of a host that is meant to be called"
    if inside and internal is False:
        yield f"names {address.where.what}; use a public host, or set topology Internal"
    if inside and not declared and address.literal:
        yield f"names {address.where.what}; use the name of the host"
