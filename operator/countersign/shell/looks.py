"""How it is found out what the decision about each observed object needs to know: one look per kind.

Called by `observe` with an object, asks cache, API server or tool, and returns what `core.observing` makes of the answers. An
API server that does not answer is no verdict: the error goes to the caller, who comes again.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from countersign.actions.deploy.naming import account, selector
from countersign.api.agents_domain import (
    AgentStatus,
    ModelProviderStatus,
    PolicyBindingStatus,
    PolicyStatus,
    ToolStatus,
)
from countersign.core.observing.agent import Pods, has_pods_to_ask, observe_agent
from countersign.core.observing.binding import bound_accounts, observe_binding, policy_of
from countersign.core.observing.policy import observe_policy
from countersign.core.observing.provider import named_secrets, observe_provider
from countersign.core.observing.tool import Unasked, destination, observe_tool, probed_lately
from countersign.errors import Forbidden, NotFound
from countersign.model.effect import DEPLOYMENT, POD, POLICY, SECRET, SERVICE_ACCOUNT
from countersign.model.facts import Absent, Existence, Found, Hidden, Present
from countersign.shell.actor import Actor, executor
from countersign.shell.cache import Cache, Store
from countersign.shell.client import ApiClient
from countersign.shell.key import Key
from countersign.shell.probe import Prober

Content = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Eyes:
    """Those of the executors of a namespace: of the first that may look.

    The operator itself may read no Secret, Deployment or pod: a right to that in every namespace would be worth more than
    all it looks after.
    """

    accounts: tuple[str, ...]

    async def see(self, namespace: str, ask: Callable[[Actor], Awaitable[T]]) -> T | Hidden:
        for name in self.accounts:
            try:
                return await ask(Actor(user=executor(namespace, name)))
            except Forbidden:
                continue
        return Hidden()


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
    """Looks for the Secrets, and at their metadata only."""

    client: ApiClient
    eyes: Eyes

    async def __call__(self, content: Content) -> ModelProviderStatus:
        namespace = content["metadata"]["namespace"]
        found = {name: await self._secret(namespace, name) for name in named_secrets(content)}
        return observe_provider(content, found)

    async def _secret(self, namespace: str, name: str) -> Existence:
        async def ask(actor: Actor) -> Present:
            secret = await self.client.get(SECRET, namespace=namespace, name=name, metadata_only=True, acting_as=actor)
            return Present(uid=secret["metadata"]["uid"])

        try:
            return await self.eyes.see(namespace, ask)
        except NotFound:
            return Absent()


@dataclass(frozen=True, slots=True)
class PolicyLook:
    """Needs nobody's eyes: bindings are watched."""

    bindings: Store

    async def __call__(self, content: Content) -> PolicyStatus:
        return observe_policy(content, self.bindings.of_namespace(content["metadata"]["namespace"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingLook:
    """Policies are watched; accounts are asked for with the right that the operator has for executors anyway."""

    client: ApiClient
    cache: Cache

    async def __call__(self, content: Content) -> PolicyBindingStatus:
        namespace = content["metadata"]["namespace"]
        there = [name for name in bound_accounts(content) if await self._exists(namespace, name)]
        policy = self.cache[POLICY].get(Key(namespace, policy_of(content)))
        return observe_binding(content, policy_exists=policy is not None, accounts=frozenset(there))

    async def _exists(self, namespace: str, name: str) -> bool:
        try:
            await self.client.get(SERVICE_ACCOUNT, namespace=namespace, name=name, metadata_only=True)
        except NotFound:
            return False
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLook:
    """Reads the Deployment, and the pods only while it is not rolled out."""

    client: ApiClient
    eyes: Eyes

    async def __call__(self, content: Content) -> AgentStatus:
        namespace, agent = content["metadata"]["namespace"], content["metadata"]["name"]
        deployment = await self._deployment(namespace, agent)
        pods = await self._pods(namespace, agent) if has_pods_to_ask(deployment) else ()
        return observe_agent(content, deployment, pods)

    async def _deployment(self, namespace: str, agent: str) -> Found | Absent | Hidden:
        async def ask(actor: Actor) -> Found:
            name = account(agent)
            return Found(await self.client.get(DEPLOYMENT, namespace=namespace, name=name, acting_as=actor))

        try:
            return await self.eyes.see(namespace, ask)
        except NotFound:
            return Absent()

    async def _pods(self, namespace: str, agent: str) -> Pods:
        labels = ",".join(f"{key}={value}" for key, value in sorted(selector(agent).items()))

        async def ask(actor: Actor) -> Pods:
            return (await self.client.list(POD, namespace=namespace, label_selector=labels, acting_as=actor)).items

        return await self.eyes.see(namespace, ask)
