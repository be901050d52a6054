"""All that a turn may know. The shell fills a snapshot, the core decides on it; time and chance are values in it too."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from countersign.actions.base import STANDARD, Installation
from countersign.api.plan_spec import DEFAULT_ACCOUNT
from countersign.api.plan_status import PlanStatus
from countersign.core.others import AskCrowd, AskPlace, AskRivals
from countersign.core.policies.policy import Rulebook
from countersign.core.questions import (
    Answers,
    AskAccess,
    AskAccount,
    AskObject,
    AskOutcome,
    AskPolicies,
    AskPreview,
    AskQuotas,
    AskReference,
    about,
)
from countersign.model.effect import Target
from countersign.model.facts import (
    Access,
    Crowd,
    Existence,
    Occurrence,
    Place,
    Preview,
    Quotas,
    Rivals,
    Sight,
    Unavailable,
)

Made = TypeVar("Made")


class Memo:
    """What was made of a spec, so that a run of two hundred actions reads it once and not two hundred times.

    It goes along with the plan through `replace` and ends with it. What it holds follows from the spec alone, and another
    spec is never mistaken for it.
    """

    __slots__ = ("_made", "_of")

    def __init__(self) -> None:
        self._of: tuple[object, ...] = ()
        self._made: Any = None

    def recall(self, make: Callable[[], Made], *of: object) -> Made:
        """What was made last time, if it was made of the very same objects: nobody changes one in place."""
        if len(self._of) != len(of) or any(old is not new for old, new in zip(self._of, of, strict=True)):
            self._of, self._made = of, make()
        made: Made = self._made
        return made


@dataclass(frozen=True, slots=True)
class PlanObject:
    """A Plan as it was read. `spec` is still what its author wrote; `spec_bytes` its size as JSON."""

    namespace: str
    name: str
    uid: str
    resource_version: str
    generation: int
    created_at: datetime
    spec: Mapping[str, Any] = field(hash=False)
    spec_bytes: int
    status: PlanStatus
    annotations: Mapping[str, str] = field(hash=False, default_factory=dict)
    deleting: bool = False
    distrusted: bool = False
    """It was created or edited while the guard was not in place: nobody knows who its authors are."""
    memo: Memo = field(default_factory=Memo, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Rules:
    """What the installation decides."""

    key: bytes
    """Digests sensitive values."""
    executors: tuple[str, ...] = (DEFAULT_ACCOUNT,)
    expires_after: timedelta = timedelta(hours=24)
    revalidate_after: timedelta = timedelta(minutes=10)
    installation: Installation = STANDARD
    open_plans: int = 0
    """How many unfinished plans of a namespace are looked after; 0: all."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Whether the admission policies stand; `message` says what is wrong with them.

    `asked` is False while the API server could not be asked: then nobody knows, nothing starts, and nothing is said either.
    """

    ok: bool = True
    message: str = ""
    asked: bool = True


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`jitter` is a random number in [0, 1); `answers` what was looked up during this turn.

    `in_flight` are the actions that are being carried out at this moment, `pauses` says when those that failed in this turn may
    be tried again, and `interrupted` why no other may begin at all.
    """

    plan: PlanObject
    now: datetime
    rules: Rules
    guard: Guard = Guard()
    jitter: float = 0.5
    answers: Answers = field(hash=False, default_factory=dict)
    in_flight: frozenset[str] = frozenset()
    pauses: Mapping[str, datetime] = field(hash=False, default_factory=dict)
    interrupted: str = ""

    def with_answers(self, answers: Answers) -> "Snapshot":
        return replace(self, answers={**self.answers, **answers})

    def afresh(self, *, now: datetime) -> "Snapshot":
        """As it stands before anything was looked up or done."""
        return Snapshot(self.plan, now, self.rules, self.guard, self.jitter)

    def forgetting(self, targets: Iterable[Target]) -> "Snapshot":
        """Without what was looked up about objects that have been written since."""
        written = frozenset(targets)
        kept = {question: answer for question, answer in self.answers.items() if about(question) not in written}
        return replace(self, answers=kept)

    def with_status(self, status: PlanStatus) -> "Snapshot":
        return replace(self, plan=replace(self.plan, status=status))

    def account(self, question: AskAccount) -> Existence | None:
        return self.answers.get(question)  # type: ignore[return-value]  # an AskAccount is answered by an Existence

    def existence(self, question: AskReference) -> Existence | None:
        return self.answers.get(question)  # type: ignore[return-value]  # an AskReference is answered by an Existence

    def sight(self, question: AskObject) -> Sight | None:
        return self.answers.get(question)  # type: ignore[return-value]  # an AskObject is answered by a Sight

    def preview(self, question: AskPreview) -> Preview | None:
        return self.answers.get(question)  # type: ignore[return-value]  # an AskPreview is answered by a Preview

    def outcome(self, question: AskOutcome) -> Occurrence | None:
        return self.answers.get(question)  # type: ignore[return-value]  # an AskOutcome is answered by an Occurrence

    def policies(self, question: AskPolicies) -> Rulebook | Unavailable | None:
        return self.answers.get(question)  # type: ignore[return-value]  # an AskPolicies is answered by a Rulebook

    def access(self, question: AskAccess) -> Access | None:
        return self.answers.get(question)  # type: ignore[return-value]  # an AskAccess is answered by an Access

    def quotas(self, question: AskQuotas) -> Quotas | None:
        return self.answers.get(question)  # type: ignore[return-value]  # an AskQuotas is answered by Quotas

    def rivals(self, question: AskRivals) -> Rivals | None:
        return self.answers.get(question)  # type: ignore[return-value]  # an AskRivals is answered by Rivals

    def crowd(self, question: AskCrowd) -> Crowd | None:
        return self.answers.get(question)  # type: ignore[return-value]  # an AskCrowd is answered by a Crowd

    def place(self, question: AskPlace) -> Place | None:
        return self.answers.get(question)  # type: ignore[return-value]  # an AskPlace is answered by a Place
