"""What is found out about an object: whose eyes see Secrets, Deployments and pods, and when a tool is asked."""

from datetime import timedelta
from typing import ClassVar

import pytest
from tests.support.fake_api import FakeApi
from tests.support.providers import API_KEY, a_provider
from tests.support.snapshots import NOW

from countersign.api.agents_domain import ToolStatus
from countersign.core.observing.tool import Answered
from countersign.errors import Forbidden, Unavailable
from countersign.model.effect import DEPLOYMENT, POD, POLICY, POLICY_BINDING, SECRET, SERVICE_ACCOUNT
from countersign.shell.cache import Cache
from countersign.shell.looks import AgentLook, BindingLook, Eyes, ProviderLook, ToolLook

EYES = Eyes(("ex", "two"))


class Executors(FakeApi):
    """Says who asks for what, and answers those of the `allowed` only that."""

    def __init__(self, **allowed):
        super().__init__()
        self.allowed_to_see, self.asked = allowed, []

    async def get(self, kind, *, metadata_only=False, acting_as=None, **rest):
        self._ask(kind, acting_as)
        self.asked.append((acting_as.user, metadata_only))
        return await super().get(kind, **rest)

    async def list(self, kind, *, namespace, label_selector, acting_as):
        self._ask(kind, acting_as)
        self.asked.append((acting_as.user, label_selector))
        return await super().list(kind)

    def _ask(self, kind, actor):
        if kind.plural not in self.allowed_to_see.get(actor.user.rpartition(":")[2], ()):
            self.asked.append((actor.user, None))
            raise Forbidden("no", code=403)


class TestProvider:
    """Whose eyes see the Secret."""

    CONTENT: ClassVar = {"metadata": {"namespace": "shop", "generation": 1}, "spec": a_provider(auth=API_KEY)["spec"]}

    @pytest.mark.parametrize(
        ("allowed", "there", "phase"),
        [
            ("ex", True, "Available"),
            ("ex", False, "Unavailable"),
            ("two", True, "Available"),
            ("nobody", True, "Pending"),
        ],
    )
    async def test_phase(self, allowed, there, phase):
        """Those of the first executor that may look, in the namespace of the provider; the operator itself never looks."""
        api = Executors(**{allowed: ("secrets",)})
        if there:
            api.put(SECRET, "openai-key")
        status = await ProviderLook(client=api, eyes=EYES)(self.CONTENT)
        assert status.phase == phase
        assert {user.rpartition(":")[0] for user, _ in api.asked} == {"system:serviceaccount:shop"}
        assert all(metadata_only in (True, None) for _, metadata_only in api.asked)

    async def test_trouble(self):
        """An API server that does not answer is no verdict."""
        api = Executors(ex=("secrets",))
        api.fail("get", SECRET, Unavailable("down"))
        with pytest.raises(Unavailable):
            await ProviderLook(client=api, eyes=EYES)(self.CONTENT)


class TestTool:
    """When a tool is asked."""

    def _look(self, calls):
        class Asking:
            async def probe(self, asked):
                calls.append(asked.host)
                return Answered(200, 5)

        return ToolLook(prober=Asking(), every=timedelta(minutes=5), now=lambda: NOW)

    def _content(self, base_url="https://api.example.com", **rest):
        return {"metadata": {"generation": 1}, "spec": {"connection": {"baseUrl": base_url}}, **rest}

    async def test_asked(self):
        """A tool outside is asked, and the status says what it answered."""
        calls = []
        assert (await self._look(calls)(self._content())).phase == "Available"
        assert calls == ["api.example.com"]

    async def test_not_asked(self):
        """What may not be asked, or was asked lately, is not."""
        calls = []
        assert (await self._look(calls)(self._content("https://10.0.0.1"))).phase == "Pending"
        lately = ToolStatus(observed_generation=1, last_probe_time="2030-01-01T11:59:00Z").wire()
        assert await self._look(calls)(self._content(status=lately)) is None
        assert calls == []


class TestAgent:
    """Deployment and pods are seen with the eyes of the namespace."""

    CONTENT: ClassVar = {"metadata": {"namespace": "shop", "name": "support", "generation": 1}}
    STARTING: ClassVar = {"spec": {"replicas": 1}, "status": {"observedGeneration": 1, "updatedReplicas": 1}}
    RUNNING: ClassVar = {
        "observedGeneration": 1,
        "updatedReplicas": 1,
        "availableReplicas": 1,
        "conditions": [{"type": "Available", "status": "True"}],
    }
    PULLING: ClassVar = {"name": "agent", "state": {"waiting": {"reason": "ImagePullBackOff"}}}

    def _api(self, *seen, **deployment):
        api = Executors(ex=seen)
        api.put(POD, "one", status={"containerStatuses": [self.PULLING]})
        if deployment:
            api.put(DEPLOYMENT, "agent-support", **deployment)
        return api

    async def _observed(self, api):
        status = await AgentLook(client=api, eyes=EYES)(self.CONTENT)
        return status.phase, status.reason

    async def test_starting(self):
        """The reason is that of a pod with the labels of the agent."""
        api = self._api("deployments", "pods", **self.STARTING)
        assert await self._observed(api) == ("Pending", "ImagePullBackOff")
        user = "system:serviceaccount:shop:ex"
        labels = "app.kubernetes.io/component=agent,app.kubernetes.io/name=support"
        assert api.asked == [(user, False), (user, labels)]

    async def test_running(self):
        """Nobody asks for the pods of what runs."""
        api = self._api("deployments", spec={"replicas": 1}, status=self.RUNNING)
        assert await self._observed(api) == ("Running", None)
        assert ("list", "pods") not in api.calls

    async def test_without_rights(self):
        """What the executors may not see is said."""
        assert await self._observed(self._api(**self.STARTING)) == ("Pending", "DeploymentHidden")
        assert await self._observed(self._api("deployments", **self.STARTING)) == ("Pending", "RollingOut")

    async def test_missing(self):
        """An agent without a Deployment runs nowhere."""
        assert await self._observed(self._api("deployments")) == ("Pending", "DeploymentMissing")


@pytest.mark.parametrize(
    ("policy", "account", "message"),
    [
        ("p", "agent-support", None),
        ("other", "agent-support", "there is no Policy p: create it"),
        ("p", "agent-other", "there is no service account agent-support: create it"),
    ],
)
async def test_binding(policy, account, message):
    """Policies are looked up in the cache, accounts with the operator's own right."""
    cache, api = Cache((POLICY, POLICY_BINDING)), FakeApi()
    cache[POLICY].upsert(api.put(POLICY, policy))
    api.put(SERVICE_ACCOUNT, account)
    spec = {"policyRef": {"name": "p"}, "subjects": [{"kind": "ServiceAccount", "name": "agent-support"}]}
    binding = {"metadata": {"namespace": "shop", "generation": 1}, "spec": spec}
    status = await BindingLook(client=api, cache=cache)(binding)
    assert (status.ready, status.message) == (message is None, message)
    assert api.asked_as == [None]
