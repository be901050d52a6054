"""One turn of one plan: ask the core what to do, do it, and ask again until there is nothing left to do now.

Takes a snapshot from `turns`, gives status writes and effects. Raises whatever goes wrong: the next turn reads the world again.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import structlog

from countersign.api.names import PLAN
from countersign.api.plan_status import PlanStatus
from countersign.api.preview import PlanPreviewSpec
from countersign.core.absorbing import absorb
from countersign.core.questions import watched_by
from countersign.core.running import underway
from countersign.core.snapshot import Snapshot
from countersign.core.steps import (
    Act,
    Attempt,
    Await,
    Changed,
    Done,
    Failure,
    Look,
    Note,
    Remove,
    Rest,
    Result,
    Start,
    Step,
    Unsure,
)
from countersign.core.trusting import rests_on_annotations
from countersign.core.turn import next_step
from countersign.errors import Conflict
from countersign.shell.flight import Flight
from countersign.shell.key import Key
from countersign.shell.means import Means
from countersign.shell.plans import bounded, plan_object

_JOURNAL_EVERY = 0.2
_FINISHED = ("Executed", "Failed")

log = structlog.get_logger()


@dataclass(kw_only=True)
class Turn:
    """The state of one turn. `stepped` is told before each step how many seconds its attempts may take.

    `recorded` is the status the API server has; that of the snapshot may be ahead of it.
    """

    means: Means
    key: Key
    snapshot: Snapshot
    stepped: Callable[[float], None]
    recorded: PlanStatus = field(init=False)
    journaled: float = field(default=0.0, init=False)
    flight: Flight = field(init=False)
    answered: bool = field(default=True, init=False)
    """Whether everything could be asked; known when the turn has ended."""

    def __post_init__(self) -> None:
        self.recorded = self.snapshot.plan.status
        self.flight = Flight(self.means.executor.carry_out)

    async def run(self) -> None:
        step: Step | None = next_step(self.snapshot)
        try:
            while step is not None:
                self.stepped(self.flight.seconds)
                step = await self._interpret(step)
        finally:
            await self.flight.land()

    async def _interpret(self, step: Step) -> Step | None:
        """The next step, or None when the plan rests."""
        match step:
            case Look():
                return await self._look(step)
            case Note(snapshot=snapshot):
                self.snapshot = snapshot
                return next_step(snapshot)
            case Start():
                return await self._trusted(step) or await self._start(step)
            case Act():
                return await self._act(step)
            case Await():
                return await self._await(step)
            case Rest():
                return await self._trusted(step) or await self._rest(step)
            case Remove(why=why):
                plan = self.snapshot.plan
                log.info("plan removed", plan=str(self.key), detail=why)
                await self.means.client.delete(PLAN, namespace=plan.namespace, name=plan.name, uid=plan.uid)
                return None

    async def _look(self, step: Look) -> Step:
        self.means.interest.note(self.key, watched_by(step.questions))
        self.snapshot = self.snapshot.with_answers(await self.means.looker.answer(step.questions))
        return next_step(self.snapshot)

    async def _trusted(self, step: Start | Rest) -> Step | None:
        """Before anything is written that rests on annotations, the guard must stand at this very moment."""
        if not self.snapshot.guard.ok or not rests_on_annotations(self.recorded, step.status):
            return None
        verdict = await self.means.guard.confirm()
        distrusted = self.means.guard.distrusts(self.snapshot.plan.uid)
        if verdict == self.snapshot.guard and distrusted == self.snapshot.plan.distrusted:
            return None
        # What this turn did beyond the journal is found in place again, if it is looked at anew.
        plan = replace(self.snapshot.plan, status=self.recorded, distrusted=distrusted)
        self.snapshot = replace(self.snapshot.afresh(now=self.means.now()), guard=verdict, plan=plan)
        return next_step(self.snapshot)

    def _log(self, attempt: Attempt, result: Result) -> None:
        number = next(entry.attempts for entry in self.snapshot.plan.status.actions if entry.id == attempt.action)
        plan = self.snapshot.plan
        about = {"generation": plan.generation, "action": attempt.action, "attempt": number}
        log.info("action tried", plan=str(self.key), uid=plan.uid, **about, **_told(result))

    async def _start(self, step: Start) -> Step:
        await self._write(step.status, previews=step.previews)
        log.info("plan started", plan=str(self.key), uid=self.snapshot.plan.uid, digest=step.status.digest)
        if step.status.approval.broken_by:
            log.warning(
                "glass broken", plan=str(self.key), uid=self.snapshot.plan.uid, by=step.status.approval.broken_by
            )
        return next_step(self.snapshot)

    async def _act(self, step: Act) -> Step | None:
        if self._is_gone():
            return None
        if self._has_changed() or not await self._journal(step.status, durable=step.durable):
            return next_step(self.snapshot)
        names = frozenset(attempt.action for attempt in step.attempts)
        self.snapshot = replace(self.snapshot.with_status(step.status), in_flight=self.snapshot.in_flight | names)
        for attempt in step.attempts:
            self.flight.begin(attempt)
        return next_step(self.snapshot)

    async def _await(self, step: Await) -> Step | None:
        """Until something happens, or until it is time to write down what has happened so far."""
        if self._is_gone():
            return None
        if self._has_changed() or not await self._journal(step.status):
            return next_step(self.snapshot)
        for attempt, result in await self.flight.landed(within=self._patience(step)):
            self._log(attempt, result)
            self.snapshot = absorb(replace(self.snapshot, now=self.means.now()), attempt, result)
            if attempt.call:
                await self._record()
        self.snapshot = replace(self.snapshot, now=self.means.now())
        return next_step(self.snapshot)

    async def _record(self) -> None:
        """What became of a call is written down before anything else: until then nobody but this turn knows."""
        while not await self._journal(underway(self.snapshot), durable=True):
            log.info("the plan was edited while its journal was written", plan=str(self.key))

    def _patience(self, step: Await) -> float | None:
        """None: as long as it takes, because nothing is left to be written down and nothing else is due."""
        unwritten = [_JOURNAL_EVERY] if step.status != self.recorded else []
        due = [max(0.0, (step.until - self.means.now()).total_seconds())] if step.until else []
        return min((*unwritten, *due), default=None)

    def _is_gone(self) -> bool:
        known = self.means.cache[PLAN].resting(self.key)
        if known is not None and known.uid == self.snapshot.plan.uid:
            return False
        log.info("plan is gone, so it stops here", plan=str(self.key), uid=self.snapshot.plan.uid)
        return True

    def _has_changed(self) -> bool:
        """Somebody suspended, cancelled or decided meanwhile. The journal of this turn is ahead of the one they saw."""
        known = self.means.cache[PLAN].resting(self.key)
        if known is None or known.version == self.snapshot.plan.resource_version:
            return False
        plan = plan_object(known.unpack(), distrusted=self.snapshot.plan.distrusted)
        if plan.status != self.recorded:
            raise Conflict("The status was written by somebody else: this turn ends, the next one reads it")
        self.snapshot = replace(self.snapshot, plan=replace(plan, status=self.snapshot.plan.status))
        return True

    async def _journal(self, status: PlanStatus, *, durable: bool = False) -> bool:
        """Now and then, and always if it is `durable`. False when somebody edited the plan a moment ago: it was read again.

        What this turn knows beyond the journal is not lost then.
        """
        due = bool(self.journaled) and time.monotonic() - self.journaled >= _JOURNAL_EVERY
        self.journaled = self.journaled or time.monotonic()
        if not durable and not due:
            return True
        try:
            await self._write(status)
        except Conflict:
            plan = self.snapshot.plan
            content = await self.means.client.get(PLAN, namespace=plan.namespace, name=plan.name)
            self.means.cache[PLAN].upsert(bounded(content))
            return not self._has_changed()
        return True

    async def _rest(self, step: Rest) -> Step | None:
        before = self.recorded
        await self._write(step.status, previews=step.previews)
        if self.snapshot.plan.distrusted and self.snapshot.guard.ok:
            settled = self.snapshot.plan
            self.means.guard.settle(settled.uid, resource_version=settled.resource_version)
        if before.phase == "Executing" and step.status.phase == "Draft":
            # A run was interrupted: it is judged anew at once.
            self.snapshot = self.snapshot.afresh(now=self.means.now())
            return next_step(self.snapshot)
        if step.status.phase in _FINISHED:
            self.means.interest.drop(self.key)
        if step.until is not None:
            seconds = max(0.0, (step.until - self.means.now()).total_seconds())
            if step.unanswered:
                self.answered = False
                self.means.queue.ask_again(self.key, at_least=seconds)
            else:
                self.means.queue.add_after(self.key, seconds=seconds)
        return None

    async def _write(self, status: PlanStatus, *, previews: tuple[PlanPreviewSpec, ...] = ()) -> None:
        plan = self.snapshot.plan
        written = await self.means.reporter.write(plan, status, recorded=self.recorded, previews=previews)
        self.journaled = time.monotonic()
        self.snapshot = self.snapshot.with_status(status)
        if written is None:
            return
        self.recorded = status
        content = bounded(written)
        self.means.cache[PLAN].upsert(content)
        self.snapshot = replace(
            self.snapshot,
            plan=replace(self.snapshot.plan, resource_version=content["metadata"]["resourceVersion"]),
        )


def _told(result: Result) -> dict[str, str]:
    """For the log: the message of a failure may quote values, its reason does not."""
    match result:
        case Done() | Changed():
            return {"result": type(result).__name__}
        case Failure(reason=reason) | Unsure(reason=reason):
            return {"result": type(result).__name__, "reason": reason}
