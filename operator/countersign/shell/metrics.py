"""All metrics and the functions that record them. Names follow controller-runtime's where it has one, so that its dashboards work.

No object's name is ever a label.
"""

from collections import Counter as Tally
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.registry import Collector

from countersign import __version__
from countersign.api.names import PLAN
from countersign.api.plan_status import PlanStatus
from countersign.shell.cache import Cache
from countersign.shell.queue import WorkQueue

_ENDED = ("applied", "failed", "skipped", "invalid")


class Metrics:
    """One registry per operator, so that several can live in one process."""

    def __init__(self, *, host: str) -> None:
        self.registry = CollectorRegistry()
        self._host = host
        self._turns = Counter(
            "controller_runtime_reconcile_total",
            "Turns by how they ended",
            ["controller", "result"],
            registry=self.registry,
        )
        self._turn_seconds = Histogram(
            "controller_runtime_reconcile_time_seconds", "Length of turns", ["controller"], registry=self.registry
        )
        self._requests = Counter(
            "rest_client_requests_total",
            "Requests to the API server",
            ["code", "method", "host"],
            registry=self.registry,
        )
        self._request_seconds = Histogram(
            "rest_client_request_duration_seconds", "Length of requests", ["verb", "host"], registry=self.registry
        )
        self._actions = Counter(
            "countersign_actions_total", "Actions by how they ended", ["type", "status"], registry=self.registry
        )
        self._decisions = Counter(
            "countersign_decisions_total", "Recorded decisions", ["outcome", "counts"], registry=self.registry
        )
        self._broken = Counter(
            "countersign_break_glass_total", "Plans started by breaking the glass", registry=self.registry
        )
        self._restarts = Counter("countersign_watch_restarts_total", "Restarts of the watches", registry=self.registry)
        self.guard_ok = Gauge("countersign_guard_ok", "1 while the admission policies stand", registry=self.registry)
        Gauge("countersign_build_info", "The version", ["version"], registry=self.registry).labels(__version__).set(1)

    def watch(self, cache: Cache, queue: WorkQueue) -> None:
        """Gauges that are read when somebody asks."""
        self.registry.register(_Standing(cache, queue))

    def turn(self, result: str, seconds: float) -> None:
        self._turns.labels("plan", result).inc()
        self._turn_seconds.labels("plan").observe(seconds)

    def request(self, verb: str, code: int, seconds: float) -> None:
        self._requests.labels(str(code), verb, self._host).inc()
        self._request_seconds.labels(verb, self._host).observe(seconds)

    def restart(self, _why: str) -> None:
        self._restarts.inc()

    def status(self, before: PlanStatus, after: PlanStatus) -> None:
        """What a status write says happened."""
        for decision in after.approval.decisions[len(before.approval.decisions) :]:
            self._decisions.labels(decision.outcome, str(decision.counts).lower()).inc()
        if after.execution is None:
            return
        if before.execution is None and after.approval.broken_by:
            self._broken.inc()
        known = {entry.id: entry.status for entry in before.actions}
        for entry in after.actions:
            if entry.status in _ENDED and known.get(entry.id) != entry.status:
                self._actions.labels(entry.type, entry.status).inc()


class _Standing(Collector):
    """Plans by phase and reason, and the work that waits."""

    def __init__(self, cache: Cache, queue: WorkQueue) -> None:
        self._cache = cache
        self._queue = queue

    def collect(self) -> Iterator[GaugeMetricFamily]:
        plans = GaugeMetricFamily("countersign_plans", "Plans by phase and reason", labels=["phase", "reason"])
        statuses = (content.get("status", {}) for content in self._cache[PLAN].all())
        tally = Tally((status.get("phase", "Draft"), status.get("reason", "Validating")) for status in statuses)
        for labels, count in sorted(tally.items()):
            plans.add_metric(labels, count)
        yield plans
        for name, value, text in (
            ("workqueue_depth", self._queue.depth, "Plans that wait for a turn"),
            ("workqueue_unfinished_work_seconds", self._queue.longest_seconds, "Age of the slowest turn"),
            ("workqueue_oldest_seconds", self._queue.oldest_seconds, "Age of the oldest waiting key"),
        ):
            family = GaugeMetricFamily(name, text, labels=["name"])
            family.add_metric(["plan"], value)
            yield family
