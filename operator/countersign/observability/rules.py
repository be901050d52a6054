"""Recording rules and alerts, few and on symptoms. Each alert has a page of its name in docs/runbooks.

Takes the metrics of `shell.metrics` for granted; gives `generate` a file that Prometheus and a PrometheusRule both understand.
"""

from dataclasses import dataclass
from typing import Literal

from countersign.api.manifest import JSON

Severity = Literal["critical", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Recording:
    """Named level:metric:operations."""

    name: str
    expression: str

    def rule(self) -> JSON:
        return {"record": self.name, "expr": self.expression}


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """`lasting` is how long it must hold before anybody is told."""

    name: str
    expression: str
    lasting: str
    severity: Severity
    summary: str
    description: str

    @property
    def runbook(self) -> str:
        """Where in this repository it is written what to do."""
        return f"docs/runbooks/{self.name}.md"

    def rule(self) -> JSON:
        said = {"summary": self.summary, "description": self.description, "runbook": self.runbook}
        return {
            "alert": self.name,
            "expr": self.expression,
            "for": self.lasting,
            "labels": {"severity": self.severity},
            "annotations": said,
        }


def rate(metric: str, selected: str = "") -> str:
    """Of our own processes only: other operators use the same names."""
    return f"rate({metric}{{{selected}}}[5m]) and on (job, instance) countersign_build_info"


def _ratio(metric: str, selected: str) -> str:
    """0 while nothing of the kind ever happened: a counter appears when it counts for the first time."""
    every = f"sum by (job) ({rate(metric)})"
    return f"(sum by (job) ({rate(metric, selected)}) or 0 * {every}) / {every}"


def _slowest(histogram: str) -> str:
    return f"histogram_quantile(0.99, sum by (job, le) ({rate(histogram + '_bucket')}))"


TURN_ERRORS = "job:controller_runtime_reconcile_errors:ratio_rate5m"
TURN_SECONDS = "job:controller_runtime_reconcile_time_seconds:p99_rate5m"
API_ERRORS = "job:rest_client_errors:ratio_rate5m"
API_SECONDS = "job:rest_client_request_duration_seconds:p99_rate5m"

RECORDINGS = (
    Recording(TURN_ERRORS, _ratio("controller_runtime_reconcile_total", 'result=~"error|unavailable"')),
    Recording(TURN_SECONDS, _slowest("controller_runtime_reconcile_time_seconds")),
    # 0 is no answer at all. What is refused (4xx) belongs to the plan that asked for it.
    Recording(API_ERRORS, _ratio("rest_client_requests_total", 'code=~"0|429|5.."')),
    Recording(API_SECONDS, _slowest("rest_client_request_duration_seconds")),
)

ALERTS = (
    Alert(
        name="CountersignDown",
        expression="absent(countersign_build_info)",
        lasting="5m",
        severity="critical",
        summary="No operator is running",
        description="No process reports itself for 5 minutes: plans are neither validated nor executed, decisions stay unrecorded",
    ),
    Alert(
        name="CountersignNoLeader",
        expression="sum by (job) (leader_election_master_status and on (job, instance) countersign_build_info) == 0",
        lasting="1m",
        severity="critical",
        summary="No replica leads",
        description="Processes run, but none of them holds the Lease: plans are neither validated nor executed, decisions stay unrecorded",
    ),
    Alert(
        name="CountersignGuardLost",
        expression="min by (job) (countersign_guard_ok) == 0",
        lasting="2m",
        severity="critical",
        summary="The admission policies do not stand",
        description="Policies, bindings or CRDs are missing, changed or do not bite: nothing starts, and decisions made meanwhile do not count",
    ),
    Alert(
        name="CountersignPlansUntrusted",
        expression='max by (job) (countersign_plans{reason="GuardMissing"}) > 0',
        lasting="15m",
        severity="warning",
        summary="{{ $value }} plans cannot be trusted",
        description="They were written or decided while the guard was lost, or their authors are unknown: they have to be submitted again",
    ),
    Alert(
        name="CountersignBacklog",
        expression="max by (job) (countersign_workqueue_oldest_seconds) > 60",
        lasting="5m",
        severity="warning",
        summary="Plans wait too long for a turn",
        description="The oldest waiting plan has waited for {{ $value | humanizeDuration }}: verdicts and decisions are late",
    ),
    Alert(
        name="CountersignTurnsFail",
        expression=f"{TURN_ERRORS} > 0.1",
        lasting="15m",
        severity="warning",
        summary="{{ $value | humanizePercentage }} of the turns fail",
        description="Turns end by an error and are repeated: some plans do not get on",
    ),
    Alert(
        name="CountersignApiErrors",
        expression=f"{API_ERRORS} > 0.05",
        lasting="10m",
        severity="warning",
        summary="{{ $value | humanizePercentage }} of the requests to the API server fail",
        description="It does not answer, is overloaded or limits the operator: everything is late",
    ),
    Alert(
        name="CountersignWatchesRestart",
        expression="max by (job) (increase(countersign_watch_restarts_total[15m])) > 5",
        lasting="0m",
        severity="warning",
        summary="Watches end again and again",
        description="They were restarted {{ $value | humanize }} times in 15 minutes: changes are noticed late, and each restart lists everything",
    ),
    Alert(
        name="CountersignActionsFail",
        expression='sum by (job) (increase(countersign_actions_total{status="failed"}[30m]))'
        " / sum by (job) (increase(countersign_actions_total[30m])) > 0.5",
        lasting="10m",
        severity="warning",
        summary="{{ $value | humanizePercentage }} of the actions fail",
        description="Approved plans end in Failed: something that they have in common does not work, such as a right or a quota",
    ),
    Alert(
        name="CountersignDecisionsIgnored",
        # Not increase(): it misses the first, because the counter appears with it.
        expression='sum by (job) (countersign_decisions_total{counts="false"})'
        ' - (sum by (job) (countersign_decisions_total{counts="false"} offset 1h) or 0 * sum by (job) (countersign_decisions_total))'
        " > 0",
        lasting="0m",
        severity="info",
        summary="Decisions were recorded that do not count",
        description="Somebody who may decide made {{ $value | humanize }} decisions without effect in an hour, for example about a plan of their own",
    ),
)


def rules() -> JSON:
    """What Prometheus reads as a rule file; below `spec` it is a PrometheusRule."""
    recordings = [recording.rule() for recording in RECORDINGS]
    alerts = [alert.rule() for alert in ALERTS]
    return {"groups": [{"name": "countersign.rules", "rules": recordings}, {"name": "countersign", "rules": alerts}]}
