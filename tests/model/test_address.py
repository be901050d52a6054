"""URLs that plans may name, in every spelling somebody thought of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.model import address

ACCEPTED_OUTSIDE = {
    "a public name": "https://api.example.com",
    "with path and port": "https://api.example.com:8443/v1/payments",
    "with a trailing dot": "https://api.example.com./v1",
    "with capitals": "HTTPS://API.Example.COM",
    "with the ASCII form of another script": "https://xn--bcher-kva.example",
    "with digits in front": "https://3scale.example.com",
    "a name that only begins like an address": "https://127.0.0.1.example.com",
    "a public address": "https://93.184.216.34/v1",
    "a public IPv6 address": "https://[2606:2800:220:1:248:1893:25c8:1946]:443/v1",
}

INSIDE_ONLY = {
    "plain http": "http://api.example.com",
    "a service": "https://echo.tools.svc",
    "a service in full": "https://echo.tools.svc.cluster.local:8092/v1",
    "a service of a cluster with another domain": "https://echo.tools.svc.corp-cluster.example",
    "a single label": "https://echo",
    "a company name": "https://billing.internal",
    "a name at home": "https://printer.home.arpa",
    "a multicast DNS name": "https://printer.local",
    "class A": "https://10.1.2.3",
    "class B": "https://172.31.255.255",
    "class C": "https://192.168.0.1",
    "shared address space": "https://100.64.0.1",
    "unique local IPv6": "https://[fd12:3456::1]",
}

REFUSED_EVERYWHERE = {
    "loopback": "https://127.0.0.1",
    "the rest of loopback": "https://127.255.1.2",
    "loopback, trailing dot": "https://127.0.0.1.",
    "loopback, decimal": "https://2130706433",
    "loopback, hexadecimal": "https://0x7f000001",
    "loopback, capital hexadecimal": "https://0X7F.0.0.0X1",
    "loopback, octal": "https://0177.0.0.1",
    "loopback, padded octal": "https://0000177.0.0.1",
    "loopback, short": "https://127.1",
    "loopback, shorter": "https://127.0.1",
    "loopback, zero": "https://0",
    "loopback, mixed bases": "https://0x7f.0.0.01",
    "an address that overflows": "https://256.256.256.256",
    "an address with five parts": "https://1.2.3.4.5",
    "a bare hexadecimal prefix": "https://1.2.3.0x",
    "loopback, full-width digits": "https://\uff11\uff12\uff17.\uff10.\uff10.\uff11",
    "loopback, ideographic dots": "https://127\u30020\u30020\u30021",
    "loopback, circled digits": "https://①②⑦.⓪.⓪.①",
    "loopback, percent-encoded": "https://%31%32%37.0.0.1",
    "loopback, one encoded dot": "https://127%2e0.0.1",
    "loopback, IPv6": "https://[::1]",
    "loopback, long IPv6": "https://[0:0:0:0:0:0:0:1]",
    "loopback, IPv4-mapped": "https://[::ffff:127.0.0.1]",
    "loopback, IPv4-mapped in hexadecimal": "https://[::ffff:7f00:1]",
    "loopback, IPv4-compatible": "https://[::127.0.0.1]",
    "loopback, IPv4-translated": "https://[::ffff:0:127.0.0.1]",
    "loopback, NAT64": "https://[64:ff9b::7f00:1]",
    "loopback, local NAT64": "https://[64:ff9b:1::7f00:1]",
    "loopback, 6to4": "https://[2002:7f00:1::]",
    "loopback, Teredo": "https://[2001:0:7f00:1::]",
    "a public address, IPv4-mapped": "https://[::ffff:93.184.216.34]",
    "metadata, IPv4": "https://169.254.169.254/latest/meta-data",
    "metadata, decimal": "https://2852039166",
    "metadata, IPv4-mapped": "https://[::ffff:a9fe:a9fe]",
    "metadata, IPv6": "https://[fd00:ec2::254]",
    "metadata, Google's IPv6": "https://[fd20:ce::254]",
    "metadata, Alibaba": "https://100.100.100.200",
    "metadata, Azure": "https://168.63.129.16",
    "metadata, Oracle": "https://192.0.0.192",
    "metadata by name": "https://metadata.google.internal",
    "metadata by name, trailing dot": "https://metadata.google.internal.",
    "metadata by short name": "https://metadata",
    "metadata by Amazon's name": "https://instance-data.ec2.internal",
    "localhost": "https://localhost:8443",
    "localhost in capitals": "https://LOCALHOST",
    "localhost, trailing dot": "https://localhost.",
    "a name under localhost": "https://app.localhost",
    "the local domain": "https://localhost.localdomain",
    "the API server": "https://kubernetes",
    "the API server by namespace": "https://kubernetes.default",
    "the API server in full": "https://kubernetes.default.svc.cluster.local",
    "the API server in another domain": "https://kubernetes.default.svc.example.com",
    "link-local IPv6": "https://[fe80::1]",
    "link-local IPv6 with a zone": "https://[fe80::1%25eth0]",
    "site-local IPv6": "https://[fec0::1]",
    "unspecified": "https://0.0.0.0",
    "unspecified IPv6": "https://[::]",
    "multicast": "https://224.0.0.1",
    "multicast IPv6": "https://[ff02::1]",
    "broadcast": "https://255.255.255.255",
    "documentation": "https://192.0.2.1",
    "documentation IPv6": "https://[2001:db8::1]",
    "never given out": "https://[4000::1]",
    "another script": "https://bücher.example",
    "a Cyrillic look-alike": "https://\u0430pi.example.com",
    "a full-width slash": "https://api.example.com\uff0fevil",
    "a soft hyphen": "https://local\u00adhost",
    "no host": "https:///v1",
    "two trailing dots": "https://api.example.com..",
    "an empty label": "https://api..example.com",
    "a label that begins with a hyphen": "https://-api.example.com",
    "an underscore": "https://my_api.example.com",
    "a name that is too long": "https://" + "a." * 130 + "example.com",
    "a label that is too long": f"https://{'a' * 64}.example.com",
    "no address in the brackets": "https://[api.example.com]",
    "a user": "https://user@api.example.com",
    "a user and a password": "https://user:secret@api.example.com",
    "an empty user": "https://@api.example.com",
    "a user that looks like the host": "https://api.example.com@evil.example",
    "two at signs": "https://a@b@api.example.com",
    "a query": "https://api.example.com/v1?key=1",
    "an empty query": "https://api.example.com/v1?",
    "a fragment": "https://api.example.com/v1#top",
    "a fragment in front of the path": "https://api.example.com#@evil.example/",
}

UNREADABLE = {
    "nothing": "",
    "no scheme": "api.example.com",
    "no slashes": "https:api.example.com",
    "another scheme": "ftp://api.example.com",
    "a file": "file:///etc/passwd",
    "a backslash": "https://api.example.com\\@evil.example",
    "a space": "https://api.example.com /v1",
    "a tab": "https://api\t.example.com",
    "a line break": "https://api.example.com\n",
    "a zero byte": "https://api.example.com\x00",
    "a path in another script": "https://api.example.com/bücher",
    "an empty port": "https://api.example.com:",
    "port zero": "https://api.example.com:0",
    "a port that is too high": "https://api.example.com:65536",
    "a port in letters": "https://api.example.com:https",
    "a port in full-width digits": "https://api.example.com:\uff14\uff14\uff13",
    "a bracket that is never closed": "https://[::1",
    "something behind the bracket": "https://[::1]evil",
    "IPv6 without brackets": "https://::1",
    "too many characters": "https://api.example.com/" + "a" * 2048,
}


def _rows(table):
    return [pytest.param(url, id=name) for name, url in table.items()]


@pytest.mark.parametrize("url", _rows(ACCEPTED_OUTSIDE))
@pytest.mark.parametrize("internal", [True, False])
def test_public_https(url, internal):
    """Https to a public host is fine from anywhere."""
    assert address.objections(url, internal=internal) == ()


@pytest.mark.parametrize("url", _rows(INSIDE_ONLY))
def test_inside(url):
    """What is inside, and plain http, is fine only for what is declared to be inside."""
    assert address.objections(url, internal=True) == ()
    assert len(address.objections(url, internal=False)) == 1


@pytest.mark.parametrize("url", _rows(REFUSED_EVERYWHERE | UNREADABLE))
@pytest.mark.parametrize("internal", [True, False])
def test_never(url, internal):
    """What no tool has a reason for is refused in every spelling, also inside."""
    assert address.objections(url, internal=internal)


@pytest.mark.parametrize("url", _rows(UNREADABLE))
def test_unreadable(url):
    """What programs would read differently is not read at all."""
    assert address.read(url) is None


@pytest.mark.parametrize("value", [None, 7, ["https://api.example.com"], {"url": "https://api.example.com"}])
def test_no_text(value):
    """What is no text is no address, and no exception either."""
    assert address.read(value) is None


def test_all_objections():
    """Everything that is wrong is said at once."""
    assert address.objections("http://me:pw@10.0.0.1/?q", internal=False) == (
        "holds a user name or password; put it into a Secret and name the Secret",
        "holds a query or fragment; leave it out",
        "is plain http; use https, or set topology Internal if the host is inside",
        "names a private address; use a public host, or set topology Internal",
    )


@pytest.mark.parametrize(
    ("url", "origin", "named_port"),
    [
        ("https://API.example.com.", ("api.example.com", 443), None),
        ("http://echo.tools.svc", ("echo.tools.svc", 80), None),
        ("https://api.example.com:00443", ("api.example.com", 443), 443),
        ("https://[2606:2800::1]:8443", ("[2606:2800::1]", 8443), 8443),
    ],
)
def test_origin(url, origin, named_port):
    """Two spellings of one host are one origin, and the scheme says the port when the URL does not."""
    read = address.read(url)
    assert read is not None
    assert (read.origin, read.named_port) == (origin, named_port)


@given(st.text(max_size=60), st.booleans())
def test_any_text(text, internal):
    """Any text gets an answer, and no answer repeats a text that may hold a secret."""
    for url in (text, f"https://{text}", f"https://api.example.com/{text}"):
        found = address.objections(url, internal=internal)
        assert found == address.objections(url, internal=internal)
        assert not any("api.example.com/" + text in objection for objection in found if len(text) > 2)


@given(st.ip_addresses(v=4, network="127.0.0.0/8"), st.sampled_from(["{:d}", "{:#x}", "0{:o}"]))
def test_loopback_as_a_number(ip, form):
    """No loopback address gets through as a number."""
    assert address.objections("https://" + form.format(int(ip)), internal=True)


@given(st.ip_addresses(v=4), st.sampled_from(["::ffff:", "::", "64:ff9b::", "::ffff:0:"]))
def test_wrapped(ip, prefix):
    """No IPv4 address gets through inside an IPv6 address, whichever it is."""
    assert address.objections(f"https://[{prefix}{ip}]", internal=True)


@given(st.ip_addresses())
def test_literals_against_the_standard_library(ip):
    """Nothing that the standard library calls loopback, link-local, multicast, reserved or unspecified is ever admitted."""
    host = f"[{ip}]" if ip.version == 6 else str(ip)
    never = ip.is_loopback or ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip.is_reserved
    if never:
        assert address.objections(f"https://{host}", internal=True)
    if ip.is_private:
        assert address.objections(f"https://{host}", internal=False)
