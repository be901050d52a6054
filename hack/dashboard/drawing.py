"""Draws one panel of the dashboard as SVG, as its JSON says and from what Prometheus answered.

It knows the kinds of panels that the dashboard has: numbers, lines, areas and bands. Another kind is an error, not an empty place.
"""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any
from xml.sax.saxutils import escape

from hack.dashboard.scales import shown, ticks

COLOURS = (
    "#3274d9",
    "#e0752d",
    "#299c46",
    "#a352cc",
    "#e02f44",
    "#00a3a3",
    "#b8860b",
    "#705da0",
    "#6c7680",
    "#d45087",
    "#7fb800",
    "#0d5c63",
    "#f2a65a",
    "#8a2be2",
    "#5c4033",
    "#94a3b8",
)
NAMED = {"green": "#299c46", "orange": "#e0752d", "red": "#e02f44", "blue": "#8ab8ff"}
_FAINT = 0.5
_LEFT, _RIGHT, _AXIS, _LINE = 54, 14, 18, 15

Panel = Mapping[str, Any]


@dataclass(frozen=True)
class Box:
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Series:
    """One line of a panel: its legend, and its points as time and value."""

    legend: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Span:
    """What the horizontal axis covers, in seconds since the epoch."""

    start: float
    end: float


def draw(panel: Panel, series: Sequence[Series], *, box: Box, span: Span) -> Iterator[str]:
    """Frame and title, then whatever kind it is."""
    yield f'<rect x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" class="panel"/>'
    yield text(box.x + 10, box.y + 18, panel["title"], "title")
    lines = wrap(panel["description"], int((box.width - 16) / 5.6))
    yield from (text(box.x + 10, box.y + 33 + 12 * number, line, "said") for number, line in enumerate(lines))
    top = box.y + 30 + 12 * len(lines)
    inner = Box(box.x, top, box.width, box.y + box.height - top)
    if not any(one.points for one in series):
        yield text(box.x + box.width / 2, top + inner.height / 2, "No data", "nothing")
        return
    match panel["type"]:
        case "stat":
            yield from _numbers(panel, series, inner)
        case "timeseries":
            yield from _lines(panel, series, inner, span)
        case "state-timeline":
            yield from _bands(panel, series, inner, span)
        case other:
            raise ValueError(f"panel {panel['title']} is a {other}: say here how that is drawn")


def text(x: float, y: float, words: str, style: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{style}">{escape(words)}</text>'


def _numbers(panel: Panel, series: Sequence[Series], box: Box) -> Iterator[str]:
    width = box.width / len(series)
    for number, one in enumerate(series):
        value = one.points[-1][1]
        words, colour = worded(panel, value)
        x = box.x + 6 + number * width
        size = f'width="{width - 12:.1f}" height="{box.height - 8:.1f}"'
        yield f'<rect x="{x:.1f}" y="{box.y}" {size} rx="3" fill="{colour}"/>'
        yield text(x + width / 2 - 6, box.y + box.height / 2 + 6, words, "number")


def worded(panel: Panel, value: float) -> tuple[str, str]:
    """What is shown instead of the number, and its colour: a mapping comes before the thresholds."""
    defaults = panel["fieldConfig"]["defaults"]
    for mapping in defaults["mappings"]:
        if found := mapping["options"].get(f"{value:g}"):
            return found["text"], NAMED[found["color"]]
    reached = [step for step in defaults["thresholds"]["steps"] if step["value"] is None or value >= step["value"]]
    return shown(value, defaults["unit"]), NAMED[reached[-1]["color"]]


def _lines(panel: Panel, series: Sequence[Series], box: Box, span: Span) -> Iterator[str]:
    defaults = panel["fieldConfig"]["defaults"]
    custom = defaults["custom"]
    stacked = custom.get("stacking", {}).get("mode") == "normal"
    limits = [step["value"] for step in defaults["thresholds"]["steps"] if step["value"] is not None]
    limits = limits if custom.get("thresholdsStyle", {}).get("mode") == "dashed" else []
    drawn = _stacked(series) if stacked else series
    legend = list(_legend([one.legend for one in series], box))
    plot = Box(box.x + _LEFT, box.y + 4, box.width - _LEFT - _RIGHT, box.height - 10 - _AXIS - _LINE * _rows(legend))
    marks = ticks([value for one in drawn for _, value in one.points if not math.isnan(value)] + limits)
    yield from _axes(marks, defaults["unit"], plot, span)
    for number, one in reversed(list(enumerate(drawn))):
        colour = COLOURS[number % len(COLOURS)]
        for run in _runs(one.points):
            path = " ".join(f"{_x(time, plot, span):.0f},{_y(value, marks, plot):.0f}" for time, value in run)
            yield from _run(path, colour, plot, opacity=custom["fillOpacity"] / 100)
    for limit in limits:
        y = _y(limit, marks, plot)
        yield f'<path d="M{plot.x:.0f} {y:.0f}h{plot.width:.0f}" stroke="{NAMED["red"]}" stroke-dasharray="6 4"/>'
    yield from (line for _, line in legend)


def _run(path: str, colour: str, plot: Box, *, opacity: float) -> Iterator[str]:
    first, last, bottom = (
        path.split(",", maxsplit=1)[0],
        path.rsplit(" ", maxsplit=1)[-1].split(",", maxsplit=1)[0],
        f"{plot.y + plot.height:.0f}",
    )
    area = f'<polygon points="{first},{bottom} {path} {last},{bottom}"'
    yield f'{area} fill="#fff"/>' if opacity > _FAINT else ""
    yield f'{area} fill="{colour}" fill-opacity="{opacity}"/>'
    yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>'


def _bands(panel: Panel, series: Sequence[Series], box: Box, span: Span) -> Iterator[str]:
    plot = Box(box.x + 110, box.y + 4, box.width - 110 - _RIGHT, box.height - 10 - _AXIS)
    yield from _times(plot, span)
    height = plot.height / len(series)
    for number, one in enumerate(series):
        top = plot.y + number * height
        yield text(plot.x - 6, top + height / 2 + 4, one.legend, "tick end")
        for start, end, value in _constant(one.points):
            words, colour = worded(panel, value)
            left, right = _x(start, plot, span), _x(end, plot, span)
            size = f'width="{max(right - left, 1):.0f}" height="{height - 8:.0f}"'
            yield f'<rect x="{left:.0f}" y="{top + 2:.0f}" {size} fill="{colour}" fill-opacity="0.8"/>'
            if right - left > 7 * len(words):
                yield text((left + right) / 2, top + height / 2 + 4, words, "band")


def _stacked(series: Sequence[Series]) -> list[Series]:
    """Each on top of those before it."""
    below: dict[float, float] = {}
    stacked = []
    for one in series:
        below |= {time: below.get(time, 0) + value for time, value in one.points}
        stacked.append(Series(one.legend, tuple((time, below[time]) for time, _ in one.points)))
    return stacked


def _runs(points: Sequence[tuple[float, float]]) -> Iterator[list[tuple[float, float]]]:
    """What is not a number, or missing, interrupts the line."""
    run: list[tuple[float, float]] = []
    step = min((later - earlier for (earlier, _), (later, _) in itertools.pairwise(points)), default=0)
    for time, value in points:
        if run and (math.isnan(value) or time - run[-1][0] > 1.5 * step):
            yield run
            run = []
        if not math.isnan(value):
            run.append((time, value))
    if run:
        yield run


def _constant(points: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float, float]]:
    start, held = points[0]
    for time, value in points[1:]:
        if value != held:
            yield start, time, held
            start, held = time, value
    yield start, points[-1][0], held


def _axes(marks: Sequence[float], unit: str, plot: Box, span: Span) -> Iterator[str]:
    for mark in marks:
        y = _y(mark, marks, plot)
        yield f'<path d="M{plot.x:.0f} {y:.0f}h{plot.width:.0f}" class="grid"/>'
        yield text(plot.x - 6, y + 4, shown(mark, unit), "tick end")
    yield from _times(plot, span)


def _times(plot: Box, span: Span) -> Iterator[str]:
    for second in range(0, int(span.end - span.start) + 1, 30):
        x, bottom = _x(span.start + second, plot, span), plot.y + plot.height
        yield f'<path d="M{x:.0f} {plot.y:.0f}V{bottom:.0f}" class="grid"/>'
        yield text(x, bottom + 14, f"{second // 60}:{second % 60:02}", "tick middle")


def _legend(words: Sequence[str], box: Box) -> Iterator[tuple[int, str]]:
    """Each with the line it stands in, counted from the bottom."""
    placed, x, row = [], box.x + 12, 0
    for number, word in enumerate(words):
        width = 26 + 6.4 * len(word)
        if x + width > box.x + box.width and x > box.x + 12:
            x, row = box.x + 12, row + 1
        placed.append((number, word, x, row))
        x += width
    for number, word, x, row in placed:
        y = box.y + box.height - 8 - _LINE * (placed[-1][3] - row)
        mark = f'<rect x="{x:.0f}" y="{y - 6:.0f}" width="12" height="4" fill="{COLOURS[number % len(COLOURS)]}"/>'
        yield row, mark + text(x + 16, y, word, "legend")


def _rows(legend: Sequence[tuple[int, str]]) -> int:
    return legend[-1][0] + 1 if legend else 0


def _x(time: float, plot: Box, span: Span) -> float:
    return plot.x + plot.width * (time - span.start) / (span.end - span.start)


def _y(value: float, marks: Sequence[float], plot: Box) -> float:
    return plot.y + plot.height * (1 - value / marks[-1])
