"""Draws the dashboard as an SVG, without Grafana: `python -m hack.dashboard.picture docs/images/dashboard.svg`.

Two replicas on a Kubernetes of their own live through a busy time while Prometheus looks on; then every query of every panel is
asked about that time, and what came back is drawn at the panel's place. Nothing in the picture is typed by hand.
"""

import json
import re
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hack.dashboard.drawing import Box, Panel, Series, Span, draw, text
from tests.support.busy import Busy
from tests.support.prometheus import Server, build, folder, scraping
from tests.support.replicas import Replica, Replicas, replicated
from tests.support.rules import Rules

from countersign.generate import ROOT

FILES = ROOT / "charts" / "countersign" / "files"
COLUMN, UNIT, GAP, MARGIN = 60, 30, 6, 10
STEP = 2.0
ROUNDS, PAUSE = 4, 2.5
_STYLE = """
text { font: 11px system-ui, "Helvetica Neue", Arial, sans-serif; fill: #24292e }
.title { font-weight: 600; font-size: 13px } .row { font-weight: 600; font-size: 15px }
.said { fill: #6c7680; font-size: 10.5px } .tick { fill: #6c7680; font-size: 10px } .end { text-anchor: end }
.middle, .number, .band, .nothing { text-anchor: middle }
.number { font-size: 22px; font-weight: 600; fill: #fff } .band { fill: #fff; font-weight: 600 } .nothing { fill: #a0a7ad }
.panel { fill: #fff; stroke: #dde1e5 } .grid { stroke: #eceff1 }
"""


def main(target: Path) -> None:
    """The plane's programs and Prometheus are built first if this machine does not have them."""
    build()
    with tempfile.TemporaryDirectory(prefix="countersign-picture-") as kept:
        directory = Path(kept)
        with replicated(directory / "plane") as replicas:
            pair = replicas.pair()
            addresses = [replica.address for replica in pair]
            rules = FILES / "alerts.yaml"
            with scraping(folder() / "prometheus", *addresses, rules=rules, directory=directory) as server:
                began = time.time()
                live(replicas, pair)
                svg = picture(server, Span(began, time.time()), addresses)
    target.write_text(svg, encoding="utf-8")


def live(replicas: Replicas, pair: tuple[Replica, Replica]) -> None:
    """A busy time of one namespace after the other. In the middle the leader sleeps until the other one has taken over."""
    leader, standby = pair
    scenes = [replicas.scene() for _ in range(ROUNDS)]
    for number, scene in enumerate(scenes):
        if number == ROUNDS // 2:
            leader.send(signal.SIGSTOP)
            standby.until_logged("lease acquired")
            leader.send(signal.SIGCONT)
        busy = Busy(next(scene), replicas.people["both"])
        busy.live(between=lambda: time.sleep(PAUSE))
        rules = Rules(busy.scene)
        busy.under_rules(rules)
        rules.remove()


def picture(server: Server, span: Span, addresses: list[str]) -> str:
    panels = json.loads((FILES / "dashboard.json").read_text())["panels"]
    height = max(place["y"] + place["h"] for place in (panel["gridPos"] for panel in panels)) * UNIT + 2 * MARGIN
    width = 24 * COLUMN + 2 * MARGIN
    parts = [part for panel in panels for part in _drawn(panel, server, span)]
    body = "\n".join(parts)
    for number, address in enumerate(addresses, start=1):
        body = body.replace(address, f"replica {number}")
    background = f'<rect width="{width}" height="{height}" fill="#f4f5f5"/>'
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">'
    return f"{opening}\n<style>{_STYLE}</style>\n{background}\n{body}\n</svg>\n"


def _drawn(panel: Panel, server: Server, span: Span) -> Iterator[str]:
    place = panel["gridPos"]
    x, y = MARGIN + place["x"] * COLUMN, MARGIN + place["y"] * UNIT
    if panel["type"] == "row":
        yield text(x + 4, y + 20, panel["title"], "row")
        return
    box = Box(x + GAP / 2, y + GAP / 2, place["w"] * COLUMN - GAP, place["h"] * UNIT - GAP)
    series = [one for target in panel["targets"] for one in _asked(target, server, span)]
    yield from draw(panel, series, box=box, span=span)


def _asked(target: dict[str, Any], server: Server, span: Span) -> Iterator[Series]:
    """As Grafana asks it, and named as it would name it. The window is shorter: Prometheus scrapes once a second here."""
    replaced = {"$job": ".*", "$__rate_interval": "15s", "$__range": f"{span.end - span.start:.0f}s"}
    expression = target["expr"]
    for name, value in replaced.items():
        expression = expression.replace(name, value)
    for found in server.history(expression, start=span.start, end=span.end, step=STEP):
        labels = found["metric"]
        legend = re.sub(r"\{\{(\w+)\}\}", lambda match, labels=labels: labels.get(match[1], ""), target["legendFormat"])
        yield Series(legend, tuple((float(at), float(value)) for at, value in found["values"]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
