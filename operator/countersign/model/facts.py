"""What the shell found out about the world when the core asked. Facts are values; failing to find out is a fact too."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class Base:
    """The state of an object that a preview was made on."""

    uid: str
    resource_version: str


@dataclass(frozen=True, slots=True)
class Unavailable:
    """The API server could not be asked; the same question may be answered later."""

    message: str


@dataclass(frozen=True, slots=True)
class Absent:
    """There is no such object."""


@dataclass(frozen=True, slots=True)
class Present:
    """The object exists; no more than its identity is known."""

    uid: str


@dataclass(frozen=True, slots=True)
class Hidden:
    """The executor may not look. `barred`: nobody knows that, because the operator may not even act as it."""

    barred: bool = False


Existence = Present | Absent | Hidden | Unavailable


@dataclass(frozen=True, slots=True)
class Found:
    """The object, whole."""

    content: Mapping[str, Any] = field(hash=False)


Sight = Found | Absent | Hidden | Unavailable


@dataclass(frozen=True, slots=True)
class Allowed:
    """That user may do this."""


@dataclass(frozen=True, slots=True)
class Denied:
    """That user may not do this."""


Access = Allowed | Denied | Unavailable


@dataclass(frozen=True, slots=True)
class Quota:
    """What a namespace may hold and what it holds, in the quantities of the API server. `scopes` limit it to some pods."""

    name: str
    hard: Mapping[str, str] = field(hash=False)
    used: Mapping[str, str] = field(hash=False, default_factory=dict)
    scopes: frozenset[str] = frozenset()


Quotas = tuple[Quota, ...] | Hidden | Unavailable


@dataclass(frozen=True, slots=True)
class Rival:
    """Another plan of the namespace that waits or runs and writes the same object; `ref` is what kubectl get takes."""

    plan: str
    ref: str


Rivals = tuple[Rival, ...]


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many open plans of the namespace go before this one."""

    ahead: int


@dataclass(frozen=True, slots=True)
class Clear:
    """The plan may start now, and its place is kept for it as long as the turn lasts."""


@dataclass(frozen=True, slots=True)
class InLine:
    """As many plans run as may. `place` counts from 1 within the namespace; `everywhere`: it is the cap on all namespaces."""

    place: int
    most: int
    everywhere: bool = False


Place = Clear | InLine


class Refusal(StrEnum):
    """Why the API server refused a write; the values are the reasons that people see."""

    FORBIDDEN = "Forbidden"
    POLICY = "AdmissionRefused"
    INVALID = "Invalid"
    CONFLICT = "OwnedByOther"
    SIDE_EFFECTS = "WebhookSideEffects"
    NOT_SERVED = "KindNotServed"
    QUOTA = "QuotaExceeded"
    BARRED = "MayNotAct"
    """The operator itself may not act as the executor here."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One complaint about one field: `path` as the server writes it, `manager` when it belongs to somebody else."""

    path: str
    message: str
    manager: str = ""


@dataclass(frozen=True, slots=True)
class Previewed:
    """A dry run went through. `base` and `live` are None when the object does not exist yet."""

    base: Base | None
    live: Mapping[str, Any] | None = field(hash=False)
    result: Mapping[str, Any] = field(hash=False)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """A dry run was refused, by whom and why; `causes` name the fields, as far as the server did."""

    refusal: Refusal
    message: str
    causes: tuple[Cause, ...] = ()


Preview = Previewed | Refused | Unavailable


@dataclass(frozen=True, slots=True)
class Happened:
    """Whoever was called has done it."""


@dataclass(frozen=True, slots=True)
class NotHappened:
    """Whoever was called has not done it, or not yet: a request may still be under way."""


@dataclass(frozen=True, slots=True)
class CannotTell:
    """Whoever was called does not know."""

    message: str


Occurrence = Happened | NotHappened | CannotTell | Unavailable
