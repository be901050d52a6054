"""Which plans are this replica's: those of the buckets whose Lease it holds. All others it only watches.

`turns` asks before a turn and before each step; `transport` asks, by way of `fence`, right before each request that changes
something. With one bucket this is leader election; more of them spread the work.
"""

import asyncio
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from random import random
from socket import gethostname
from uuid import uuid4

from countersign.api.rbac import LEASES
from countersign.errors import Fenced
from countersign.settings import Settings
from countersign.shell.client import ApiClient
from countersign.shell.lease import LeaseKeeper, Terms

_BUCKET: ContextVar[int] = ContextVar("bucket", default=0)
"""What is written outside of turns is house-keeping and goes with the first bucket."""


@dataclass(frozen=True, slots=True)
class Buckets:
    """One Lease for each. Without any there is no election, and everything is ours."""

    leases: tuple[LeaseKeeper, ...] = ()

    def leading(self) -> dict[str, bool]:
        """For each Lease, whether it is ours now."""
        return {lease.name: lease.held for lease in self.leases}

    def holds(self, uid: str) -> bool:
        return not self.leases or self.leases[self._of(uid)].held

    def leads(self) -> bool:
        """Whether this replica does the house-keeping."""
        return not self.leases or self.leases[0].held

    @contextmanager
    def writing_for(self, uid: str) -> Iterator[None]:
        """The fence of this plan's bucket applies to what is written in the block."""
        token = _BUCKET.set(self._of(uid))
        try:
            yield
        finally:
            _BUCKET.reset(token)

    def fence(self) -> None:
        """Raises when another replica may be working on the same already."""
        if self.leases and not self.leases[_BUCKET.get()].held:
            raise Fenced("This replica does not hold the Lease: another one does the work")

    async def run(self, gained: Callable[[], None]) -> None:
        async with asyncio.TaskGroup() as group:
            for lease in self.leases:
                group.create_task(lease.run(gained))

    async def release(self) -> None:
        await asyncio.gather(*(lease.release() for lease in self.leases))

    def _of(self, uid: str) -> int:
        return int.from_bytes(hashlib.sha256(uid.encode()).digest()[:8]) % max(1, len(self.leases))


def elected(client: ApiClient, settings: Settings) -> Buckets:
    """`client` is one that no Lease fences. The name of the host tells people who leads; the rest makes it unique."""
    if not settings.leader_election:
        return Buckets()
    identity = f"{gethostname()}_{uuid4()}"
    terms = Terms(duration=settings.lease_duration.total_seconds(), deadline=settings.renew_deadline.total_seconds())
    namespace = settings.install.namespace
    return Buckets(
        tuple(
            LeaseKeeper(client=client, namespace=namespace, name=name, identity=identity, terms=terms, rng=random)
            for name in LEASES
        )
    )
