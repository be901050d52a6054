"""What the core may answer. The shell interprets these, nothing else."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from countersign.api.plan_status import PlanStatus
from countersign.api.preview import PlanPreviewSpec
from countersign.core.questions import Question, Tracking
from countersign.core.snapshot import Snapshot
from countersign.model.effect import Call, Effect, Target
from countersign.model.facts import Base, Refusal


@dataclass(frozen=True, slots=True)
class Look:
    """Ask the cluster; no change to the world."""

    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """Nothing to ask and nothing to do: go on with this snapshot."""

    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class Start:
    """The compare-and-swap that consumes the approval: write `status` on exactly the plan that was judged."""

    status: PlanStatus
    previews: tuple[PlanPreviewSpec, ...] = ()


@dataclass(frozen=True, slots=True)
class Write:
    """One effect, to be applied on this base and no other, or to be called. `digest` is what was approved.

    `place` says which of the action's effects it is, from 0.
    """

    effect: Effect
    tracking: Tracking
    base: Base | None
    digest: str
    place: int = 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """One action, to be carried out as the executor, or the part of it up to a call, or one call.

    `awaits` says that writing is not all: what was written has to get ready. `more` says that other effects follow.
    """

    action: str
    account: str
    writes: tuple[Write, ...]
    timeout: timedelta
    awaits: bool = False
    more: bool = False

    @property
    def call(self) -> Write | None:
        """The call that is made, which is then all that is done in the attempt."""
        return next((write for write in self.writes if isinstance(write.effect, Call)), None)

    @property
    def targets(self) -> tuple[Target, ...]:
        return tuple(write.effect.target for write in self.writes)


@dataclass(frozen=True, slots=True)
class Act:
    """Begin these attempts, and ask again at once: more may begin while they are in flight.

    `status` is the journal with them, offered to the reader meanwhile. If it is `durable`, it has to be written first:
    whoever goes on after a crash could not tell otherwise what was done.
    """

    attempts: tuple[Attempt, ...]
    status: PlanStatus
    durable: bool = False


@dataclass(frozen=True, slots=True)
class Await:
    """Nothing can begin before one of those in flight has ended, or before `until`."""

    status: PlanStatus
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing to do before `until` or the next event. Previews are written first, then the status, if it differs.

    `unanswered` says that not everything could be asked: the next turn is the later, the more turns ended so.
    """

    status: PlanStatus
    until: datetime | None = None
    previews: tuple[PlanPreviewSpec, ...] = ()
    unanswered: bool = False


@dataclass(frozen=True, slots=True)
class Remove:
    """Delete the plan: it asked for it, and its time has come."""

    why: str


Step = Look | Note | Start | Act | Await | Rest | Remove


@dataclass(frozen=True, slots=True)
class Done:
    """Every effect of the action is in place."""


@dataclass(frozen=True, slots=True)
class Changed:
    """The world is no longer what was approved; nothing was overwritten. `done` as for a failure."""

    message: str
    done: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """An attempt failed. `reason` is CamelCase; `passing` says that the same attempt may succeed later.

    `done` is how many of the action's effects, in their order, are in place all the same.
    """

    reason: str
    message: str
    passing: bool
    done: int = 0


@dataclass(frozen=True, slots=True)
class Unsure:
    """A call was sent, and nobody knows what became of it. `reason` is CamelCase."""

    reason: str
    message: str


Result = Done | Changed | Failure | Unsure

FAILURES = (
    *(refusal.value for refusal in Refusal),
    "Contended",
    "Incomplete",
    "NotCarriedOut",
    "NotReady",
    "Refused",
    "Timeout",
    "Unavailable",
)
"""Every reason of a failure."""
