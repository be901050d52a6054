"""Answers the core's questions. Nothing here changes the world: reads, and dry runs as the executor.

A dry run is made on a known state of the object (its uid and resourceVersion, or its absence), so that the difference
between that state and the result is exactly what the same request would change.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, assert_never

from countersign.api.names import FIELD_MANAGER
from countersign.core.effects import body, content_of
from countersign.core.others import AskCrowd, AskPlace, AskRivals
from countersign.core.questions import (
    Answer,
    Answers,
    AskAccess,
    AskAccount,
    AskObject,
    AskOutcome,
    AskPolicies,
    AskPreview,
    AskQuotas,
    AskReference,
    Question,
    Tracking,
)
from countersign.core.snapshot import Memo
from countersign.errors import ClusterError, Conflict, FieldConflict, Forbidden, NotFound, Unavailable
from countersign.model import facts
from countersign.model.effect import SERVICE_ACCOUNT, Apply, Call, Target
from countersign.model.facts import (
    Absent,
    Base,
    Existence,
    Found,
    Hidden,
    Occurrence,
    Present,
    Preview,
    Refusal,
    Refused,
    Sight,
)
from countersign.shell import authority
from countersign.shell.actor import Actor, actor, executor
from countersign.shell.cache import Cache
from countersign.shell.calls import NOBODY, Callers, Request, nobody
from countersign.shell.client import ApiClient
from countersign.shell.denials import Denials
from countersign.shell.key import Key
from countersign.shell.masked import said
from countersign.shell.quotas import quotas
from countersign.shell.refusals import is_barred, owned, refused
from countersign.shell.roll import Roll

_TRIES = 5
_PATIENCE = 10.0
"""Seconds in which whoever was called has to say what became of it."""


@dataclass(frozen=True, slots=True)
class Looker:
    """`cache` holds the kinds that are watched; others are read from the API server. `callers` know what became of calls."""

    client: ApiClient
    cache: Cache
    roll: Roll = field(default_factory=Roll)
    """Knows the other plans; one that follows no cache knows none."""
    callers: Callers = NOBODY
    denials: Denials = field(default_factory=Denials)
    memo: Memo = field(default_factory=Memo)

    async def answer(self, questions: Iterable[Question]) -> Answers:
        asked = tuple(questions)
        answers = await asyncio.gather(*(self._answer(question) for question in asked))
        return dict(zip(asked, answers, strict=True))

    async def _answer(self, question: Question) -> Answer:
        match question:
            case AskAccount(namespace=namespace, name=name):
                return await self._exists(Target(SERVICE_ACCOUNT, namespace, name), acting_as=None)
            case AskReference(account=account, namespace=namespace, reference=reference):
                target = Target(reference.kind, namespace, reference.name)
                return await self._exists(target, acting_as=Actor(user=executor(namespace, account)))
            case AskObject(account=account, target=target):
                return await self._sight(target, Actor(user=executor(target.namespace, account)))
            case AskPreview() | AskOutcome():
                asked = self.preview(question) if isinstance(question, AskPreview) else self._outcome(question)
                return await asked
            case AskPolicies():
                return await authority.policies(question, client=self.client, cache=self.cache, memo=self.memo)
            case AskAccess():
                return await authority.access(question, client=self.client, denials=self.denials)
            case AskQuotas(account=account, namespace=namespace):
                return await quotas(namespace, Actor(user=executor(namespace, account)), client=self.client)
            case AskRivals() | AskCrowd() | AskPlace():
                return self.roll.answer(question)

    async def _exists(self, target: Target, *, acting_as: Actor | None) -> Existence:
        try:
            found = await self.client.get(
                target.kind,
                namespace=target.namespace,
                name=target.name,
                metadata_only=True,
                acting_as=acting_as,
            )
        except NotFound:
            return Absent()
        except Forbidden as error:
            return Hidden(barred=is_barred(error)) if acting_as else facts.Unavailable(said(error))
        except ClusterError as error:
            return facts.Unavailable(said(error))
        return Present(uid=found["metadata"]["uid"])

    async def _sight(self, target: Target, acting_as: Actor) -> Sight:
        try:
            found = await self.client.get(
                target.kind, namespace=target.namespace, name=target.name, acting_as=acting_as
            )
        except NotFound:
            return Absent()
        except Forbidden as error:
            return Hidden(barred=is_barred(error))
        except ClusterError as error:
            return facts.Unavailable(said(error))
        return Found(found)

    def _unseen(self, call: Call) -> Preview:
        """Nobody can try a call: it is shown as it would be sent."""
        if self.callers.find(call.target.kind) is None:
            return Refused(Refusal.NOT_SERVED, nobody(call.target))
        return facts.Previewed(base=None, live=None, result=content_of(call))

    async def _outcome(self, question: AskOutcome) -> Occurrence:
        target = question.call.target
        caller = self.callers.find(target.kind)
        if caller is None:
            return facts.Unavailable(nobody(target))
        try:
            async with asyncio.timeout(_PATIENCE):
                return await caller.outcome(Request(question.account, question.call, question.key))
        except TimeoutError:
            return facts.Unavailable(f"no answer within {int(_PATIENCE)} s")

    async def preview(self, question: AskPreview, *, fresh: bool = False) -> Preview:
        """`fresh` distrusts the cache. A cached state that is out of date is noticed by the API server and read again."""
        match question.effect:
            case Call() as call:
                return self._unseen(call)
            case Apply() as effect:
                return await self._tried(question, effect, fresh=fresh)
        assert_never(question.effect)

    async def _tried(self, question: AskPreview, effect: Apply, *, fresh: bool) -> Preview:
        for _ in range(_TRIES):
            try:
                live = await self.live(effect.target, account=question.account, fresh=fresh)
                return await self._dry_run(question, effect, live)
            except FieldConflict as error:
                return owned(error)
            except Conflict:
                fresh = True
            except Unavailable as error:
                return facts.Unavailable(said(error))
            except ClusterError as error:
                return refused(error)
        return facts.Unavailable(f"{effect.target} changes faster than it can be previewed")

    async def live(self, target: Target, *, account: str, fresh: bool) -> dict[str, Any] | None:
        """What is not watched is read as the executor: the operator has no right to see it."""
        watched = target.kind in self.cache
        if not fresh and watched:
            return self.cache[target.kind].get(Key(target.namespace, target.name))
        acting_as = None if watched else Actor(user=executor(target.namespace, account))
        try:
            return await self.client.get(target.kind, namespace=target.namespace, name=target.name, acting_as=acting_as)
        except NotFound:
            return None

    async def _dry_run(self, question: AskPreview, effect: Apply, live: dict[str, Any] | None) -> facts.Previewed:
        target = effect.target
        base = base_of(live)
        applied = await self.client.apply(
            target.kind,
            namespace=target.namespace,
            name=target.name,
            body=on_base(effect, question.tracking, base),
            field_manager=FIELD_MANAGER,
            dry_run=True,
            acting_as=actor(target.namespace, question.account, question.tracking),
        )
        return facts.Previewed(base=base, live=live, result=applied.content, warnings=applied.warnings)


def base_of(live: dict[str, Any] | None) -> Base | None:
    if live is None:
        return None
    return Base(uid=live["metadata"]["uid"], resource_version=live["metadata"]["resourceVersion"])


def on_base(effect: Apply, tracking: Tracking, base: Base | None) -> dict[str, Any]:
    """The object, to be applied on this state and no other. Absent: resourceVersion "1" and no uid."""
    content = body(effect, tracking)
    state = {"resourceVersion": "1"} if base is None else {"uid": base.uid, "resourceVersion": base.resource_version}
    return {**content, "metadata": {**content["metadata"], **state}}
