"""Records what happens and reads what stands, under the names of `families`. What a status write tells is worked out by `news`."""

from collections import Counter as Tally
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import assert_never, get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from countersign import __version__
from countersign.actions import ACTIONS
from countersign.api.approval_status import Decision
from countersign.api.names import PLAN
from countersign.api.plan_status import PlanStatus
from countersign.core.news import ENDED, decided, ended, lasted, waited
from countersign.core.steps import FAILURES
from countersign.shell import families
from countersign.shell.cache import Cache
from countersign.shell.families import Family, Kind
from countersign.shell.queue import WorkQueue

_CONTROLLER = "plan"
_WORK = ("plan", "plan")
"""The queue's name and its controller's."""

_FROM_NOUGHT: tuple[tuple[Family, *tuple[str, ...]], ...] = (
    *((families.ACTIONS, type_, status) for type_ in ACTIONS for status in ENDED),
    *((families.FAILURES, reason) for reason in FAILURES),
    *(
        (families.DECISIONS, outcome, counts)
        for outcome in get_args(Decision.model_fields["outcome"].annotation)
        for counts in ("true", "false")
    ),
)
"""A rate is seen only between two values: what appeared with its first count would hide it."""

_Value = tuple[tuple[str, ...], float]


class Metrics:
    """One registry per operator, so that several can live in one process."""

    def __init__(self, *, host: str, workers: int = 0) -> None:
        self.registry = CollectorRegistry()
        self._host = host
        self._made = {family.name: _make(family, self.registry) for family in families.RECORDED}
        self._set(families.BUILD, 1.0, __version__)
        self._set(families.WORKERS, workers, _CONTROLLER)
        for family, *labels in _FROM_NOUGHT:
            self._made[family.name].labels(*labels)

    def watch(self, cache: Cache, queue: WorkQueue, leading: Callable[[], Mapping[str, bool]] = dict) -> None:
        """Gauges that are read when somebody asks. `leading` tells of each Lease whether it is held."""
        self.registry.register(_Standing(cache, queue, leading))

    def turn(self, result: str, seconds: float) -> None:
        self._count(families.TURNS, _CONTROLLER, result)
        if result in ("error", "unavailable"):
            self._count(families.TURN_ERRORS, _CONTROLLER)
        self._observe(families.TURN_SECONDS, seconds, _CONTROLLER)
        self._observe(families.WORK_SECONDS, seconds, *_WORK)

    def queued(self, seconds: float) -> None:
        self._observe(families.QUEUE_SECONDS, seconds, *_WORK)

    def request(self, verb: str, code: int, seconds: float) -> None:
        self._count(families.REQUESTS, str(code), verb, self._host)
        self._observe(families.REQUEST_SECONDS, seconds, verb, self._host)

    def restart(self, _why: str) -> None:
        self._count(families.RESTARTS)

    def event_dropped(self) -> None:
        self._count(families.EVENTS_DROPPED)

    def guard(self, *, ok: bool) -> None:
        self._set(families.GUARD_OK, float(ok))

    def status(self, before: PlanStatus, after: PlanStatus) -> None:
        """What a status write says happened."""
        for decision in decided(before, after):
            self._count(families.DECISIONS, decision.outcome, str(decision.counts).lower())
        for entry in ended(before, after):
            self._count(families.ACTIONS, entry.type, entry.status)
            if entry.status == "failed":
                self._count(families.FAILURES, entry.reason)
            if (span := lasted(entry)) is not None:
                self._observe(families.ACTION_SECONDS, span.total_seconds(), entry.type)
        if (span := waited(before, after)) is not None:
            self._observe(families.APPROVAL_SECONDS, span.total_seconds())
        if before.execution is None and after.execution is not None and after.approval.broken_by:
            self._count(families.BROKEN)

    def _count(self, family: Family, *labels: str) -> None:
        made = self._made[family.name]
        assert isinstance(made, Counter)  # noqa: S101  # by the table
        (made.labels(*labels) if labels else made).inc()

    def _observe(self, family: Family, seconds: float, *labels: str) -> None:
        made = self._made[family.name]
        assert isinstance(made, Histogram)  # noqa: S101  # by the table
        (made.labels(*labels) if labels else made).observe(seconds)

    def _set(self, family: Family, value: float, *labels: str) -> None:
        made = self._made[family.name]
        assert isinstance(made, Gauge)  # noqa: S101  # by the table
        (made.labels(*labels) if labels else made).set(value)


def _make(family: Family, registry: CollectorRegistry) -> Counter | Gauge | Histogram:
    match family.kind:
        case Kind.COUNTER:
            return Counter(family.name, family.text, family.labels, registry=registry)
        case Kind.GAUGE:
            return Gauge(family.name, family.text, family.labels, registry=registry)
        case Kind.HISTOGRAM:
            return Histogram(family.name, family.text, family.labels, registry=registry, buckets=family.buckets)
    assert_never(family.kind)


class _Standing(Collector):
    """Plans by phase and reason, the work that waits, and who leads."""

    def __init__(self, cache: Cache, queue: WorkQueue, leading: Callable[[], Mapping[str, bool]]) -> None:
        self._cache, self._queue, self._leading = cache, queue, leading

    def collect(self) -> Iterator[Metric]:
        yield _read(families.PLANS, sorted(self._plans().items()))
        yield _read(families.LEADER, (((name,), float(held)) for name, held in self._leading().items()))
        yield _read(families.ACTIVE, [((_CONTROLLER,), self._queue.running)])
        yield _read(families.OLDEST, [((), self._queue.oldest_seconds)])
        for family, value in (
            (families.DEPTH, self._queue.depth),
            (families.ADDS, self._queue.adds),
            (families.RETRIES, self._queue.retries),
            (families.UNFINISHED, self._queue.unfinished_seconds),
            (families.LONGEST, self._queue.longest_seconds),
        ):
            yield _read(family, [(_WORK, value)])

    def _plans(self) -> Tally[tuple[str, ...]]:
        return Tally((plan.phase or "Draft", plan.reason or "Validating") for plan in self._cache[PLAN].each())


def _read(family: Family, values: Iterable[_Value]) -> Metric:
    made = (CounterMetricFamily if family.kind is Kind.COUNTER else GaugeMetricFamily)(
        family.name, family.text, labels=family.labels
    )
    for labels, value in values:
        made.add_metric(labels, value)
    return made
