"""One turn of one plan: ask the core what to do, do it, and ask again until there is nothing left to do now.

Takes a snapshot from `turns`, gives status writes and effects. Raises whatever goes wrong: the next turn reads the world again.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from countersign.api.names import PLAN
from countersign.api.plan_status import PlanStatus
from countersign.api.preview import PlanPreviewSpec
from countersign.core.running import absorb
from countersign.core.snapshot import AskPreview, Rules, Snapshot
from countersign.core.steps import Act, Changed, Done, Failure, Look, Remove, Rest, Result, Start, Step
from countersign.core.turn import next_step
from countersign.errors import Conflict
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
_FINISHED = ("Executed", "Failed")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What all turns work with. `now` and `rng` are where time and chance come in."""

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


@dataclass(kw_only=True)
class Turn:
    """The state of one turn. `stepped` is told each step before it is done; `recorded` is the status the API server has."""

    means: Means
    key: Key
    snapshot: Snapshot
    stepped: Callable[[Step], None]
    recorded: PlanStatus = field(init=False)
    journaled: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self.recorded = self.snapshot.plan.status

    async def run(self) -> None:
        step: Step | None = next_step(self.snapshot)
        while step is not None:
            self.stepped(step)
            step = await self._interpret(step)

    async def _interpret(self, step: Step) -> Step | None:
        """The next step, or None when the plan rests."""
        match step:
            case Look():
                return await self._look(step)
            case Start():
                return await self._trusted(step) or await self._start(step)
            case Act():
                return await self._act(step)
            case Rest():
                return await self._trusted(step) or await self._rest(step)
            case Remove(why=why):
                plan = self.snapshot.plan
                log.info("plan removed", plan=str(self.key), detail=why)
                await self.means.client.delete(PLAN, namespace=plan.namespace, name=plan.name, uid=plan.uid)
                return None

    async def _look(self, step: Look) -> Step:
        if step.before is not None:
            self.snapshot = self.snapshot.with_status(step.before)
        self.means.interest.note(self.key, _targets(step.questions))
        self.snapshot = self.snapshot.with_answers(await self.means.looker.answer(step.questions))
        return next_step(self.snapshot)

    async def _trusted(self, step: Start | Rest) -> Step | None:
        """Before anything is written that rests on annotations, the guard must stand at this very moment."""
        if not self.snapshot.guard.ok or not _rests_on_annotations(self.recorded, step.status):
            return None
        verdict = await self.means.guard.confirm()
        distrusted = self.means.guard.distrusts(self.snapshot.plan.uid)
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
        content = self.means.cache[PLAN].get(self.key)
        if content is None or content["metadata"]["uid"] != self.snapshot.plan.uid:
            log.info("plan is gone, so it stops here", plan=str(self.key), uid=self.snapshot.plan.uid)
            return None
        if content["metadata"]["resourceVersion"] != self.snapshot.plan.resource_version:
            # Somebody suspended, cancelled or decided meanwhile. The journal of this turn is ahead of the one they saw.
            plan = plan_object(content, distrusted=self.snapshot.plan.distrusted)
            if plan.status != self.recorded:
                raise Conflict("The status was written by somebody else: this turn ends, the next one reads it")
            self.snapshot = replace(self.snapshot, plan=replace(plan, status=step.before))
            return next_step(self.snapshot)
        return await self._carry_out(step)

    async def _carry_out(self, step: Act) -> Step:
        if (
            time.monotonic() - self.journaled >= _JOURNAL_EVERY
            and self.journaled
            and not await self._journal(step.status)
        ):
            return step
        self.snapshot = self.snapshot.with_status(step.status)
        self.journaled = self.journaled or time.monotonic()
        result = await self.means.executor.carry_out(step)
        log.info("action tried", plan=str(self.key), uid=self.snapshot.plan.uid, action=step.action, **_told(result))
        self.snapshot = replace(self.snapshot, now=self.means.now())
        return absorb(self.snapshot, step.action, result)

    async def _journal(self, status: PlanStatus) -> bool:
        """False when somebody edited the plan a moment ago: it is read, and what this turn knows beyond it is not lost."""
        try:
            await self._write(status)
        except Conflict:
            plan = self.snapshot.plan
            content = await self.means.client.get(PLAN, namespace=plan.namespace, name=plan.name)
            self.means.cache[PLAN].upsert(bounded(content))
            return False
        return True

    async def _rest(self, step: Rest) -> Step | None:
        before = self.recorded
        await self._write(step.status, previews=step.previews)
        if self.snapshot.plan.distrusted and self.snapshot.guard.ok:
            settled = self.snapshot.plan
            self.means.guard.settle(settled.uid, resource_version=settled.resource_version)
        if before.phase == "Executing" and step.status.phase == "Draft":
            # A run was interrupted: it is judged anew at once.
            self.snapshot = replace(self.snapshot, answers={}, now=self.means.now())
            return next_step(self.snapshot)
        if step.status.phase in _FINISHED:
            self.means.interest.drop(self.key)
        if step.until is not None:
            seconds = max(0.0, (step.until - self.means.now()).total_seconds())
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


def _rests_on_annotations(before: PlanStatus, after: PlanStatus) -> bool:
    return (
        before.approval.decisions != after.approval.decisions
        or before.approval.authors != after.approval.authors
        or before.approval.generation != after.approval.generation
        or before.digest != after.digest
        or before.execution != after.execution
    )


def _told(result: Result) -> dict[str, str]:
    """For the log: the message of a failure may quote values, its reason does not."""
    match result:
        case Done() | Changed():
            return {"result": type(result).__name__}
        case Failure(reason=reason):
            return {"result": "Failure", "reason": reason}


def _targets(questions: tuple[object, ...]) -> tuple[Target, ...]:
    return tuple(question.effect.target for question in questions if isinstance(question, AskPreview))
