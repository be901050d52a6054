"""Holds a Lease: renews it, takes it when it is free, gives it back, and knows at any moment whether it may be relied on.

`election` decides, here are the clock and the requests. Whoever writes asks `held` first, which is true until a deadline that
lies well before the time at which another replica takes over; no answer of the API server is needed to stop.
"""

import asyncio
import contextlib
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import structlog

from countersign.core.election import Acquire, Claim, Hold, Sight, Wait, claimed, decide, released, see
from countersign.errors import ClusterError, NotFound
from countersign.model.effect import ResourceKind
from countersign.shell.client import ApiClient
from countersign.shell.masked import said

LEASE_KIND = ResourceKind("coordination.k8s.io", "v1", "Lease", "leases")
_MANAGER = "countersign-lease"
_ABSENT = "1"
"""The resourceVersion that makes an apply create, and only create."""
_ATTEMPTS = 10.0
"""So often it is tried to renew within the deadline."""

log = structlog.get_logger()


def _elapsed() -> float:
    """Monotonic, and going on while the machine sleeps, where the system has such a clock."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Seconds. Others may take over `duration` after the last renewal; the holder stops on its own at `deadline`."""

    duration: float
    deadline: float


@dataclass(kw_only=True)
class LeaseKeeper:
    """`client` must not be fenced by this very Lease. `identity` is another one in each process."""

    client: ApiClient
    namespace: str
    name: str
    identity: str
    terms: Terms
    rng: Callable[[], float]
    clock: Callable[[], float] = _elapsed
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    _sight: Sight | None = field(default=None, init=False)
    _version: str = field(default=_ABSENT, init=False)
    _until: float = field(default=-math.inf, init=False)
    _leading: bool = field(default=False, init=False)
    _left: bool = field(default=False, init=False)
    _trouble: str = field(default="", init=False)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, init=False, repr=False)

    @property
    def held(self) -> bool:
        """Whether this replica may write right now."""
        return not self._left and self.clock() < self._until

    async def run(self, gained: Callable[[], None]) -> None:
        """Until cancelled. `gained` is called each time the Lease became ours."""
        while True:
            await self.attempt(gained)
            await asyncio.sleep(self.terms.deadline / _ATTEMPTS * (0.75 + self.rng() / 2))

    async def release(self) -> None:
        """From now on nothing may be written, and whoever waits may take over at once."""
        mine, self._left = self.held, True
        async with self._turn:
            if not mine or self._sight is None:
                return
            with contextlib.suppress(ClusterError):
                await self._write(released(self._sight.claim, now=self._moment()))
                log.info("lease released", lease=self.name)

    async def attempt(self, gained: Callable[[], None]) -> None:
        """What goes wrong is tried again soon. What was known of the Lease may be wrong then, so it is read anew."""
        async with self._turn:
            if self._left:
                return
            try:
                await self._renew_or_take(gained)
            except ClusterError as error:
                self._sight = self._sight if self._is_foreign() else None
                self._complain(error)
            else:
                self._trouble = ""
            if self._leading and not self.held:
                self._leading = False
                log.warning("lease lost", lease=self.name, identity=self.identity)

    async def _renew_or_take(self, gained: Callable[[], None]) -> None:
        sight = self._sight
        if sight is None or self._is_foreign() or not self.held:
            sight = await self._look()
        match decide(sight, identity=self.identity, now=self.clock()):
            case Hold() | Acquire():
                seconds = math.ceil(self.terms.duration)
                claim = claimed(sight.claim, identity=self.identity, seconds=seconds, now=self._moment())
                asked = self.clock()
                await self._write(claim)
                self._renewed(Sight(claim, asked), gained)
            case Wait():
                pass

    def _renewed(self, sight: Sight, gained: Callable[[], None]) -> None:
        """`sight` is of before the request: nobody else can have seen the new claim earlier than that.

        Whatever was due while the Lease was not held, if only for the length of this request, was left undone.
        """
        lapsed = not self.held
        self._sight, self._until = sight, sight.since + self.terms.deadline
        if lapsed and self.held:
            self._leading = True
            log.info("lease acquired", lease=self.name, identity=self.identity)
            gained()

    def _complain(self, error: ClusterError) -> None:
        """Once: it is tried again every second. Where the right to the Lease is missing nobody works, and somebody must know."""
        if (trouble := said(error)) != self._trouble:
            log.warning("lease not taken or renewed", lease=self.name, code=error.code, detail=trouble)
        self._trouble = trouble

    def _is_foreign(self) -> bool:
        return self._sight is not None and self._sight.claim.holder != self.identity

    async def _look(self) -> Sight:
        try:
            found = await self.client.get(LEASE_KIND, namespace=self.namespace, name=self.name)
        except NotFound:
            claim, self._version = Claim(), _ABSENT
        else:
            claim, self._version = _claim(found.get("spec") or {}, self.terms), found["metadata"]["resourceVersion"]
        self._sight = see(claim, self._sight, now=self.clock())
        return self._sight

    async def _write(self, claim: Claim) -> None:
        """Compare and apply: of two replicas that take a free Lease, one gets a Conflict."""
        applied = await self.client.apply(
            LEASE_KIND,
            namespace=self.namespace,
            name=self.name,
            body={"metadata": {"resourceVersion": self._version}, "spec": _spec(claim)},
            field_manager=_MANAGER,
            force=True,
        )
        self._version = applied.content["metadata"]["resourceVersion"]

    def _moment(self) -> str:
        return self.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _claim(spec: dict[str, Any], terms: Terms) -> Claim:
    return Claim(
        holder=spec.get("holderIdentity") or "",
        seconds=float(spec.get("leaseDurationSeconds") or terms.duration),
        acquired=spec.get("acquireTime") or "",
        renewed=spec.get("renewTime") or "",
        transitions=spec.get("leaseTransitions") or 0,
    )


def _spec(claim: Claim) -> dict[str, Any]:
    spec = {
        "holderIdentity": claim.holder,
        "leaseDurationSeconds": int(claim.seconds),
        "acquireTime": claim.acquired,
        "renewTime": claim.renewed,
        "leaseTransitions": claim.transitions,
    }
    return {key: value for key, value in spec.items() if value != ""}
