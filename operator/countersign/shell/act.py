"""Carries out one attempt: compare-and-apply as the executor, and nothing that was not approved.

Each write names the state it was approved on, so there is no gap between checking and writing. When that state is gone, the
effect is previewed again: the same effect digest may be written on the new state, any other may not.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import assert_never

from countersign.api.names import FIELD_MANAGER
from countersign.core.calls import call_key
from countersign.core.comparing import compare
from countersign.core.questions import AskPreview
from countersign.core.steps import Attempt, Changed, Done, Failure, Result, Unsure, Write
from countersign.errors import ClusterError, Conflict, FieldConflict, Unavailable
from countersign.model.effect import Apply, Call, ResourceKind
from countersign.model.facts import Refusal
from countersign.shell.actor import actor
from countersign.shell.calls import NOBODY, Callers, Request, nobody
from countersign.shell.client import ApiClient
from countersign.shell.key import Key
from countersign.shell.look import Looker, on_base
from countersign.shell.masked import said
from countersign.shell.refusals import refused

_TRIES = 10
_PAUSE = 0.05


def _unnoticed(_kind: ResourceKind, _key: Key) -> None:
    """Nobody observes."""


def _unfenced() -> None:
    """There is no other replica."""


@dataclass(frozen=True, slots=True)
class Executor:
    """`key` digests sensitive values; `rng` and `sleep` spread writers that collide.

    `noticed` is told of every object that was written, because most of these kinds are not watched. `fence` raises before a call
    if another replica may be at work; what goes to the API server is fenced on its way.
    """

    client: ApiClient
    looker: Looker
    key: bytes
    rng: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    noticed: Callable[[ResourceKind, Key], None] = _unnoticed
    callers: Callers = NOBODY
    fence: Callable[[], None] = _unfenced

    async def carry_out(self, attempt: Attempt) -> Result:
        """One effect after the other. Whatever ends it, those before are in place."""
        done = 0
        try:
            async with asyncio.timeout(attempt.timeout.total_seconds()):
                for write in attempt.writes:
                    done = write.place
                    match await self._make(write, attempt.account):
                        case Done():
                            continue
                        case Unsure() as unsure:
                            return unsure
                        case Changed() | Failure() as wrong:
                            return replace(wrong, done=done)
        except TimeoutError:
            late = f"not done within {int(attempt.timeout.total_seconds())} s"
            return Unsure("Timeout", late) if attempt.call else Failure("Timeout", late, passing=True, done=done)
        return Done()

    async def _make(self, write: Write, account: str) -> Result:
        match write.effect:
            case Apply():
                return await self._write(write, write.effect, account)
            case Call() as call:
                return await self._call(Request(account, call, call_key(write.tracking, write.place)))
        assert_never(write.effect)

    async def _call(self, request: Request) -> Result:
        target = request.call.target
        caller = self.callers.find(target.kind)
        if caller is None:
            return Failure(Refusal.NOT_SERVED.value, nobody(target), passing=False)
        self.fence()
        return await caller.call(request)

    async def _write(self, write: Write, effect: Apply, account: str) -> Result:
        due: Write | Result = write
        for attempt in range(_TRIES):
            if not isinstance(due, Write):
                return due
            try:
                await self._apply(due, effect, account)
            except FieldConflict as error:
                owners = ", ".join(f"{owned.path} (by {owned.manager})" for owned in error.fields)
                return Failure("OwnedByOther", f"{write.effect.target}: {owners or said(error)}", passing=False)
            except Conflict:
                await self.sleep(_PAUSE * attempt * self.rng())
                due = await self._rebased(write, account)
            except Unavailable as error:
                return Failure("Unavailable", f"{write.effect.target}: {said(error)}", passing=True)
            except ClusterError as error:
                why = refused(error)
                return Failure(why.refusal.value, f"{write.effect.target}: {why.message}", passing=False)
            else:
                return Done()
        if not isinstance(due, Write):
            return due
        return Failure(
            "Contended", f"{write.effect.target} was changed by others {_TRIES} times in a row", passing=True
        )

    async def _apply(self, write: Write, effect: Apply, account: str) -> None:
        target = effect.target
        await self.client.apply(
            target.kind,
            namespace=target.namespace,
            name=target.name,
            body=on_base(effect, write.tracking, write.base),
            field_manager=FIELD_MANAGER,
            acting_as=actor(target.namespace, account, write.tracking),
        )
        self.noticed(target.kind, Key(target.namespace, target.name))

    async def _rebased(self, write: Write, account: str) -> Write | Result:
        """The same effect on the state that is there now, if it is the same effect."""
        question = AskPreview(account=account, effect=write.effect, tracking=write.tracking)
        preview = await self.looker.preview(question, fresh=True)
        return compare(question, preview, write.digest, key=self.key, place=write.place)
