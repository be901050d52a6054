"""Whole lives of plans as values: what people do to a plan, what the operator does about it, and crashes in between.

`drive` interprets the steps of the core as the shell does, without a network. A `Life` keeps the plan as the API server would:
spec, generation, annotations and the last written status, which is checked against the contract with every write.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from tests.support.pretend import World
from tests.support.snapshots import APPROVER, NOW, PROPOSER, RULES, a_plan, a_spec, a_stamp, authors_text
from tests.support.status_contract import check_status, check_transition

from countersign.api.names import AUTHORS, RETRY
from countersign.api.plan_status import PlanStatus
from countersign.core.absorbing import absorb
from countersign.core.running import underway
from countersign.core.snapshot import Guard, PlanObject, Rules, Snapshot
from countersign.core.steps import Act, Attempt, Await, Look, Note, Remove, Rest, Start, Step
from countersign.core.turn import next_step


class Crash(Exception):
    """The operator is killed here."""


@dataclass
class Turn:
    """One turn of the operator. `write` stores a status, `refresh` gives the plan if it has changed before it is acted on.

    With `journal` each action is noted before it is tried; the real operator does that a few times a second. `lands` says
    which of so many attempts in flight ends first.
    """

    snapshot: Snapshot
    world: World
    write: Callable[[PlanStatus], None] = lambda _: None
    refresh: Callable[[], PlanObject | None] = lambda: None
    journal: bool = False
    lands: Callable[[int], int] = lambda _: 0
    flying: list[Attempt] = field(default_factory=list)

    def look(self, step: Look) -> Step:
        assert step.questions
        self.snapshot = self.snapshot.with_answers(self.world.answer(step.questions))
        return next_step(self.snapshot)

    def start(self, step: Start) -> Step:
        self.write(step.status)
        self.snapshot = self.snapshot.with_status(step.status)
        return next_step(self.snapshot)

    def act(self, step: Act) -> Step:
        newer = self.refresh()
        if newer is not None:
            self.snapshot = replace(self.snapshot, plan=replace(newer, status=self.snapshot.plan.status))
            return next_step(self.snapshot)
        self.snapshot = self.snapshot.with_status(step.status)
        if self.journal or step.durable:
            self.write(step.status)
        names = {attempt.action for attempt in step.attempts}
        self.snapshot = replace(self.snapshot, in_flight=self.snapshot.in_flight | names)
        self.flying += step.attempts
        return next_step(self.snapshot)

    def wait(self, step: Await) -> Step:
        """One of those in flight ends."""
        assert self.flying, "nothing is in flight, so this would wait for ever"
        attempt = self.flying.pop(self.lands(len(self.flying)))
        result = self.world.carry_out(attempt.writes, account=attempt.account)
        self.snapshot = absorb(self.snapshot, attempt, result)
        if attempt.call:
            self.write(underway(self.snapshot))
        return next_step(self.snapshot)

    def rest(self, step: Rest) -> Step | None:
        """None when the turn is over; an interrupted run is judged anew at once."""
        before = self.snapshot.plan.status.phase
        self.write(step.status)
        if (before, step.status.phase) != ("Executing", "Draft"):
            return None
        self.snapshot = self.snapshot.with_status(step.status).afresh(now=self.snapshot.now)
        return next_step(self.snapshot)

    def after(self, step: Step) -> Step | None:
        match step:
            case Look():
                return self.look(step)
            case Start():
                return self.start(step)
            case Note(snapshot=snapshot):
                self.snapshot = snapshot
                return next_step(snapshot)
            case Act():
                return self.act(step)
            case Await():
                return self.wait(step)
            case Rest():
                return self.rest(step)
            case Remove():
                return None


def drive(snapshot: Snapshot, world: World, **hooks: Any) -> Rest | Remove:
    """One turn to its end; how it ended."""
    turn = Turn(snapshot, world, **hooks)
    step = next_step(snapshot)
    while (following := turn.after(step)) is not None:
        step = following
    assert isinstance(step, Rest | Remove)
    return step


@dataclass
class Life:
    """One plan. `crash_in` counts down before each write of any kind, to the world or to the plan, and ends in one crash."""

    spec: dict[str, Any] = field(default_factory=a_spec)
    world: World = field(default_factory=World)
    now: datetime = NOW
    by: str = PROPOSER
    uid: str = "uid-1"
    guard: Guard = Guard()  # noqa: RUF009  # frozen
    rules: Rules = RULES
    distrusted: bool = False
    annotations: dict[str, str] = field(default_factory=dict)
    generation: int = 1
    version: int = 1
    status: PlanStatus = field(default_factory=PlanStatus)
    written: list[PlanStatus] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)
    until: datetime | None = None
    removed: bool = False
    crash_in: int | None = None
    journal: bool = False
    lands: Callable[[int], int] = lambda _: 0
    meanwhile: list[Callable[[], None]] = field(default_factory=list)
    """What people do while the plan runs: one of these before each action."""
    _begun: int = 0

    def __post_init__(self) -> None:
        self.created_at = self.now
        self.world.counted.before = self._count
        self.annotations.setdefault(AUTHORS, authors_text(self.by))

    @property
    def plan(self) -> PlanObject:
        found = a_plan(
            spec=self.spec,
            uid=self.uid,
            status=self.status,
            annotations=self.annotations,
            generation=self.generation,
            created_at=self.created_at,
            distrusted=self.distrusted,
        )
        return replace(found, resource_version=str(self.version))

    def turn(self) -> "Life":
        """The operator looks at the plan once."""
        self._begun = self.version
        snapshot = Snapshot(self.plan, self.now, self.rules, self.guard, jitter=0.5)
        try:
            step = drive(
                snapshot, self.world, write=self._write, refresh=self._refresh, journal=self.journal, lands=self.lands
            )
        except Crash:
            return self
        self.removed = isinstance(step, Remove)
        self.until = None if isinstance(step, Remove) else step.until
        return self

    def turns(self, most: int = 50) -> "Life":
        """Turn after turn, each when it is due, until nothing is due within an hour."""
        for _ in range(most):
            self.turn()
            if self.until is None or self.until > self.now + timedelta(hours=1) or self.status.phase != "Executing":
                return self
            self.now = max(self.now, self.until)
        raise AssertionError("it does not come to rest")

    def later(self, **span: float) -> "Life":
        self.now += timedelta(**span)
        return self

    def edit(self, *, by: str = PROPOSER, **fields: Any) -> "Life":
        """None takes a field away."""
        spec = {key: value for key, value in {**self.spec, **fields}.items() if value is not None}
        if spec == self.spec:
            return self
        names = json.loads(f"[{self.annotations[AUTHORS]}]")
        if not set(fields) <= {"suspend", "cancel"} and by not in names:
            self.annotations[AUTHORS] = authors_text(*names, by)
        self.spec, self.generation, self.version = spec, self.generation + 1, self.version + 1
        return self

    def decide(
        self, outcome: str = "approve", *, by: str = APPROVER, comment: str = "", digest: str = "", **stamp: Any
    ) -> "Life":
        """Of the digest that stands there now, unless another one is named."""
        quotes = f"{digest or self.status.digest} {comment}".strip()
        self.annotations |= a_stamp(outcome, quotes=quotes, by=by, n=str(self.version), **stamp)
        self.version += 1
        return self

    def retry(self, publication: int | None = None) -> "Life":
        self.annotations[RETRY] = str(self.status.publication if publication is None else publication)
        self.version += 1
        return self

    def approved(self) -> "Life":
        """Submitted, shown, approved, and carried out as far as it goes."""
        return self.turn().decide().turns()

    def _write(self, status: PlanStatus) -> None:
        if status == self.status:
            return
        self._count()
        assert self._begun == self.version, "409: somebody changed the plan meanwhile"
        stored = PlanStatus.model_validate(json.loads(json.dumps(status.wire())))
        check_status(stored)
        if self.written:
            check_transition(self.status, stored)
        if stored.digest and stored.digest != self.status.digest:
            assert stored.digest not in self.digests, "a digest came back"
            self.digests.append(stored.digest)
        self.status = stored
        self.written.append(stored)
        self.version += 1
        self._begun = self.version

    def _refresh(self) -> PlanObject | None:
        if self.meanwhile:
            self.meanwhile.pop(0)()
        self._count()
        if self._begun == self.version:
            return None
        self._begun = self.version
        return self.plan

    def _count(self) -> None:
        if self.crash_in == 1:
            self.crash_in = None
            raise Crash
        if self.crash_in is not None:
            self.crash_in -= 1
