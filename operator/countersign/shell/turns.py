"""The workers: each takes a key from the queue and gives its plan a turn. Whatever goes wrong there, another turn follows."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import structlog

from countersign.api.names import PLAN
from countersign.core.snapshot import Snapshot
from countersign.errors import ClusterError, Conflict, NotFound, Unavailable
from countersign.shell.buckets import Buckets
from countersign.shell.key import Key
from countersign.shell.masked import said
from countersign.shell.means import Means
from countersign.shell.packed import Packed
from countersign.shell.plans import bounded, plan_object
from countersign.shell.turn import Turn

_STEP_SECONDS = 300.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """`observe` is told how each turn ended and how long it took. `buckets` knows which plans are left to other replicas."""

    means: Means
    observe: Callable[[str, float], None]
    buckets: Buckets = Buckets()  # noqa: RUF009  # frozen
    _due: dict[Key, float] = field(default_factory=dict, init=False)

    @property
    def overdue(self) -> bool:
        """Whether a turn hangs: a long plan is none that hangs, as long as it gets on."""
        now = time.monotonic()
        return any(due < now for due in self._due.values())

    async def work(self) -> None:
        """One of several workers, until the queue stops."""
        while True:
            async with self.means.queue.claim() as key:
                if key is None:
                    return
                if self._is_ours(key):
                    with structlog.contextvars.bound_contextvars(**self._named(key)):
                        await self._survive(key)

    def _is_ours(self, key: Key) -> bool:
        """A plan that is gone concerns every replica."""
        known = self.means.cache[PLAN].resting(key)
        return known is None or self.buckets.holds(known.uid)

    def _named(self, key: Key) -> dict[str, Any]:
        """For every line that is logged meanwhile."""
        known = self.means.cache[PLAN].resting(key)
        return {} if known is None else {"uid": known.uid, "generation": known.generation}

    async def _survive(self, key: Key) -> None:
        """A turn that fails is repeated later; a worker never ends because of it."""
        started = time.monotonic()
        try:
            result = self._ended(key, answered=await self.turn(key))
        except Conflict:
            # The plan is newer than what was judged: read it and judge again.
            result = "conflict"
            await self._refresh(key)
        except NotFound:
            result = "gone"
            await self._refresh(key)
        except Unavailable as error:
            result = "unavailable"
            self.means.queue.retry(key, at_least=error.retry_after or 0.0)
            self.means.guard.doubt()
            log.warning("turn interrupted", plan=str(key), detail=said(error))
        except ClusterError as error:
            result = "error"
            self.means.queue.retry(key)
            log.error("turn refused", plan=str(key), code=error.code, detail=said(error))  # noqa: TRY400  # expected: no trace
        except Exception:
            result = "error"
            self.means.queue.retry(key)
            log.exception("turn failed", plan=str(key))
        self._due.pop(key, None)
        self.observe(result, time.monotonic() - started)

    def _ended(self, key: Key, *, answered: bool) -> str:
        if answered:
            self.means.queue.forget(key)
            return "success"
        self.means.guard.doubt()
        return "unavailable"

    async def _refresh(self, key: Key) -> None:
        known = self.means.cache[PLAN].resting(key)
        try:
            content = await self.means.client.get(PLAN, namespace=key.namespace, name=key.name)
        except NotFound:
            self._forget(key, known)
            return
        except ClusterError:
            self.means.queue.retry(key)
            return
        self.means.cache[PLAN].upsert(bounded(content))
        self.means.queue.retry(key)

    def _forget(self, key: Key, known: Packed | None) -> None:
        """The plan is gone. Its deletion will be no news to the cache then, so nothing else would clear up after it.

        Only what was `known` before the API server was asked: while its answer was on its way, a watch may have told of the next
        plan of that name.
        """
        if known is not None:
            self.means.cache[PLAN].remove(known)
        if self.means.cache[PLAN].resting(key) is None:
            self.means.interest.drop(key)
        self.means.queue.forget(key)

    async def turn(self, key: Key) -> bool:
        """Whether everything could be asked. If not, the turn itself has seen to it that another follows."""
        content = self.means.cache[PLAN].get(key)
        if content is None:
            self.means.interest.drop(key)
            return True
        turn = Turn(means=self.means, key=key, snapshot=self._snapshot(content), stepped=partial(self._stepped, key))
        try:
            with self.buckets.writing_for(turn.snapshot.plan.uid):
                await turn.run()
        finally:
            self.means.roll.settle(key)
        return turn.answered

    def _stepped(self, key: Key, seconds: float) -> None:
        """An action may take as long as its plan allows; everything else is a matter of seconds. A lost Lease ends the turn."""
        self.buckets.fence()
        self._due[key] = time.monotonic() + seconds + _STEP_SECONDS

    def _snapshot(self, content: dict[str, Any]) -> Snapshot:
        plan = plan_object(content, distrusted=self.means.guard.distrusts(content["metadata"]["uid"]))
        return Snapshot(
            plan=plan,
            now=self.means.now(),
            rules=self.means.rules,
            guard=self.means.guard.state,
            jitter=self.means.rng(),
        )
