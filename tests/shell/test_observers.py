"""Who is observed at all, and who is looked at again when something else changed."""

import pytest
from tests.support.agent_policies import a_policy, a_rule
from tests.support.fake_api import FakeApi
from tests.support.snapshots import NOW

from countersign.model.effect import (
    AGENT,
    DEPLOYMENT,
    MODEL_PROVIDER,
    POLICY,
    POLICY_BINDING,
    SERVICE_ACCOUNT,
    TOOL,
)
from countersign.settings import Settings
from countersign.shell.cache import Cache
from countersign.shell.key import Key
from countersign.shell.observers import observers

P = Key("shop", "p")
ALWAYS = [POLICY, POLICY_BINDING, MODEL_PROVIDER, AGENT]


class Scene:
    """All observers of a cluster, none of which runs."""

    def __init__(self, settings=None):
        self.api, self.cache = FakeApi(), Cache((*ALWAYS, TOOL))
        self.observers = observers(
            client=self.api,
            cache=self.cache,
            settings=settings or Settings(),
            now=lambda: NOW,
            rng=lambda: 0.5,
            leads=lambda: True,
        )

    def put(self, kind, name, *, namespace="shop", **content):
        self.cache[kind].upsert(self.api.put(kind, name, namespace=namespace, **content))

    def bind(self, name, policy, **rest):
        subjects = [{"kind": "ServiceAccount", "name": "agent-a"}]
        self.put(POLICY_BINDING, name, spec={"policyRef": {"name": policy}, "subjects": subjects}, **rest)

    def waiting(self, kind):
        """How many objects of the kind are to be looked at."""
        return self.of(kind).queue.depth

    def of(self, kind):
        return next(each for each in self.observers.each if each.kind == kind)

    def status(self, kind, name):
        return self.api.now(kind, name)["status"]


@pytest.mark.parametrize(("settings", "kinds"), [(Settings(), ALWAYS), (Settings(probe_tools=True), [*ALWAYS, TOOL])])
async def test_who_is_observed(settings, kinds):
    """Tools only where the installation wants the operator to call them."""
    assert [observer.kind for observer in Scene(settings).observers.each] == kinds


async def test_binding_changes():
    """The policies of its namespace are looked at again, whatever is known of them, and say whom they bind."""
    scene = Scene()
    for namespace in ("shop", "other"):
        scene.put(POLICY, "p", namespace=namespace, spec=a_policy(a_rule())["spec"])
    await scene.of(POLICY).observe(P)
    assert scene.status(POLICY, "p")["usedBy"] == []
    scene.bind("b", "p")
    scene.observers.notice(POLICY_BINDING, Key("shop", "b"))
    assert (scene.waiting(POLICY), scene.waiting(POLICY_BINDING)) == (1, 1)
    await scene.of(POLICY).observe(P)
    assert scene.status(POLICY, "p")["usedBy"] == [{"name": "agent-a", "namespace": "shop"}]


async def test_policy_changes():
    """The bindings that name it are looked at again, and no others."""
    scene = Scene()
    scene.bind("b", "p")
    scene.bind("c", "another")
    scene.bind("d", "p", namespace="other")
    scene.api.put(SERVICE_ACCOUNT, "agent-a")
    await scene.of(POLICY_BINDING).observe(Key("shop", "b"))
    assert scene.status(POLICY_BINDING, "b")["ready"] is False
    scene.put(POLICY, "p")
    scene.observers.notice(POLICY, P)
    assert scene.waiting(POLICY_BINDING) == 1
    await scene.of(POLICY_BINDING).observe(Key("shop", "b"))
    assert scene.status(POLICY_BINDING, "b")["ready"] is True


async def test_deployment_written():
    """Its agent is looked at again; Deployments that are nobody's concern none."""
    scene = Scene()
    scene.observers.notice(DEPLOYMENT, Key("shop", "web"))
    assert scene.waiting(AGENT) == 0
    scene.observers.notice(DEPLOYMENT, Key("shop", "agent-support"))
    assert scene.waiting(AGENT) == 1
