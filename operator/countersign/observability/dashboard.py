"""The Grafana dashboard, as JSON: places the rows of `panels`, one below the other."""

from itertools import count
from string import ascii_uppercase
from typing import assert_never

from countersign.api.manifest import JSON
from countersign.observability.panel import Kind, Panel, Query
from countersign.observability.panels import ROWS

_WIDTH = 24
_SOURCE: JSON = {"type": "prometheus", "uid": "${datasource}"}
_TYPES: dict[Kind, str] = {"stat": "stat", "lines": "timeseries", "areas": "timeseries", "states": "state-timeline"}


def dashboard() -> JSON:
    """As Grafana 10 and later import it."""
    return {
        "uid": "countersign",
        "title": "Countersign",
        "tags": ["countersign"],
        "schemaVersion": 39,
        "editable": False,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": [_datasource(), _job()]},
        "panels": _placed(),
    }


def _datasource() -> JSON:
    return {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"}


def _job() -> JSON:
    query = "label_values(countersign_build_info, job)"
    return {
        "name": "job",
        "type": "query",
        "datasource": _SOURCE,
        "query": {"query": query, "refId": "job"},
        "definition": query,
        "refresh": 2,
        "includeAll": True,
        "multi": True,
        "allValue": ".*",
        "current": {"text": "All", "value": "$__all"},
    }


def _placed() -> list[JSON]:
    """Row after row, each panel right of the one before it."""
    placed: list[JSON] = []
    ids, top = count(1), 0
    for row in ROWS:
        place = {"x": 0, "y": top, "w": _WIDTH, "h": 1}
        placed.append(
            {"id": next(ids), "type": "row", "title": row.title, "collapsed": False, "gridPos": place, "panels": []}
        )
        width = _WIDTH // len(row.panels)
        for column, panel in enumerate(row.panels):
            position = {"x": column * width, "y": top + 1, "w": width, "h": row.height}
            placed.append(_panel(panel, number=next(ids), position=position))
        top += 1 + row.height
    return placed


def _panel(panel: Panel, *, number: int, position: JSON) -> JSON:
    defaults = {
        "unit": panel.unit,
        "min": 0,
        "mappings": _mappings(panel),
        "thresholds": _thresholds(panel),
        "custom": _drawn(panel),
    }
    return {
        "id": number,
        "type": _TYPES[panel.kind],
        "title": panel.title,
        "description": panel.description,
        "datasource": _SOURCE,
        "gridPos": position,
        "targets": [_target(query, ref=ref) for ref, query in zip(ascii_uppercase, panel.queries, strict=False)],
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": _options(panel),
    }


def _target(query: Query, *, ref: str) -> JSON:
    return {"datasource": _SOURCE, "refId": ref, "expr": query.expression, "legendFormat": query.legend}


def _drawn(panel: Panel) -> JSON:
    """The threshold of a panel of lines is a line itself."""
    match panel.kind:
        case "stat":
            return {}
        case "states":
            return {"fillOpacity": 80, "lineWidth": 0}
        case "lines":
            line = "dashed" if panel.red_from is not None else "off"
            return {"drawStyle": "line", "fillOpacity": 5, "showPoints": "never", "thresholdsStyle": {"mode": line}}
        case "areas":
            return {"drawStyle": "line", "fillOpacity": 60, "showPoints": "never", "stacking": {"mode": "normal"}}
    assert_never(panel.kind)


def _options(panel: Panel) -> JSON:
    legend = {"showLegend": True, "displayMode": "list", "placement": "bottom"}
    match panel.kind:
        case "stat":
            return {"reduceOptions": {"calcs": ["lastNotNull"]}, "colorMode": "background", "graphMode": "none"}
        case "states":
            return {"mergeValues": True, "showValue": "auto", "legend": legend}
        case "lines" | "areas":
            return {"legend": legend, "tooltip": {"mode": "multi", "sort": "desc"}}
    assert_never(panel.kind)


def _mappings(panel: Panel) -> list[JSON]:
    words = {
        str(word.value): {"text": word.text, "color": word.colour, "index": index}
        for index, word in enumerate(panel.words)
    }
    return [{"type": "value", "options": words}] if words else []


def _thresholds(panel: Panel) -> JSON:
    """Colours in the order of their values; the first one has none."""
    if panel.red_below is not None:
        return _steps(("red", None), ("green", panel.red_below))
    return _steps(("green", None), ("orange", panel.amber_from), ("red", panel.red_from))


def _steps(first: tuple[str, None], *others: tuple[str, float | None]) -> JSON:
    wanted = [first, *(step for step in others if step[1] is not None)]
    return {"mode": "absolute", "steps": [{"color": colour, "value": value} for colour, value in wanted]}
