"""The status of a Tool: whom to ask, and what an answer means."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.settings import MODEST
from tests.support.snapshots import NOW
from tests.support.tools import a_connection

from countersign.core.observing.tool import (
    Answered,
    Destination,
    Silent,
    Unasked,
    destination,
    observe_tool,
    probed_lately,
)
from countersign.model.host import Place, locate

EVERY = timedelta(minutes=5)


def _content(connection=None, **rest):
    return {"metadata": {"generation": 4}, "spec": {"connection": connection or a_connection()}, **rest}


class TestDestination:
    """Which address may be asked at all."""

    @pytest.mark.parametrize(
        ("connection", "expected"),
        [
            (a_connection("https://api.example.com"), Destination("api.example.com", 443, "/")),
            (a_connection("https://API.example.com:8443/v1/x"), Destination("api.example.com", 8443, "/v1/x")),
            (a_connection("https://api.example.com", port=8443), Destination("api.example.com", 8443, "/")),
            (a_connection("https://[2606:4700::1]/"), Destination("[2606:4700::1]", 443, "/")),
        ],
    )
    def test_outside(self, connection, expected):
        """A host outside, over https, at the port of the address."""
        assert destination(_content(connection)) == expected

    @pytest.mark.parametrize(
        ("connection", "why"),
        [
            (a_connection("https://echo.tools.svc", topology="Internal"), "it is inside"),
            (a_connection("http://api.example.com"), "it is spoken to by plain http"),
            (a_connection(scheme="HTTP"), "it is spoken to by plain http"),
            (a_connection("https://127.0.0.1"), "its address is none that a tool outside may have"),
            (a_connection("https://127.1"), "its address is none that a tool outside may have"),
            (a_connection("https://10.0.0.1"), "its address is none that a tool outside may have"),
            (a_connection("https://metadata.google.internal"), "its address is none that a tool outside may have"),
            (a_connection("https://me:pw@api.example.com"), "its address is none that a tool outside may have"),
            (a_connection("https://api.example.com\r\nX: y"), "its address is none that a tool outside may have"),
            (a_connection("::"), "its address is none that a tool outside may have"),
            ({"baseUrl": 7}, "its address is none that a tool outside may have"),
            (a_connection(tls={"insecureSkipVerify": True}), "it has certificate settings of its own"),
        ],
    )
    def test_unasked(self, connection, why):
        """Whatever kubectl wrote, nobody inside is asked, and nobody in the open."""
        assert destination(_content(connection)) == Unasked(why)

    @MODEST
    @given(st.text(max_size=30) | st.from_regex(r"https://[a-z0-9.:@\[\]%/\\#?-]{1,24}", fullmatch=True))
    def test_any_text(self, url):
        """No text whatsoever leads to a host that is known to be inside, or to a request of more than one line."""
        asked = destination(_content(a_connection(url)))
        if isinstance(asked, Destination):
            assert locate(asked.host).place is Place.OUTSIDE
            assert f"{asked.host}{asked.path}".isprintable()
            assert " " not in asked.path


class TestStatus:
    """What an answer means."""

    @pytest.mark.parametrize(
        ("code", "phase"),
        [(code, "Available") for code in (200, 302, 401, 403, 404)] + [(code, "Unreachable") for code in (500, 503)],
    )
    def test_answered(self, code, phase):
        """As RunAgents has it: 401 and 403 are answers, 5xx is none."""
        assert observe_tool(_content(), Answered(code, 12), now=NOW).wire() == {
            "observedGeneration": 4,
            "phase": phase,
            "message": f"it answers {code}",
            "lastProbeTime": "2030-01-01T12:00:00Z",
            "probeLatencyMs": 12,
        }

    def test_silent(self):
        """No answer is no latency."""
        assert observe_tool(_content(), Silent("it gives no answer within 5 s"), now=NOW).wire() == {
            "observedGeneration": 4,
            "phase": "Unreachable",
            "message": "it gives no answer within 5 s",
            "lastProbeTime": "2030-01-01T12:00:00Z",
        }

    def test_unasked(self):
        """What nobody asks stays Pending, with the reason and without a time."""
        assert observe_tool(_content(), Unasked("it is inside"), now=NOW).wire() == {
            "observedGeneration": 4,
            "phase": "Pending",
            "message": "not probed, because it is inside",
        }


@pytest.mark.parametrize(
    ("status", "lately"),
    [
        ({"observedGeneration": 4, "lastProbeTime": "2030-01-01T11:56:00Z"}, True),
        ({"observedGeneration": 4, "lastProbeTime": "2030-01-01T11:55:00Z"}, False),
        ({"observedGeneration": 4, "lastProbeTime": "2030-01-01T12:01:00Z"}, False),
        ({"observedGeneration": 3, "lastProbeTime": "2030-01-01T11:56:00Z"}, False),
        ({"observedGeneration": 4, "lastProbeTime": "yesterday"}, False),
        ({"observedGeneration": 4}, False),
        ({"observedGeneration": "x", "lastProbeTime": 7}, False),
        (None, False),
    ],
)
def test_probed_lately(status, lately):
    """A status holds for its generation and for a while, which an operator that starts anew respects."""
    assert probed_lately(_content(status=status), now=NOW, every=EVERY) is lately
