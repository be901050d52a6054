"""Every metric that the operator exposes, as one table: the registry is built from it, and so is the reference.

Names follow controller-runtime's where it has one, so that its dashboards work. No object's name is ever a label.
"""

from dataclasses import dataclass
from enum import Enum

_QUICK = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_PATIENT = (1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 600.0, 1800.0, 3600.0)
_HUMAN = (1.0, 10.0, 60.0, 300.0, 900.0, 1800.0, 3600.0, 10800.0, 21600.0, 43200.0, 86400.0, 172800.0)


class Kind(Enum):
    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Family:
    """`name` is the one in queries: a counter's ends in _total, a histogram's goes without _bucket, _sum and _count."""

    kind: Kind
    name: str
    text: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = _QUICK


def _counter(name: str, text: str, *labels: str) -> Family:
    return Family(Kind.COUNTER, name, text, labels)


def _gauge(name: str, text: str, *labels: str) -> Family:
    return Family(Kind.GAUGE, name, text, labels)


def _histogram(name: str, text: str, *labels: str, buckets: tuple[float, ...] = _QUICK) -> Family:
    return Family(Kind.HISTOGRAM, name, text, labels, buckets)


TURNS = _counter("controller_runtime_reconcile_total", "Turns by how they ended", "controller", "result")
TURN_ERRORS = _counter("controller_runtime_reconcile_errors_total", "Turns that failed", "controller")
TURN_SECONDS = _histogram("controller_runtime_reconcile_time_seconds", "Length of turns", "controller")
WORKERS = _gauge("controller_runtime_max_concurrent_reconciles", "How many turns may run at once", "controller")
ACTIVE = _gauge("controller_runtime_active_workers", "How many turns run now", "controller")

REQUESTS = _counter("rest_client_requests_total", "Requests to the API server", "code", "method", "host")
REQUEST_SECONDS = _histogram("rest_client_request_duration_seconds", "Length of requests", "verb", "host")

LEADER = _gauge("leader_election_master_status", "1 while this replica holds the Lease", "name")

DEPTH = _gauge("workqueue_depth", "Plans that wait for a turn", "name", "controller")
ADDS = _counter("workqueue_adds_total", "How often a plan was to be given a turn", "name", "controller")
RETRIES = _counter("workqueue_retries_total", "Turns that are repeated after a failure", "name", "controller")
QUEUE_SECONDS = _histogram("workqueue_queue_duration_seconds", "How long plans waited for a turn", "name", "controller")
WORK_SECONDS = _histogram("workqueue_work_duration_seconds", "How long turns took", "name", "controller")
UNFINISHED = _gauge(
    "workqueue_unfinished_work_seconds", "Age of all turns that run now, added up", "name", "controller"
)
LONGEST = _gauge("workqueue_longest_running_processor_seconds", "Age of the slowest turn", "name", "controller")
OLDEST = _gauge("countersign_workqueue_oldest_seconds", "How long the longest waiting plan has waited")

PLANS = _gauge("countersign_plans", "Plans by phase and reason", "phase", "reason")
ACTIONS = _counter("countersign_actions_total", "Actions by how they ended", "type", "status")
FAILURES = _counter("countersign_action_failures_total", "Failed actions by why they failed", "reason")
ACTION_SECONDS = _histogram(
    "countersign_action_duration_seconds", "From an action's first attempt to its end", "type", buckets=_PATIENT
)
APPROVAL_SECONDS = _histogram(
    "countersign_approval_wait_seconds", "How long plans waited until enough people had approved", buckets=_HUMAN
)
DECISIONS = _counter("countersign_decisions_total", "Recorded decisions", "outcome", "counts")
BROKEN = _counter("countersign_break_glass_total", "Plans started by breaking the glass")
EVENTS_DROPPED = _counter("countersign_events_dropped_total", "Events that were not written")
RESTARTS = _counter("countersign_watch_restarts_total", "Restarts of the watches")
GUARD_OK = _gauge("countersign_guard_ok", "1 while the admission policies stand")
BUILD = _gauge("countersign_build_info", "The version, always 1", "version")

RECORDED = (
    TURNS,
    TURN_ERRORS,
    TURN_SECONDS,
    WORKERS,
    REQUESTS,
    REQUEST_SECONDS,
    QUEUE_SECONDS,
    WORK_SECONDS,
    ACTIONS,
    FAILURES,
    ACTION_SECONDS,
    APPROVAL_SECONDS,
    DECISIONS,
    BROKEN,
    EVENTS_DROPPED,
    RESTARTS,
    GUARD_OK,
    BUILD,
)
"""What is noted when it happens."""

READ = (ACTIVE, LEADER, DEPTH, ADDS, RETRIES, UNFINISHED, LONGEST, OLDEST, PLANS)
"""What is looked up when somebody asks."""

FAMILIES = tuple(sorted((*RECORDED, *READ), key=lambda family: family.name))
