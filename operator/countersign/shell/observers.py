"""Which kinds are observed, and how it is found out what the decision about each needs to know."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from countersign.api.agents_domain import ModelProviderStatus, PolicyStatus, ToolStatus
from countersign.core.observing.policy import observe_policy
from countersign.core.observing.provider import named_secrets, observe_provider
from countersign.core.observing.tool import Unasked, destination, observe_tool, probed_lately
from countersign.errors import Forbidden, NotFound
from countersign.model.effect import MODEL_PROVIDER, POLICY, SECRET, TOOL, ResourceKind
from countersign.model.facts import Absent, Existence, Hidden, Present
from countersign.settings import Settings
from countersign.shell.actor import Actor
from countersign.shell.cache import Cache
from countersign.shell.client import ApiClient
from countersign.shell.look import executor
from countersign.shell.observe import Content, Look, Observer, Observers
from countersign.shell.probe import Prober
from countersign.shell.queue import BackOff, WorkQueue


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolLook:
    """Asks a tool whether it is there, unless that was done lately: the operator may have begun anew meanwhile."""

    prober: Prober
    every: timedelta
    now: Callable[[], datetime]

    async def __call__(self, content: Content) -> ToolStatus | None:
        if probed_lately(content, now=self.now(), every=self.every / 2):
            return None
        asked = destination(content)
        probe = asked if isinstance(asked, Unasked) else await self.prober.probe(asked)
        return observe_tool(content, probe, now=self.now())


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderLook:
    """Looks for the Secrets with the eyes of the namespace's executor, and at their metadata only.

    The operator itself may read no Secret: a right to that in every namespace would be worth more than all it looks after.
    """

    client: ApiClient
    accounts: tuple[str, ...]

    async def __call__(self, content: Content) -> ModelProviderStatus:
        namespace = content["metadata"]["namespace"]
        found = {name: await self._secret(namespace, name) for name in named_secrets(content)}
        return observe_provider(content, found)

    async def _secret(self, namespace: str, name: str) -> Existence:
        """As the first account that may look."""
        for account in self.accounts:
            try:
                secret = await self.client.get(
                    SECRET,
                    namespace=namespace,
                    name=name,
                    metadata_only=True,
                    acting_as=Actor(user=executor(namespace, account)),
                )
            except NotFound:
                return Absent()
            except Forbidden:
                continue
            return Present(uid=secret["metadata"]["uid"])
        return Hidden()


async def look_at_policy(content: Content) -> PolicyStatus:
    return observe_policy(content)


def observers(
    *,
    client: ApiClient,
    cache: Cache,
    settings: Settings,
    now: Callable[[], datetime],
    rng: Callable[[], float],
    leads: Callable[[], bool],
) -> Observers:
    """Tools are asked only where the installation wants it."""

    def observer(kind: ResourceKind, look: Look) -> Observer:
        queue = WorkQueue(clock=time.monotonic, back_off=BackOff(rng=rng, base=1.0))
        every = settings.observe_every.total_seconds()
        return Observer(store=cache[kind], client=client, queue=queue, look=look, every=every, rng=rng, leads=leads)

    each = [
        observer(POLICY, look_at_policy),
        observer(MODEL_PROVIDER, ProviderLook(client=client, accounts=settings.install.executors)),
    ]
    if settings.probe_tools:
        each.append(observer(TOOL, ToolLook(prober=Prober(), every=settings.observe_every, now=now)))
    return Observers(tuple(each))
