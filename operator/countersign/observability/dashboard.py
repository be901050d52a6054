"""The Grafana dashboard, as JSON: places the rows of `panels`, one below the other."""

from itertools import count
from string import ascii_uppercase

from countersign.api.manifest import JSON
from countersign.observability.panels import ROWS, Panel, Query

_WIDTH = 24
_HEIGHT = 8
_SOURCE: JSON = {"type": "prometheus", "uid": "${datasource}"}


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
    for title, panels in ROWS:
        place = {"x": 0, "y": top, "w": _WIDTH, "h": 1}
        placed.append(
            {"id": next(ids), "type": "row", "title": title, "collapsed": False, "gridPos": place, "panels": []}
        )
        left = 0
        for panel in panels:
            placed.append(_panel(panel, number=next(ids), left=left, top=top + 1))
            left += panel.width
        top += 1 + _HEIGHT
    return placed


def _panel(panel: Panel, *, number: int, left: int, top: int) -> JSON:
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "datasource": _SOURCE,
        "gridPos": {"x": left, "y": top, "w": panel.width, "h": _HEIGHT},
        "targets": [_target(query, ref=ref) for ref, query in zip(ascii_uppercase, panel.queries, strict=False)],
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0, "thresholds": _thresholds(panel)}, "overrides": []},
        "options": {},
    }


def _target(query: Query, *, ref: str) -> JSON:
    return {"datasource": _SOURCE, "refId": ref, "expr": query.expression, "legendFormat": query.legend or "__auto"}


def _thresholds(panel: Panel) -> JSON:
    steps: list[JSON] = [{"color": "green", "value": None}]
    if panel.red_from is not None:
        steps.append({"color": "red", "value": panel.red_from})
    if panel.red_below is not None:
        steps = [{"color": "red", "value": None}, {"color": "green", "value": panel.red_below}]
    return {"mode": "absolute", "steps": steps}
