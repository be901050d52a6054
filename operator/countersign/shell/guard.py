"""The guard: knows whether the admission policies stand, since when, and which plans were touched while they did not.

Woken by the watch on policies, bindings and CRDs and by a timer; asked by turns before anything that trusts an annotation.
What was admitted during a lapse is not trusted afterwards: the epoch, kept in a ConfigMap, tells also a restarted operator
that there was one.
"""

import asyncio
import contextlib
import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from pydantic import ValidationError

from countersign.api.admission import admission
from countersign.api.crd import crds
from countersign.api.install import Install
from countersign.api.names import PLAN
from countersign.core.guarding import fingerprint, identity, lapses, standing_since, trustworthy
from countersign.core.intruders import intruders
from countersign.core.snapshot import Guard
from countersign.errors import ClusterError
from countersign.shell.client import ApiClient
from countersign.shell.epochs import EpochStore
from countersign.shell.forgeries import FORGERIES
from countersign.shell.guarded import list_guarded
from countersign.shell.masked import said
from countersign.shell.plans import bounded, plan_object
from countersign.shell.stillness import Stillness
from countersign.shell.version import is_later

_WHILE_DOWN = 1.0
_BETWEEN_DOUBTS = 10.0
_TAINTED = "tainted"
"""No epoch: something that is not ours may have changed plans."""
_UNASKED = Guard(
    ok=False, message="The admission policies could not be checked just now, and will be again", asked=False
)

log = structlog.get_logger()


@dataclass(kw_only=True)
class GuardKeeper:
    """`changed` is called whenever the verdict or the epoch changes. `trusted` names mutators of others that may stay."""

    client: ApiClient
    install: Install
    drill_every: float
    changed: Callable[[], None]
    trusted: tuple[str, ...] = ()
    state: Guard = field(
        default=Guard(ok=False, message="The admission policies have not been checked yet"), init=False
    )
    _expected: tuple[dict[str, Any], ...] = field(init=False)
    checked: bool = field(default=False, init=False)
    """Whether there is a verdict at all."""
    _epoch: str | None = field(default=None, init=False)
    _kept: str | None = field(default=None, init=False)
    """The epoch that a restarted operator will find."""
    _distrusted: dict[str, str] = field(default_factory=dict, init=False)
    """The uids of plans, and the resourceVersion of the state of each that is not trusted."""
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    _begun: int = field(default=0, init=False)
    _woken: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _doubted: float = field(default=-math.inf, init=False)
    _stillness: Stillness = field(init=False)
    _epochs: EpochStore = field(init=False)

    def __post_init__(self) -> None:
        self._stillness = Stillness(client=self.client, clock=time.monotonic)
        self._epochs = EpochStore(self.client, self.install.namespace)
        self._expected = (*crds(), *admission(self.install))

    def wake(self) -> None:
        """Something about the policies changed."""
        self._stillness.hear()
        self._woken.set()

    def doubt(self) -> None:
        """The API server did not answer somebody. If it is away, all plans rest until it is back, and are told then.

        A thousand plans that say the same are one reason to look.
        """
        now = asyncio.get_running_loop().time()
        if now - self._doubted >= _BETWEEN_DOUBTS:
            self._doubted = now
            self.wake()

    def lose_sight(self) -> None:
        """The watches ended: until they have begun anew they may miss something."""
        self._stillness.doubt(seconds=self.drill_every)

    def distrusts(self, uid: str) -> bool:
        return uid in self._distrusted

    def settle(self, uid: str, *, resource_version: str) -> None:
        """What was to be distrusted about this state of the plan is recorded; when that is true of all, the epoch is.

        A turn that judged an older state than the one that is not trusted settles nothing: its watch lags behind.
        """
        listed = self._distrusted.get(uid)
        if listed is None or is_later(listed, than=resource_version, otherwise=listed != resource_version):
            return
        del self._distrusted[uid]
        if not self._distrusted:
            self.wake()

    async def run(self) -> None:
        """Forgeries at once, then every minute; a comparison whenever something changed; every second while down."""
        while True:
            await self.check(drill=True)
            end = asyncio.get_running_loop().time() + self.drill_every
            while self.state.ok and await self._woken_before(end):
                await self.check(drill=False)
            if not self.state.ok:
                await asyncio.sleep(_WHILE_DOWN)

    async def _woken_before(self, end: float) -> bool:
        """Whether something changed before that time. What changes all the time must not keep the forgeries waiting."""
        if asyncio.get_running_loop().time() >= end:
            return False
        try:
            async with asyncio.timeout_at(end):
                await self._woken.wait()
        except TimeoutError:
            return False
        self._woken.clear()
        return True

    async def confirm(self) -> Guard:
        """The verdict of a check that began after this call, shared by all who ask meanwhile."""
        asked = self._begun
        async with self._lock:
            if self._begun == asked and not await self._stands_still():
                await self._check(drill=False)
        return self.state

    async def _stands_still(self) -> bool:
        """Then the last verdict holds."""
        self._begun += 1
        return self.state.ok and await self._stillness.holds()

    async def check(self, *, drill: bool) -> None:
        async with self._lock:
            await self._check(drill=drill)

    async def _check(self, *, drill: bool) -> None:
        self._begun += 1
        self._stillness.begin()
        before = (self.state, self._epoch)
        try:
            verdict = await self._judge(drill=drill)
            detail = verdict.message
        except ClusterError as error:
            verdict, detail = _UNASKED, said(error)
        self.checked, self.state = True, verdict
        if before == (self.state, self._epoch):
            return
        log.info("guard changed", ok=verdict.ok, detail=detail)
        self.changed()
        if not verdict.ok:
            # Whoever asked, from now on `run` looks every second.
            self.wake()

    async def _judge(self, *, drill: bool) -> Guard:
        live = await list_guarded(self.client)
        self._stillness.take(live)
        foreign = intruders(live, ours=frozenset(map(identity, self._expected)), trusted=self.trusted)
        if foreign:
            await self._taint()
            return Guard(ok=False, message=f"Nothing starts because plans may be changed unseen: {'; '.join(foreign)}")
        found = lapses(self._expected, live)
        if found:
            return _down(found)
        epoch = fingerprint(self._expected, live)
        if drill or epoch != self._epoch or not self.state.ok:
            failed = [lapse for lapse in [await forgery(self.client, self.install) for forgery in FORGERIES] if lapse]
            if failed:
                return _down(failed)
        if epoch != self._epoch:
            await self._enter(epoch, live)
        elif drill and self._distrusted:
            await self._reconsider()
        await self._keep()
        return Guard(ok=True)

    async def _enter(self, epoch: str, live: Iterable[dict[str, Any]]) -> None:
        """The guard stands since an unknown moment: what cannot have been admitted by it is not trusted."""
        before = await self._epochs.fetch() if self._epoch is None else self._epoch
        if before == epoch:
            self._epoch = self._kept = epoch
            return
        since = None if before == _TAINTED else standing_since(self._expected, live)
        self._distrusted = await self._untrusted(since=since)
        self._epoch = epoch
        log.info("guard entered a new epoch", distrusted=len(self._distrusted))

    async def _taint(self) -> None:
        """Nothing that came since is trusted afterwards, and a restarted operator has to know that."""
        self._epoch, self._distrusted = _TAINTED, {}
        await self._keep()

    async def _reconsider(self) -> None:
        """Plans that are gone, or that were settled by another operator, are not waited for."""
        still = await self._untrusted(since=None)
        self._distrusted = {uid: version for uid, version in self._distrusted.items() if uid in still}

    async def _untrusted(self, *, since: datetime | None) -> dict[str, str]:
        listed = await self.client.list(PLAN)
        found = [content["metadata"] for content in listed.items if not _is_trustworthy(content, since=since)]
        return {metadata["uid"]: metadata["resourceVersion"] for metadata in found}

    async def _keep(self) -> None:
        """Once nothing is distrusted any more. Should that fail, a restarted operator is only more careful than it needs to be."""
        if self._distrusted or self._kept == self._epoch:
            return
        with contextlib.suppress(ClusterError):
            await self._epochs.write(self._epoch)
            self._kept = self._epoch


def _is_trustworthy(content: Mapping[str, Any], *, since: datetime | None) -> bool:
    try:
        return trustworthy(plan_object(bounded(content)), since=since)
    except ValidationError:
        # A status that another version wrote. One plan that cannot be read must not keep the guard from standing.
        return False


def _down(found: Iterable[str]) -> Guard:
    return Guard(
        ok=False,
        message=f"Nothing starts because the admission policies do not stand: {'; '.join(found)}. Install them again",
    )
