"""Carries out one attempt: compare-and-apply as the executor, and nothing that was not approved.

Each write names the state it was approved on, so there is no gap between checking and writing. When that state is gone, the
effect is previewed again: the same effect digest may be written on the new state, any other may not.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from countersign.api.names import FIELD_MANAGER
from countersign.core.comparing import compare
from countersign.core.snapshot import AskPreview
from countersign.core.steps import Attempt, Done, Failure, Result, Write
from countersign.errors import ClusterError, Conflict, FieldConflict, Unavailable
from countersign.model.effect import ResourceKind
from countersign.shell.client import ApiClient
from countersign.shell.key import Key
from countersign.shell.look import Looker, actor, on_base, refused
from countersign.shell.masked import said

_TRIES = 10
_PAUSE = 0.05


def _unnoticed(_kind: ResourceKind, _key: Key) -> None:
    """Nobody observes."""


@dataclass(frozen=True, slots=True)
class Executor:
    """`key` digests sensitive values; `rng` and `sleep` spread writers that collide.

    `noticed` is told of every object that was written, because most of these kinds are not watched.
    """

    client: ApiClient
    looker: Looker
    key: bytes
    rng: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    noticed: Callable[[ResourceKind, Key], None] = _unnoticed

    async def carry_out(self, attempt: Attempt) -> Result:
        """One effect after the other. Whatever ends it, those before are in place."""
        done = 0
        try:
            async with asyncio.timeout(attempt.timeout.total_seconds()):
                for write in attempt.writes:
                    done = write.place
                    result = await self._write(write, attempt.account)
                    if not isinstance(result, Done):
                        return replace(result, done=done)
        except TimeoutError:
            late = f"not done within {int(attempt.timeout.total_seconds())} s"
            return Failure("Timeout", late, passing=True, done=done)
        return Done()

    async def _write(self, write: Write, account: str) -> Result:
        due: Write | Result = write
        for attempt in range(_TRIES):
            if not isinstance(due, Write):
                return due
            try:
                await self._apply(due, account)
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

    async def _apply(self, write: Write, account: str) -> None:
        target = write.effect.target
        await self.client.apply(
            target.kind,
            namespace=target.namespace,
            name=target.name,
            body=on_base(write.effect, write.tracking, write.base),
            field_manager=FIELD_MANAGER,
            acting_as=actor(target.namespace, account, write.tracking),
        )
        self.noticed(target.kind, Key(target.namespace, target.name))

    async def _rebased(self, write: Write, account: str) -> Write | Result:
        """The same effect on the state that is there now, if it is the same effect."""
        question = AskPreview(account=account, effect=write.effect, tracking=write.tracking)
        preview = await self.looker.preview(question, fresh=True)
        return compare(question, preview, write.digest, key=self.key, place=write.place)
