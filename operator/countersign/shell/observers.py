"""Which kinds are observed, how, and which objects of other kinds each of them depends on."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from countersign.actions.deploy.naming import agent_of
from countersign.core.observing.agent import agent_is_settled
from countersign.core.observing.binding import binding_is_settled, policy_of
from countersign.model.effect import AGENT, DEPLOYMENT, MODEL_PROVIDER, POLICY, POLICY_BINDING, TOOL, ResourceKind
from countersign.settings import Settings
from countersign.shell.cache import Cache
from countersign.shell.client import ApiClient
from countersign.shell.key import Key, key_of
from countersign.shell.looks import AgentLook, BindingLook, Eyes, PolicyLook, ProviderLook, ToolLook
from countersign.shell.observe import Look, Observer, Observers
from countersign.shell.probe import Prober
from countersign.shell.queue import BackOff, WorkQueue


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

    def observer(kind: ResourceKind, look: Look, **rest: Any) -> Observer:
        queue = WorkQueue(clock=time.monotonic, back_off=BackOff(rng=rng, base=1.0))
        every = settings.observe_every.total_seconds()
        return Observer(
            store=cache[kind], client=client, queue=queue, look=look, every=every, rng=rng, leads=leads, **rest
        )

    eyes, follow = Eyes(settings.install.executors), _Following(cache)
    bindings = BindingLook(client=client, cache=cache)
    each = [
        observer(POLICY, PolicyLook(cache[POLICY_BINDING]), follows=follow.policies),
        observer(POLICY_BINDING, bindings, follows=follow.bindings, settled=binding_is_settled),
        observer(MODEL_PROVIDER, ProviderLook(client=client, eyes=eyes)),
        observer(AGENT, AgentLook(client=client, eyes=eyes), follows=follow.agents, settled=agent_is_settled),
    ]
    if settings.probe_tools:
        each.append(observer(TOOL, ToolLook(prober=Prober(), every=settings.observe_every, now=now)))
    return Observers(tuple(each))


class _Following:
    """Whose status may be another one when that object changed."""

    def __init__(self, cache: Cache) -> None:
        self._policies, self._bindings = cache[POLICY], cache[POLICY_BINDING]

    def policies(self, kind: ResourceKind, key: Key) -> Iterator[Key]:
        """All in the namespace of a binding, because it may have been bound to another one before."""
        if kind == POLICY_BINDING:
            yield from (key_of(content) for content in self._policies.of_namespace(key.namespace))

    def bindings(self, kind: ResourceKind, key: Key) -> Iterator[Key]:
        if kind == POLICY:
            bindings = self._bindings.of_namespace(key.namespace)
            yield from (key_of(content) for content in bindings if policy_of(content) == key.name)

    def agents(self, kind: ResourceKind, key: Key) -> Iterator[Key]:
        if kind == DEPLOYMENT and (agent := agent_of(key.name)):
            yield Key(key.namespace, agent)
