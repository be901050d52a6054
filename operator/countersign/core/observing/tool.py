"""The status of a Tool: whether it answers. Says which address may be asked at all, and what an answer means.

Only what is outside is asked, over https, with the usual certificates and no credential: an operator that calls whatever
address people write down must not become their way into the cluster.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, assert_never

from pydantic import ValidationError

from countersign.actions.tool_posture import Posture
from countersign.actions.tool_spec import Topology
from countersign.api.agents_domain import ToolStatus
from countersign.core.observing.reading import MESSAGE, generation
from countersign.core.wording import one_line
from countersign.model import address, instant

_BROKEN_FROM = 500


@dataclass(frozen=True, slots=True)
class Destination:
    """Whom to ask: a name or address of a host outside, a port, and the path below."""

    host: str
    port: int
    path: str


@dataclass(frozen=True, slots=True)
class Unasked:
    """Nobody asks it; `why` completes "not probed, because ..."."""

    why: str


@dataclass(frozen=True, slots=True)
class Answered:
    """It gave an answer of HTTP, whatever it says."""

    code: int
    milliseconds: int


@dataclass(frozen=True, slots=True)
class Silent:
    """It gave none; `why` is a sentence."""

    why: str


Probe = Answered | Silent | Unasked


def destination(content: Mapping[str, Any]) -> Destination | Unasked:
    tool = Posture(content)
    url, origin = tool.text("connection", "baseUrl"), tool.origin
    if tool.text("connection", "topology") == Topology.INTERNAL:
        return Unasked("it is inside")
    if tool.plain:
        return Unasked("it is spoken to by plain http")
    if origin is None or address.objections(url, internal=False):
        return Unasked("its address is none that a tool outside may have")
    if tool.at("connection", "tls") is not None:
        return Unasked("it has certificate settings of its own")
    host, port = origin
    return Destination(host, port, "/" + url.partition("://")[2].partition("/")[2])


def observe_tool(content: Mapping[str, Any], probe: Probe, *, now: datetime) -> ToolStatus:
    known = ToolStatus(observed_generation=generation(content))
    probed = known.but(last_probe_time=instant.show(now))
    match probe:
        case Unasked(why=why):
            return known.but(phase="Pending", message=f"not probed, because {why}")
        case Silent(why=why):
            return probed.but(phase="Unreachable", message=one_line(why, limit=MESSAGE))
        case Answered(code=code, milliseconds=milliseconds):
            phase = "Unreachable" if code >= _BROKEN_FROM else "Available"
            return probed.but(phase=phase, message=f"it answers {code}", probe_latency_ms=milliseconds)
    assert_never(probe)


def probed_lately(content: Mapping[str, Any], *, now: datetime, every: timedelta) -> bool:
    """Whether the status still holds: an operator that starts anew must not ask every tool at once."""
    try:
        status = ToolStatus.model_validate(content.get("status") or {})
        last = instant.parse(status.last_probe_time or "")
    except (ValidationError, ValueError):
        return False
    return status.observed_generation == generation(content) and timedelta() <= now - last < every
