"""What the core may answer. The shell interprets these, nothing else."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from countersign.api.plan_status import PlanStatus
from countersign.api.preview import PlanPreviewSpec
from countersign.core.snapshot import Question, Tracking
from countersign.model.effect import Effect
from countersign.model.facts import Base


@dataclass(frozen=True, slots=True)
class Look:
    """Ask the cluster; no change to the world.

    `before` is the journal so far, when it is ahead of the plan's status: the next step follows from that one.
    """

    questions: tuple[Question, ...]
    before: PlanStatus | None = None


@dataclass(frozen=True, slots=True)
class Start:
    """The compare-and-swap that consumes the approval: write `status` on exactly the plan that was judged."""

    status: PlanStatus
    previews: tuple[PlanPreviewSpec, ...] = ()


@dataclass(frozen=True, slots=True)
class Write:
    """One effect, to be applied on this base and no other. `digest` is what was approved."""

    effect: Effect
    tracking: Tracking
    base: Base | None
    digest: str


@dataclass(frozen=True, slots=True)
class Act:
    """Carry out one action as the executor. `status` is the journal so far, offered to the reader meanwhile.

    `before` is the journal without this attempt: if the plan has changed meanwhile, it is asked again with that one.
    """

    action: str
    account: str
    writes: tuple[Write, ...]
    timeout: timedelta
    status: PlanStatus
    before: PlanStatus


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing to do before `until` or the next event. Previews are written first, then the status, if it differs."""

    status: PlanStatus
    until: datetime | None = None
    previews: tuple[PlanPreviewSpec, ...] = ()


@dataclass(frozen=True, slots=True)
class Remove:
    """Delete the plan: it asked for it, and its time has come."""

    why: str


Step = Look | Start | Act | Rest | Remove


@dataclass(frozen=True, slots=True)
class Done:
    """Every effect of the action is in place."""


@dataclass(frozen=True, slots=True)
class Changed:
    """The world is no longer what was approved; nothing was overwritten."""

    message: str


@dataclass(frozen=True, slots=True)
class Failure:
    """An attempt failed. `reason` is CamelCase; `passing` says that the same attempt may succeed later."""

    reason: str
    message: str
    passing: bool


Result = Done | Changed | Failure
