"""What an action type is. One file per type derives from `ActionType`; the registry in `__init__` lists them all.

The core asks a type, in this order: parse the params, what do you refer to, what would you do, how risky is that. A type
answers with values and never touches the world.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Generic, TypeVar

from countersign.model.base import Model
from countersign.model.change import Change
from countersign.model.effect import Effect, ResourceKind, Target
from countersign.model.finding import Code, Severity
from countersign.model.path import Part
from countersign.model.risk import Factor

Params = TypeVar("Params", bound=Model)
ParamsModel = type[Model]


@dataclass(frozen=True, slots=True)
class Issue:
    """Something wrong with the params that their schema cannot say; `path` is relative to the params."""

    code: Code
    path: tuple[Part, ...]
    message: str
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True)
class Reference:
    """Something the params name and that has to exist in the namespace; `path` is relative to the params."""

    kind: ResourceKind
    name: str
    path: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """One effect of the action as the dry run showed it: what stands there now, what would, and the difference.

    `result` is more than the effect's own fields: what others set stays, and defaults are filled in.
    """

    effect: Effect
    live: Mapping[str, Any] | None = field(hash=False)
    result: Mapping[str, Any] = field(hash=False)
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Installation:
    """What whoever installed the operator decides about what actions make."""

    echo_url: str = "http://echo.countersign-system.svc:8092"
    """Where the echo tool of the starter kit is."""
    runtime_image: str = "python:3.13-slim"
    """Image that runs agents which are deployed as source files: one with `python` on its path."""
    llm_gateway: str = ""
    """Address of the gateway through which agents call models; without one they call the provider's endpoint."""


STANDARD = Installation()
"""What holds where nobody decided otherwise."""


@dataclass(frozen=True, slots=True)
class World:
    """What an action finds when its turn comes: what is there now, with all that earlier actions of the plan make of it.

    `objects` holds what was looked up; None says that there is no such object, or that the executor may not see it.
    """

    namespace: str
    plan: str = ""
    action: str = ""
    objects: Mapping[Target, Mapping[str, Any] | None] = field(hash=False, default_factory=dict)
    installation: Installation = STANDARD

    def at(self, kind: ResourceKind, name: str) -> Target:
        return Target(kind, self.namespace, name)

    def with_objects(self, objects: Mapping[Target, Mapping[str, Any] | None]) -> "World":
        return replace(self, objects={**self.objects, **objects})

    def find(self, kind: ResourceKind, name: str) -> Mapping[str, Any] | None:
        return self.objects.get(self.at(kind, name))


@dataclass(frozen=True, slots=True)
class Pending:
    """What the action made is in place but not ready yet; `message` says what is missing."""

    message: str


@dataclass(frozen=True, slots=True)
class Broken:
    """What the action made will not get ready; `message` says why."""

    message: str


class ActionType(ABC, Generic[Params]):
    """One type of action. Instances have no state."""

    type: ClassVar[str]
    """The name in `actions[].type`."""
    params: ClassVar[ParamsModel]
    """The pydantic model of `actions[].params`."""
    example: ClassVar[Mapping[str, Any]]
    """Params that work; shown in the documents, tried by the registry's test."""
    kinds: ClassVar[tuple[ResourceKind, ...]]
    """Every kind its effects may write. The executor's rights are generated from these."""
    calls: ClassVar[tuple[ResourceKind, ...]] = ()
    """Every kind of call it may make. No rights in the cluster come of them. Which calls an action makes, and at which places among
    its effects, follows from its params alone: a retry knows by the place which of them were made."""
    read_kinds: ClassVar[tuple[ResourceKind, ...]] = ()
    """Every further kind it `reads` or refers to, of which the executor has to see the objects."""
    hints: ClassVar[Mapping[str, str]] = {}
    """Remedies for fields that people write by mistake: a path into the params, `[]` for any entry, and what to write."""

    @abstractmethod
    def compile(self, params: Params, world: World) -> tuple[Effect, ...]:
        """What the action would do, complete. Asked only when everything it `reads` was looked up."""

    @abstractmethod
    def assess(self, params: Params, seen: tuple[Seen, ...]) -> tuple[Factor, ...]:
        """Every reason for a risk level: of what is proposed, of what is there, of the change from one to the other."""

    def check(self, params: Params) -> Iterable[Issue]:
        """What is wrong with the params beyond their schema."""
        del params
        return ()

    def reads(self, params: Params, world: World) -> tuple[Target, ...]:
        """What has to be looked up before it can compile. Asked again with the answers, until it names nothing new."""
        del params, world
        return ()

    def examine(self, params: Params, world: World) -> Iterable[Issue]:
        """What is wrong with the params in this world; the code of an issue says which stage reports it."""
        del params, world
        return ()

    def references(self, params: Params, world: World) -> tuple[Reference, ...]:
        """What the params name and has to exist, or to be made by an earlier action."""
        del params, world
        return ()

    def awaited(self, params: Params, world: World) -> tuple[Target, ...]:
        """What has to be ready before the action is applied; nothing, if it is enough that it is written."""
        del params, world
        return ()

    def settle(self, params: Params, world: World) -> Pending | Broken | None:
        """How far what is `awaited` has come; None when it is ready. It is found in the world."""
        del params, world
        return None
