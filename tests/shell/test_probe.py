"""Asking a tool whether it is there, on real sockets, against servers and names that mean harm."""

import asyncio
import socket
import time

import pytest
from tests.support.strange_servers import (
    HOST,
    answers,
    dawdles,
    floods,
    hangs_up,
    make_trust,
    rambles,
    serving,
)

from countersign.core.observing.tool import Answered, Destination, Silent
from countersign.shell.probe import Prober, _request, is_outside, resolve

OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


class Names:
    """A resolver that says what it is told to, one answer after the other, and counts how often it was asked."""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []

    async def __call__(self, host, port):
        self.asked.append(host)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture(scope="module")
def trust(tmp_path_factory):
    return make_trust(tmp_path_factory.mktemp("trust"))


def _prober(trust, names=None, **rest):
    """On loopback, which stands for the outside here."""
    admits = rest.pop("admits", lambda ip: ip == "127.0.0.1")
    seconds = rest.pop("seconds", 2.0)
    resolver = names or Names(("127.0.0.1",))
    return Prober(resolve=resolver, admits=admits, trust=trust.client, seconds=seconds)


def _at(server, path="/"):
    return Destination(HOST, server.port, path)


@pytest.mark.parametrize("code", [200, 204, 301, 401, 404, 503])
async def test_answer(trust, code):
    """Whatever it answers is an answer; how long it took is measured."""
    async with serving(answers(f"HTTP/1.1 {code} Whatever\r\n\r\n"), trust=trust.server) as server:
        found = await _prober(trust).probe(_at(server, "/v1/x"))
    assert isinstance(found, Answered)
    assert (found.code, 0 <= found.milliseconds < 2000) == (code, True)
    (request,) = server.requests
    assert request.startswith(b"GET /v1/x HTTP/1.1\r\nHost: tool.example.com:")
    assert b"authorization" not in request.lower()
    assert b"cookie" not in request.lower()


async def test_redirect(trust):
    """A redirect is an answer, and nobody goes where it points."""
    async with serving(answers(OK), trust=trust.server) as inner:
        head = f"HTTP/1.1 302 Found\r\nLocation: https://{HOST}:{inner.port}/secret\r\n\r\n"
        async with serving(answers(head), trust=trust.server) as server:
            found = await _prober(trust).probe(_at(server))
    assert (found.code, inner.connections) == (302, 0)


async def test_rebinding(trust):
    """A name that turns into another address after it was checked changes nothing: it is resolved once."""
    async with (
        serving(answers(OK), trust=trust.server) as server,
        serving(answers(OK), trust=trust.server, ip="127.0.0.2", port=server.port) as victim,
    ):
        names = Names(("127.0.0.1",), ("127.0.0.2",))
        found = await _prober(trust, names).probe(_at(server))
        again = await _prober(trust, names).probe(_at(server))
    assert isinstance(found, Answered)
    assert isinstance(again, Silent)
    assert (names.asked, server.connections, victim.connections) == ([HOST, HOST], 1, 0)


@pytest.mark.parametrize(
    "addresses",
    [
        ("127.0.0.1",),
        ("93.184.216.34", "127.0.0.1"),
        ("10.0.0.1",),
        ("169.254.169.254",),
        ("::1",),
        ("::ffff:127.0.0.1",),
        ("64:ff9b::7f00:1",),
        ("fe80::1%lo",),
        ("fd00:ec2::254",),
        ("0.0.0.0",),
        (),
    ],
)
async def test_inside(trust, addresses):
    """A name of which any address is not outside leads nowhere, not even to its other addresses."""
    async with serving(answers(OK), trust=trust.server) as server:
        found = await _prober(trust, Names(addresses), admits=is_outside).probe(_at(server))
    assert found == Silent("the name of its host stands for an address that is not outside")
    assert server.connections == 0


@pytest.mark.parametrize("ip", ["93.184.216.34", "2606:4700::1111"])
def test_outside(ip):
    """Public addresses are outside."""
    assert is_outside(ip)


async def test_slow(trust):
    """Time is bounded over the whole, also for a server that always sends a little more."""
    async with serving(dawdles, trust=trust.server) as server:
        began = time.monotonic()
        found = await _prober(trust, seconds=0.5).probe(_at(server))
    assert found == Silent("it gives no answer within 0.5 s")
    assert time.monotonic() - began < 1.5


async def test_huge_body(trust):
    """Of an answer without an end the first line is enough."""
    async with serving(floods, trust=trust.server) as server:
        found = await _prober(trust).probe(_at(server))
    assert found.code == 200


async def test_huge_line(trust):
    """A first line without an end is no HTTP."""
    async with serving(rambles, trust=trust.server) as server:
        assert await _prober(trust).probe(_at(server)) == Silent("its answer is not HTTP")


@pytest.mark.parametrize("head", ["SSH-2.0-OpenSSH\r\n", "HTTP/2 200\r\n", "HTTP/1.1 999 x\r\n", "HTTP/1.1 20\r\n"])
async def test_other_protocols(trust, head):
    """Nothing but a line of HTTP/1 counts."""
    async with serving(answers(head), trust=trust.server) as server:
        assert await _prober(trust).probe(_at(server)) == Silent("its answer is not HTTP")


async def test_plain_http(trust):
    """Nobody is spoken to in the open: a server without TLS gets no request."""
    async with serving(answers(OK), trust=None) as server:
        found = await _prober(trust, seconds=0.3).probe(_at(server))
    assert isinstance(found, Silent)
    assert (server.connections, server.requests) == (1, [])


async def test_certificate_of_another_host(trust, tmp_path):
    """A certificate has to be one for the host, from an authority that is trusted."""
    other = make_trust(tmp_path, names=("other.example.com",))
    async with serving(answers(OK), trust=other.server) as server:
        for known in (trust, other):
            found = await _prober(known).probe(_at(server))
            assert found == Silent("it does not speak TLS with a certificate that is valid for its host")
    assert server.requests == []


async def test_hanging_up(trust):
    """To close the connection is no answer."""
    async with serving(hangs_up, trust=trust.server) as server:
        found = await _prober(trust).probe(_at(server))
    assert found == Silent("no connection could be made, or it was closed without an answer")


async def test_nobody_there(trust):
    """A refused connection is no answer."""
    async with serving(answers(OK), trust=trust.server) as server:
        pass
    found = await _prober(trust).probe(_at(server))
    assert found == Silent("no connection could be made, or it was closed without an answer")


async def test_next_address(trust):
    """Where one address cannot be reached, the next is tried; all of them were checked before."""
    names = Names(("127.0.0.3", "127.0.0.1"))
    async with serving(answers(OK), trust=trust.server) as server:
        found = await _prober(trust, names, admits=lambda ip: ip.startswith("127.")).probe(_at(server))
    assert (found.code, names.asked) == (200, [HOST])


async def test_unknown_name(trust):
    """A name that does not resolve says so."""
    names = Names(socket.gaierror("nothing"))
    found = await _prober(trust, names).probe(Destination(HOST, 443, "/"))
    assert found == Silent("the name of its host cannot be resolved")


async def test_slow_name(trust):
    """Resolving counts towards the time."""

    async def never(_host, _port):
        await asyncio.Event().wait()

    found = await _prober(trust, never, seconds=0.1).probe(Destination(HOST, 443, "/"))
    assert found == Silent("it gives no answer within 0.1 s")


@pytest.mark.parametrize(("port", "named"), [(443, b"tool.example.com"), (8443, b"tool.example.com:8443")])
def test_host(port, named):
    """The host is named as everybody names it."""
    assert _request(Destination(HOST, port, "/")).splitlines()[1] == b"Host: " + named


async def test_resolve():
    """Each address once; addresses stand for themselves."""
    assert await resolve("127.0.0.1", 443) == ("127.0.0.1",)
    assert await resolve("[::1]", 443) == ("::1",)
