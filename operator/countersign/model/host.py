"""Where a host is, told from its name alone, because what decides may not ask the DNS.

`address` takes URLs apart and asks here. What a name resolves to is judged again by whoever connects; this keeps out
what never has a good reason to stand in a plan: the machine itself, its cloud's metadata, the cluster's own API.
"""

import re
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address, IPv6Address, ip_network


class Place(Enum):
    """NOWHERE is refused for everybody; INSIDE is fine for what is declared to be inside."""

    OUTSIDE = "outside"
    INSIDE = "inside"
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True)
class Host:
    """`what` completes the sentence "the URL names ..."."""

    place: Place
    what: str


# The first range that holds an address decides, so the exceptions stand before what they are exceptions to. The tables are
# ours, because the properties of the ipaddress module change their answers from one Python release to the next.
_RANGES_4 = tuple(
    (ip_network(network), Host(place, what))
    for network, place, what in (
        ("168.63.129.16/32", Place.NOWHERE, "a metadata address"),
        ("100.100.100.200/32", Place.NOWHERE, "a metadata address"),
        ("192.0.0.192/32", Place.NOWHERE, "a metadata address"),
        ("169.254.0.0/16", Place.NOWHERE, "a link-local or metadata address"),
        ("0.0.0.0/8", Place.NOWHERE, "an unspecified address"),
        ("127.0.0.0/8", Place.NOWHERE, "a loopback address"),
        ("224.0.0.0/4", Place.NOWHERE, "a multicast address"),
        ("240.0.0.0/4", Place.NOWHERE, "a reserved address"),
        ("192.0.0.0/24", Place.NOWHERE, "a reserved address"),
        ("192.0.2.0/24", Place.NOWHERE, "a reserved address"),
        ("192.88.99.0/24", Place.NOWHERE, "a reserved address"),
        ("198.18.0.0/15", Place.NOWHERE, "a reserved address"),
        ("198.51.100.0/24", Place.NOWHERE, "a reserved address"),
        ("203.0.113.0/24", Place.NOWHERE, "a reserved address"),
        ("10.0.0.0/8", Place.INSIDE, "a private address"),
        ("172.16.0.0/12", Place.INSIDE, "a private address"),
        ("192.168.0.0/16", Place.INSIDE, "a private address"),
        ("100.64.0.0/10", Place.INSIDE, "a shared (carrier-grade NAT) address"),
        ("0.0.0.0/0", Place.OUTSIDE, "a public address"),
    )
)
_RANGES_6 = tuple(
    (ip_network(network), Host(place, what))
    for network, place, what in (
        ("::/128", Place.NOWHERE, "an unspecified address"),
        ("::1/128", Place.NOWHERE, "a loopback address"),
        ("::/96", Place.NOWHERE, "an IPv4 address wrapped in IPv6"),
        ("::ffff:0:0/96", Place.NOWHERE, "an IPv4 address wrapped in IPv6"),
        ("::ffff:0:0:0/96", Place.NOWHERE, "an IPv4 address wrapped in IPv6"),
        ("64:ff9b::/96", Place.NOWHERE, "an IPv4 address wrapped in IPv6"),
        ("64:ff9b:1::/48", Place.NOWHERE, "an IPv4 address wrapped in IPv6"),
        ("2001::/32", Place.NOWHERE, "an IPv4 address wrapped in IPv6"),
        ("2002::/16", Place.NOWHERE, "an IPv4 address wrapped in IPv6"),
        ("fd00:ec2::/32", Place.NOWHERE, "a metadata address"),
        ("fd20:ce::/32", Place.NOWHERE, "a metadata address"),
        ("fe80::/10", Place.NOWHERE, "a link-local address"),
        ("fec0::/10", Place.NOWHERE, "a site-local address"),
        ("ff00::/8", Place.NOWHERE, "a multicast address"),
        ("fc00::/7", Place.INSIDE, "a private address"),
        ("2001::/23", Place.NOWHERE, "a reserved address"),
        ("2001:db8::/32", Place.NOWHERE, "a reserved address"),
        ("3fff::/20", Place.NOWHERE, "a reserved address"),
        ("2000::/3", Place.OUTSIDE, "a public address"),
        ("::/0", Place.NOWHERE, "a reserved address"),
    )
)

_LOCAL = frozenset({"localhost", "localdomain", "ip6-localhost", "ip6-loopback"})
_METADATA = frozenset(
    {
        "instance-data",
        "instance-data.ec2.internal",
        "metadata",
        "metadata.goog",
        "metadata.google.internal",
        "metadata.tencentyun.com",
    }
)
_INSIDE = frozenset({"corp", "home", "internal", "intranet", "lan", "local", "private", "svc"})
_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_LONGEST = 253
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")

_UNREADABLE = Host(Place.NOWHERE, "no host that can be read")
_FOREIGN = Host(Place.NOWHERE, "a host with letters outside ASCII")
_ENCODED = Host(Place.NOWHERE, "a percent-encoded or zoned host")
_UNUSUAL = Host(Place.NOWHERE, "an address not written as four decimal numbers")


def locate(host: str) -> Host:
    """The place of the host of a URL; IPv6 addresses stand in brackets.

    Spellings that programs read differently (octal, hexadecimal, short, encoded, full-width) are refused as such: what an
    approver reads must be what everybody else reads.
    """
    if not host.isascii():
        return _FOREIGN
    if "%" in host:
        return _ENCODED
    if host.startswith("[") and host.endswith("]"):
        return _version_6(host[1:-1])
    labels = normal(host).split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return _version_4(".".join(labels))
    return _named(labels)


def normal(host: str) -> str:
    """The one spelling under which two hosts can be compared."""
    return host.lower().removesuffix(".")


def _version_4(text: str) -> Host:
    try:
        address = IPv4Address(text)
    except ValueError:
        return _UNUSUAL
    return next(host for network, host in _RANGES_4 if address in network)


def _version_6(text: str) -> Host:
    try:
        address = IPv6Address(text)
    except ValueError:
        return _UNREADABLE
    return next(host for network, host in _RANGES_6 if address in network)


def _named(labels: list[str]) -> Host:
    name = ".".join(labels)
    if len(name) > _LONGEST or not all(_NAME.fullmatch(label) for label in labels):
        return _UNREADABLE
    if labels[-1] in _LOCAL:
        return Host(Place.NOWHERE, "the machine itself")
    if name in _METADATA:
        return Host(Place.NOWHERE, "a metadata service")
    # Everything under kubernetes.default.svc is the API server, whatever the cluster's own domain is.
    if name in ("kubernetes", "kubernetes.default") or labels[:3] == ["kubernetes", "default", "svc"]:
        return Host(Place.NOWHERE, "the API server of the cluster")
    if len(labels) == 1 or labels[-1] in _INSIDE or labels[-2:] == ["home", "arpa"] or "svc" in labels[2:3]:
        return Host(Place.INSIDE, "a host inside the cluster or the company")
    return Host(Place.OUTSIDE, "a public host")
