"""The Grafana dashboard, as JSON: what needs a person first, then how fast the operator works and what it asks of the API server.

Its queries use metrics, not recording rules, so that it works without them.
"""

from dataclasses import dataclass
from itertools import count

from countersign.api.manifest import JSON

_WIDTH = 24
_HEIGHT = 8
_SOURCE: JSON = {"type": "prometheus", "uid": "${datasource}"}


@dataclass(frozen=True, slots=True)
class Query:
    """`legend` names the lines by their labels."""

    expression: str
    legend: str = ""

    def target(self, ref: str) -> JSON:
        return {"datasource": _SOURCE, "refId": ref, "expr": self.expression, "legendFormat": self.legend or "__auto"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """`red_from` and `red_below` colour what somebody should look at."""

    title: str
    queries: tuple[Query, ...]
    kind: str = "timeseries"
    unit: str = "short"
    width: int = 8
    red_from: float | None = None
    red_below: float | None = None


def _counted(metric: str, by: str, *selected: str) -> str:
    """How often, per second; of the chosen processes."""
    chosen = ",".join(('job=~"$job"', *selected))
    return f"sum by ({by}) (rate({metric}{{{chosen}}}[$__rate_interval]))"


def _quantile(level: float, histogram: str, by: str = "") -> str:
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({level}, {_counted(histogram + '_bucket', labels)})"


def _plans(reason: str) -> str:
    """Every replica counts all plans; none with this reason is 0, not nothing."""
    return f'max(countersign_plans{{job=~"$job",reason=~"{reason}"}}) or vector(0)'


ROWS: tuple[tuple[str, tuple[Panel, ...]], ...] = (
    (
        "What needs a person",
        (
            Panel(
                title="Guard",
                queries=(Query('min(countersign_guard_ok{job=~"$job"})'),),
                kind="stat",
                width=4,
                red_below=1,
            ),
            Panel(title="Awaiting approval", queries=(Query(_plans("AwaitingApproval")),), kind="stat", width=4),
            Panel(title="Invalid", queries=(Query(_plans("Invalid")),), kind="stat", width=4),
            Panel(title="Untrusted", queries=(Query(_plans("GuardMissing")),), kind="stat", width=4, red_from=1),
            Panel(title="Failed", queries=(Query(_plans("ActionFailed")),), kind="stat", width=4),
            Panel(
                title="Processes", queries=(Query('count(countersign_build_info{job=~"$job"})'),), kind="stat", width=4
            ),
        ),
    ),
    (
        "Plans",
        (
            Panel(
                title="Plans by phase and reason",
                queries=(Query('max by (phase, reason) (countersign_plans{job=~"$job"})', "{{phase}} {{reason}}"),),
            ),
            Panel(
                title="Actions that ended",
                queries=(Query(_counted("countersign_actions_total", "type, status"), "{{type}} {{status}}"),),
                unit="cps",
            ),
            Panel(
                title="Decisions",
                queries=(
                    Query(_counted("countersign_decisions_total", "outcome, counts"), "{{outcome}} counts={{counts}}"),
                ),
                unit="cps",
            ),
        ),
    ),
    (
        "Turns",
        (
            Panel(
                title="Turns by result",
                queries=(Query(_counted("controller_runtime_reconcile_total", "result"), "{{result}}"),),
                unit="cps",
            ),
            Panel(
                title="Length of turns",
                queries=(
                    Query(_quantile(0.5, "controller_runtime_reconcile_time_seconds"), "half"),
                    Query(_quantile(0.99, "controller_runtime_reconcile_time_seconds"), "99 of 100"),
                ),
                unit="s",
            ),
            Panel(
                title="Queue",
                queries=(
                    Query('max(workqueue_depth{job=~"$job",name="plan"})', "waiting plans"),
                    Query('max(workqueue_oldest_seconds{job=~"$job",name="plan"})', "longest wait (s)"),
                    Query('max(workqueue_unfinished_work_seconds{job=~"$job",name="plan"})', "longest turn (s)"),
                ),
            ),
        ),
    ),
    (
        "API server",
        (
            Panel(
                title="Requests by answer",
                queries=(Query(_counted("rest_client_requests_total", "code"), "{{code}}"),),
                unit="reqps",
            ),
            Panel(
                title="Length of requests, 99 of 100",
                queries=(Query(_quantile(0.99, "rest_client_request_duration_seconds", "verb"), "{{verb}}"),),
                unit="s",
            ),
            Panel(
                title="Restarts of the watches",
                queries=(Query('sum(increase(countersign_watch_restarts_total{job=~"$job"}[$__rate_interval]))'),),
            ),
        ),
    ),
)


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
        "targets": [query.target(chr(ord("A") + index)) for index, query in enumerate(panel.queries)],
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0, "thresholds": _thresholds(panel)}, "overrides": []},
        "options": {},
    }


def _thresholds(panel: Panel) -> JSON:
    steps: list[JSON] = [{"color": "green", "value": None}]
    if panel.red_from is not None:
        steps.append({"color": "red", "value": panel.red_from})
    if panel.red_below is not None:
        steps = [{"color": "red", "value": None}, {"color": "green", "value": panel.red_below}]
    return {"mode": "absolute", "steps": steps}
