"""One turn: ask the core what to do about a plan, do it, and ask again until there is nothing left to do now.

Takes keys from the queue, gives status writes and effects. Whatever goes wrong here, the next turn reads the world again.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import structlog

from countersign.api.names import PLAN
from countersign.api.plan_status import PlanStatus
from countersign.api.preview import PlanPreviewSpec
from countersign.core.running import absorb
from countersign.core.snapshot import AskPreview, Rules, Snapshot
from countersign.core.steps import Act, Look, Remove, Rest, Start, Step
from countersign.core.turn import next_step
from countersign.errors import ClusterError, Conflict, NotFound, Unavailable
from countersign.model.effect import Target
from countersign.shell.act import Executor
from countersign.shell.cache import Cache
from countersign.shell.client import ApiClient
from countersign.shell.guard import GuardKeeper
from countersign.shell.interest import Interest
from countersign.shell.key import Key
from countersign.shell.look import Looker
from countersign.shell.plans import bounded, plan_object
from countersign.shell.queue import WorkQueue
from countersign.shell.report import Reporter

_JOURNAL_EVERY = 0.2

log = structlog.get_logger()


@dataclass(kw_only=True)
class Turns:
    """`now` and `rng` are where time and chance come in; `observe` is told how each turn ended and how long it took."""

    client: ApiClient
    cache: Cache
    queue: WorkQueue
    guard: GuardKeeper
    rules: Rules
    looker: Looker
    executor: Executor
    reporter: Reporter
    interest: Interest
    now: Callable[[], datetime]
    rng: Callable[[], float]
    observe: Callable[[str, float], None]

    async def work(self) -> None:
        """One of several workers, until the queue stops."""
        while True:
            async with self.queue.claim() as key:
                if key is None:
                    return
                await self._survive(key)

    async def _survive(self, key: Key) -> None:
        """A turn that fails is repeated later; a worker never ends because of it."""
        started = time.monotonic()
        try:
            await self.turn(key)
        except Conflict:
            # The plan is newer than what was judged: read it and judge again.
            result = "conflict"
            await self._refresh(key)
        except NotFound:
            result = "gone"
            await self._refresh(key)
        except Unavailable as error:
            result = "unavailable"
            self.queue.retry(key, at_least=error.retry_after or 0.0)
            log.warning("turn interrupted", plan=str(key), detail=error.message)
        except ClusterError as error:
            result = "error"
            self.queue.retry(key)
            log.error("turn refused", plan=str(key), code=error.code, detail=error.message)  # noqa: TRY400  # expected: no trace
        except Exception:
            result = "error"
            self.queue.retry(key)
            log.exception("turn failed", plan=str(key))
        else:
            result = "success"
            self.queue.forget(key)
        self.observe(result, time.monotonic() - started)

    async def _refresh(self, key: Key) -> None:
        try:
            content = await self.client.get(PLAN, namespace=key.namespace, name=key.name)
        except NotFound:
            known = self.cache[PLAN].get(key)
            if known is not None:
                self.cache[PLAN].remove(known)
            return
        except ClusterError:
            self.queue.retry(key)
            return
        self.cache[PLAN].upsert(bounded(content))
        self.queue.retry(key)

    async def turn(self, key: Key) -> None:
        content = self.cache[PLAN].get(key)
        if content is None:
            self.interest.drop(key)
            return
        await _Turn(turns=self, key=key, snapshot=self._snapshot(content)).run()

    def _snapshot(self, content: dict[str, Any]) -> Snapshot:
        plan = plan_object(content, distrusted=self.guard.distrusts(content["metadata"]["uid"]))
        return Snapshot(plan=plan, now=self.now(), rules=self.rules, guard=self.guard.state, jitter=self.rng())


@dataclass(kw_only=True)
class _Turn:
    """The state of one turn. `recorded` is the status that the API server has."""

    turns: Turns
    key: Key
    snapshot: Snapshot
    recorded: PlanStatus = field(init=False)
    journaled: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self.recorded = self.snapshot.plan.status

    async def run(self) -> None:
        step: Step | None = next_step(self.snapshot)
        while step is not None:
            step = await self._interpret(step)

    async def _interpret(self, step: Step) -> Step | None:
        """The next step, or None when the plan rests."""
        match step:
            case Look(questions=questions):
                self.turns.interest.note(self.key, _targets(questions))
                self.snapshot = self.snapshot.with_answers(await self.turns.looker.answer(questions))
                return next_step(self.snapshot)
            case Start():
                return await self._trusted(step) or await self._start(step)
            case Act():
                return await self._act(step)
            case Rest():
                return await self._trusted(step) or await self._rest(step)
            case Remove(why=why):
                plan = self.snapshot.plan
                log.info("plan removed", plan=str(self.key), detail=why)
                await self.turns.client.delete(PLAN, namespace=plan.namespace, name=plan.name, uid=plan.uid)
                return None

    async def _trusted(self, step: Start | Rest) -> Step | None:
        """Before anything is written that rests on annotations, the guard must stand at this very moment."""
        if not self.snapshot.guard.ok or not _rests_on_annotations(self.recorded, step.status):
            return None
        verdict = await self.turns.guard.confirm()
        distrusted = self.turns.guard.distrusts(self.snapshot.plan.uid)
        if verdict == self.snapshot.guard and distrusted == self.snapshot.plan.distrusted:
            return None
        plan = replace(self.snapshot.plan, status=self.recorded, distrusted=distrusted)
        self.snapshot = replace(self.snapshot, guard=verdict, plan=plan)
        return next_step(self.snapshot)

    async def _start(self, step: Start) -> Step:
        await self._write(step.status, previews=step.previews)
        log.info("plan started", plan=str(self.key), uid=self.snapshot.plan.uid, digest=step.status.digest)
        return next_step(self.snapshot)

    async def _act(self, step: Act) -> Step | None:
        content = self.turns.cache[PLAN].get(self.key)
        if content is None or content["metadata"]["uid"] != self.snapshot.plan.uid:
            log.info("plan is gone, so it stops here", plan=str(self.key), uid=self.snapshot.plan.uid)
            return None
        if content["metadata"]["resourceVersion"] != self.snapshot.plan.resource_version:
            # Somebody suspended, cancelled or decided meanwhile. The journal here is ahead of the one they saw.
            plan = plan_object(content, distrusted=self.snapshot.plan.distrusted)
            self.snapshot = replace(self.snapshot, plan=replace(plan, status=self.snapshot.plan.status))
            return next_step(self.snapshot)
        return await self._carry_out(step)

    async def _carry_out(self, step: Act) -> Step:
        self.snapshot = self.snapshot.with_status(step.status)
        if time.monotonic() - self.journaled >= _JOURNAL_EVERY and self.journaled:
            await self._write(step.status)
        self.journaled = self.journaled or time.monotonic()
        result = await self.turns.executor.carry_out(step)
        log.info("action tried", plan=str(self.key), uid=self.snapshot.plan.uid, action=step.action, result=result)
        self.snapshot = replace(self.snapshot, now=self.turns.now())
        return absorb(self.snapshot, step.action, result)

    async def _rest(self, step: Rest) -> Step | None:
        before = self.recorded
        await self._write(step.status, previews=step.previews)
        if self.snapshot.plan.distrusted and self.snapshot.guard.ok:
            await self.turns.guard.settle(self.snapshot.plan.uid)
        if before.phase == "Executing" and step.status.phase == "Draft":
            # A run was interrupted: it is judged anew at once.
            self.snapshot = replace(self.snapshot, answers={}, now=self.turns.now())
            return next_step(self.snapshot)
        if step.until is not None:
            seconds = max(0.0, (step.until - self.turns.now()).total_seconds())
            self.turns.queue.add_after(self.key, seconds=seconds)
        return None

    async def _write(self, status: PlanStatus, *, previews: tuple[PlanPreviewSpec, ...] = ()) -> None:
        plan = self.snapshot.plan
        written = await self.turns.reporter.write(plan, status, recorded=self.recorded, previews=previews)
        self.journaled = time.monotonic()
        self.snapshot = self.snapshot.with_status(status)
        if written is None:
            return
        self.recorded = status
        content = bounded(written)
        self.turns.cache[PLAN].upsert(content)
        self.snapshot = replace(
            self.snapshot,
            plan=replace(self.snapshot.plan, resource_version=content["metadata"]["resourceVersion"]),
        )


def _rests_on_annotations(before: PlanStatus, after: PlanStatus) -> bool:
    return (
        before.approval.decisions != after.approval.decisions
        or before.approval.authors != after.approval.authors
        or before.approval.generation != after.approval.generation
        or before.digest != after.digest
        or before.execution != after.execution
    )


def _targets(questions: tuple[object, ...]) -> tuple[Target, ...]:
    return tuple(question.effect.target for question in questions if isinstance(question, AskPreview))
