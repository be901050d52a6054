"""Kubernetes events about plans, for `kubectl describe` and `kubectl get events`; `news` says which.

Fed by the reporter after each status write, which never waits: what finds no room is dropped and counted. The same news about
the same plan within a while is one event that counts up. Events are a courtesy; whatever matters stands in the status.
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from countersign.api.names import PLAN
from countersign.core.news import News
from countersign.core.snapshot import PlanObject
from countersign.errors import ClusterError
from countersign.model.effect import ResourceKind
from countersign.shell.client import ApiClient
from countersign.shell.masked import said

EVENT = ResourceKind("events.k8s.io", "v1", "Event", "events")
_CONTROLLER = "countersign.dev/operator"
_WINDOW = timedelta(minutes=10)
_LONGEST_NOTE = 1024
_LONGEST_PREFIX = 200

log = structlog.get_logger()

Subject = tuple[str, str, str]
"""Namespace, name and uid of a plan."""


@dataclass(frozen=True, slots=True)
class _Series:
    """`first` gives the event its name; the API server lets only count and time of the last one change."""

    first: datetime
    last: datetime
    count: int = 1


@dataclass(kw_only=True)
class Announcer:
    """`dropped` is told of each event that nobody will see; `room` bounds those that wait and those that are remembered."""

    client: ApiClient
    instance: str
    dropped: Callable[[], None]
    room: int = 1000
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    _waiting: OrderedDict[tuple[Subject, News], None] = field(default_factory=OrderedDict, init=False, repr=False)
    _series: OrderedDict[tuple[Subject, News], _Series] = field(default_factory=OrderedDict, init=False, repr=False)
    _woken: asyncio.Event = field(default_factory=asyncio.Event, init=False, repr=False)

    def announce(self, plan: PlanObject, told: tuple[News, ...]) -> None:
        subject = (plan.namespace, plan.name, plan.uid)
        for item in told:
            self._note((subject, item))

    async def run(self) -> None:
        """One after the other: events never compete with turns for more than one request."""
        while True:
            await self._woken.wait()
            while self._waiting:
                key, _ = self._waiting.popitem(last=False)
                await self._write(*key)
            self._woken.clear()

    def _note(self, key: tuple[Subject, News]) -> None:
        if key not in self._waiting and len(self._waiting) >= self.room:
            self.dropped()
            return
        now, known = self.now(), self._series.pop(key, None)
        repeated = known is not None and now - known.last < _WINDOW
        self._series[key] = (
            replace(known, last=now, count=known.count + 1) if known is not None and repeated else _Series(now, now)
        )
        if len(self._series) > 2 * self.room:
            self._series.popitem(last=False)
        self._waiting[key] = None
        self._woken.set()

    async def _write(self, subject: Subject, item: News) -> None:
        body = _event(subject, item, self._series[subject, item], instance=self.instance)
        name = body["metadata"]["name"]
        try:
            await self.client.apply(
                EVENT, namespace=subject[0], name=name, body=body, field_manager="countersign-events"
            )
        except ClusterError as error:
            self.dropped()
            log.debug("event not written", reason=item.reason, code=error.code, detail=said(error))


def _event(subject: Subject, item: News, series: _Series, *, instance: str) -> dict[str, Any]:
    namespace, plan, uid = subject
    repeated = {"series": {"count": series.count, "lastObservedTime": _shown(series.last)}} if series.count > 1 else {}
    return {
        "metadata": {"name": _name(subject, item, series.first), "namespace": namespace},
        "eventTime": _shown(series.first),
        "type": item.type,
        "reason": item.reason,
        "action": item.action,
        "note": _cut(item.note),
        "regarding": {
            "apiVersion": PLAN.api_version,
            "kind": PLAN.kind,
            "namespace": namespace,
            "name": plan,
            "uid": uid,
        },
        "reportingController": _CONTROLLER,
        "reportingInstance": instance,
        **repeated,
    }


def _name(subject: Subject, item: News, first: datetime) -> str:
    """Two different events never share one; a repetition finds its own."""
    words = "\0".join((*subject, item.reason, item.note, first.isoformat()))
    return f"{subject[1][:_LONGEST_PREFIX].rstrip('.-')}.{hashlib.sha256(words.encode()).hexdigest()[:16]}"


def _cut(note: str) -> str:
    """The API server counts bytes."""
    return note.encode()[:_LONGEST_NOTE].decode(errors="ignore")


def _shown(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
