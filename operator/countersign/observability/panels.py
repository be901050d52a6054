"""What the dashboard shows: what needs a person first, then how fast the operator works and what it asks of the API server.

Its queries use metrics, not recording rules, so that it works without them. `dashboard` turns them into what Grafana imports.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Query:
    """`legend` names the lines by their labels."""

    expression: str
    legend: str = ""


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


# Without an election every process leads.
_LEADING = 'sum(leader_election_master_status{job=~"$job"}) or count(countersign_build_info{job=~"$job"})'

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
                title="Processes",
                queries=(
                    Query('count(countersign_build_info{job=~"$job"})', "running"),
                    Query(_LEADING, "leading"),
                ),
                kind="stat",
                width=4,
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
        "How long it takes",
        (
            Panel(
                title="Until enough people have approved",
                queries=(
                    Query(_quantile(0.5, "countersign_approval_wait_seconds"), "half"),
                    Query(_quantile(0.9, "countersign_approval_wait_seconds"), "9 of 10"),
                ),
                unit="s",
            ),
            Panel(
                title="Actions, 99 of 100",
                queries=(Query(_quantile(0.99, "countersign_action_duration_seconds", "type"), "{{type}}"),),
                unit="s",
            ),
            Panel(
                title="Until a turn begins, 99 of 100",
                queries=(Query(_quantile(0.99, "workqueue_queue_duration_seconds"), "waiting"),),
                unit="s",
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
                    Query('max(countersign_workqueue_oldest_seconds{job=~"$job"})', "longest wait (s)"),
                    Query(
                        'max(workqueue_longest_running_processor_seconds{job=~"$job",name="plan"})', "longest turn (s)"
                    ),
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
